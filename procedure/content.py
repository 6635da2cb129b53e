"""The procedure itself: activities, duties and terms, as pages and programs show them.

Chapter and verse: activities 1-01 … 1-04 bear the procedure's own codes; where it is silent, the code is ours and `stated` is
False. Times are the usual ones; what counts is the policy in force.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Activity:
    """One activity: who does it, what comes of it, by when, and where in the product (the name of an address)."""

    code: str
    #: Whether the procedure says so; otherwise it is reconstructed.
    stated: bool
    #: Keys of `DUTIES`.
    roles: tuple[str, ...]
    place: str
    name: Promise
    does: Promise
    product: Promise
    clock: Promise


@dataclass(frozen=True)
class Duty:
    """A role and what it has to do, in the procedure's own order."""

    key: str
    role: Promise
    duties: tuple[Promise, ...]


@dataclass(frozen=True)
class Term:
    """A word of the field and what it means."""

    word: Promise
    meaning: Promise


STAGES: tuple[tuple[str, Promise], ...] = (
    ("1", _("Before the audit")),
    ("2", _("On site")),
    ("3", _("Closing each finding")),
    ("4", _("Review, reports, accountability")),
)

DUTIES: tuple[Duty, ...] = (
    Duty(
        "market",
        _("Market staff"),
        (
            _("Communicate and confirm the requirement with the customer."),
            _("Appoint the Leader by the matrix and pass the requirement on."),
            _("Coordinate exceptions during the audit."),
            _("Watch the whole service."),
        ),
    ),
    Duty(
        "contact", _("Non-market customer contact"), (_("Receive the customer's request and pass it to market staff."),)
    ),
    Duty(
        "leader",
        _("Leader"),
        (
            _("Keep the plan in advance."),
            _("Appoint lead escort and team."),
            _("Watch the execution and answer for the result."),
            _("Review findings; escalate high risk."),
            _("Publish the summaries."),
            _("Issue the monthly accountability."),
        ),
    ),
    Duty(
        "escort",
        _("Lead escort"),
        (
            _("Issue the notice and prepare."),
            _("Hold opening and closing meeting."),
            _("Escort, confirm findings and issue them."),
            _("Coordinate exceptions on site."),
            _("Keep the customer informed until closed."),
            _("Hold the retrospective of each audit."),
            _("Contribute to the summaries."),
        ),
    ),
    Duty(
        "team",
        _("Support team"),
        (
            _("Take part in the preparation."),
            _("Help on site: notes and contact."),
        ),
    ),
    Duty(
        "site",
        _("Audited-area contact"),
        (
            _("Inspect the site beforehand and register what was found."),
            _("Escort at the own place; provide what the customer asks for."),
        ),
    ),
    Duty(
        "owner",
        _("Issue owner"),
        (
            _("Where it is found it is owned: coordinate analysis, countermeasures and implementation."),
            _("Keep to 2485, except where investment or building works are needed."),
        ),
    ),
    Duty(
        "closure",
        _("Closure manager"),
        (
            _("Chase cause and countermeasures."),
            _("Review what was done and sum it up."),
            _("Keep the blacklist ledger."),
            _("Publish the bulletin and report to the lead escort."),
            _("Take part in audits and summaries."),
        ),
    ),
    Duty(
        "office",
        _("Management-system office"),
        (_("Keep master data and appointments; carry findings over to other sites."),),
    ),
    Duty(
        "top",
        _("Top management"),
        (_("Decide on high risk, on exemptions for investment and relocation, and on appeals."),),
    ),
)
TERMS: tuple[Term, ...] = (
    Term(
        _("Maintenance network"),
        _(
            "People nominated by group, branch, factory and department and appointed by a formal letter; they lead the health of their unit's system."
        ),
    ),
    Term(
        _("2485"),
        _("Containment within 24 h, root cause and permanent countermeasures within 48 h, closed within 5 days."),
    ),
    Term(
        _("Three realities"),
        _(
            "The actual place, the actual object, the actual facts: go there, confirm the object, find the cause from facts and data."
        ),
    ),
    Term(_("5M1E"), _("Man, machine, material, method, measurement, environment.")),
    Term(_("5W2H"), _("What, how, why, when, where, who, how much: a problem described so that nobody has to ask.")),
    Term(
        _("Three-legged 5-why"),
        _(
            "Why did it happen (making), why was it not found (inspection), why did the system not prevent it (system): five or more whys in each."
        ),
    ),
    Term(
        _("Checklist"),
        _(
            "A predefined form derived from a process and its requirements; it may carry expected results; it helps, it does not limit."
        ),
    ),
    Term(_("T0"), _("The moment the lead escort issues the finding: all its clocks count from there.")),
)
