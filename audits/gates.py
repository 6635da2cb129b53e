"""What must be true before a move, one sentence per missing thing, each with the place where it is put right.

Floors above add their own: `findings` registers that no finding may be open when an audit is closed.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from audits.models import Audit
from audits.states import AuditState
from workflow.errors import Missing

Gate = Callable[[Audit], list[str]]
CLOSE_GATES: list[Gate] = []
BEGIN_CLOSURE_GATES: list[Gate] = []
#: Clocks of people differ by this much without anybody having mistaken the order of things.
SLACK = timedelta(minutes=1)


def _form(audit: Audit, move: str, field: str) -> str:
    return f"{audit.get_absolute_url()}moves/{move}/#id_{field}"


def requirement(audit: Audit) -> list[str]:
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


def notice(audit: Audit) -> list[str]:
    """A9: team and requirement may come in either order, but both before the notice; on the day only a sudden audit's."""
    found: list[str] = []
    if not audit.lead_escort_id:
        found.append(Missing(_("Name the lead escort and the team first."), _form(audit, "change_team", "lead_escort")))
    if audit.state in {AuditState.ON_SITE, AuditState.CLOSING_HELD} and not audit.sudden:
        found.append(_("The audit has begun: only a sudden one sends its notice now."))
    return found


def sudden(audit: Audit) -> list[str]:
    return [] if audit.sudden else [_("Only a sudden audit may start before its notice. Send the notice first.")]


def closing(audit: Audit) -> list[str]:
    """What the floors above say is still open; asked again before the archive, for a finding may have been reopened."""
    return [sentence for gate in CLOSE_GATES for sentence in gate(audit)]


def begin_closure(audit: Audit) -> list[str]:
    """A sudden audit has to be back-filled by now (A33)."""
    return requirement(audit) + [sentence for gate in BEGIN_CLOSURE_GATES for sentence in gate(audit)]


GATES: dict[str, Gate] = {
    "confirm": requirement,
    "send_notice": notice,
    "start_sudden": sudden,
    "begin_closure": begin_closure,
    "close": closing,
    "review": closing,
    "archive": closing,
}


def revising(audit: Audit, facts: Mapping[str, Any]) -> list[str]:
    """Dates, mode and "sudden" have a move of their own: a change of them needs a reason and tells everyone."""
    fields = facts.get("fields", {})
    changed = [
        name
        for name in ("planned_start", "planned_end", "mode", "sudden")
        if name in fields and fields[name] != getattr(audit, name)
    ]
    if not changed:
        return []
    said = _("Dates, mode and “sudden” are changed by themselves, with a reason.")
    return [Missing(said, _form(audit, "reschedule", changed[0]))]


def in_order(audit: Audit, move: str, at: datetime) -> list[str]:
    """Things happened one after the other: not before the request, the closing meeting not before the opening one."""
    if move in {"start", "start_sudden"} and at < audit.received_at - SLACK:
        return [_("It cannot have begun before the request came in.")]
    if move == "hold_closing" and audit.actual_start and at < audit.actual_start:
        return [_("The closing meeting cannot lie before the opening of the audit.")]
    return []


def missing(audit: Audit, move: str, facts: Mapping[str, Any], at: datetime) -> list[str]:
    found = in_order(audit, move, at)
    if move == "revise":
        found += revising(audit, facts)
    return found + (GATES[move](audit) if move in GATES else [])
