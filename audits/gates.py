"""What must be true before a move, one sentence per missing thing, each with the place where it is put right.

Floors above add their own: `findings` registers that no finding may be open when an audit is closed.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from audits.facts import Requirement
from audits.models import Audit
from audits.states import AuditState
from workflow.errors import Missing

#: Where a gate reads no fact in particular.
Facts = Mapping[str, Any]
CLOSE_GATES: list[Callable[[Audit], list[str]]] = []
BEGIN_CLOSURE_GATES: list[Callable[[Audit], list[str]]] = []
#: Clocks of people differ by this much without anybody having mistaken the order of things.
SLACK = timedelta(minutes=1)


def _form(audit: Audit, move: str, field: str) -> str:
    return f"{audit.get_absolute_url()}moves/{move}/#id_{field}"


def requirement(audit: Audit, facts: Facts, at: datetime) -> list[str]:
    """What the request form still lacks before it can be confirmed (domain §2.1)."""
    wanted: list[tuple[Any, str, str, str]] = [
        (audit.customer_id, _("the customer"), "revise", "customer"),
        (audit.kind_id, _("the kind of audit"), "revise", "kind"),
        (audit.planned_start and audit.planned_end, _("the dates"), "reschedule", "planned_start"),
        (audit.agenda, _("the audit schedule"), "revise", "agenda"),
        (audit.scope, _("the audit scope"), "revise", "scope"),
        (audit.headcount, _("the number of auditors"), "revise", "headcount"),
        (audit.places.exists(), _("the audited sites"), "revise", "sites"),
        (audit.checklist, _("the checklist, or that the customer gave none"), "revise", "checklist"),
    ]
    return [
        Missing(_("Fill in %(what)s first.") % {"what": name}, _form(audit, move, field))
        for value, name, move, field in wanted
        if not value
    ]


def notice(audit: Audit, facts: Facts, at: datetime) -> list[str]:
    """A9: team and requirement may come in either order, but both before the notice; on the day only a sudden audit's."""
    found: list[str] = []
    if not audit.lead_escort_id:
        found.append(Missing(_("Name the lead escort and the team first."), _form(audit, "change_team", "lead_escort")))
    if audit.state in {AuditState.ON_SITE, AuditState.CLOSING_HELD} and not audit.sudden:
        found.append(_("The audit has begun: only a sudden one sends its notice now."))
    return found


def sudden(audit: Audit, facts: Facts, at: datetime) -> list[str]:
    return [] if audit.sudden else [_("Only a sudden audit may start before its notice. Send the notice first.")]


def closing(audit: Audit, facts: Facts, at: datetime) -> list[str]:
    """What the floors above say is still open; asked again before the archive, for a finding may have been reopened."""
    return [sentence for gate in CLOSE_GATES for sentence in gate(audit)]


def begin_closure(audit: Audit, facts: Facts, at: datetime) -> list[str]:
    """A sudden audit has to be back-filled by now (A33)."""
    return requirement(audit, facts, at) + [sentence for gate in BEGIN_CLOSURE_GATES for sentence in gate(audit)]


def revising(audit: Audit, facts: Requirement, at: datetime) -> list[str]:
    """Dates, mode and "sudden" have a move of their own: a change of them needs a reason and tells everyone."""
    fields = facts["fields"]
    changed = [
        name
        for name in ("planned_start", "planned_end", "mode", "sudden")
        if name in fields and fields[name] != getattr(audit, name)
    ]
    if not changed:
        return []
    said = _("Dates, mode and “sudden” are changed by themselves, with a reason.")
    return [Missing(said, _form(audit, "reschedule", changed[0]))]


def begun_after_the_request(audit: Audit, facts: Facts, at: datetime) -> list[str]:
    """Things happened one after the other: an audit begins after its request came in."""
    if at < audit.received_at - SLACK:
        return [_("It cannot have begun before the request came in.")]
    return []


def closed_after_the_opening(audit: Audit, facts: Facts, at: datetime) -> list[str]:
    if audit.actual_start and at < audit.actual_start:
        return [_("The closing meeting cannot lie before the opening of the audit.")]
    return []
