"""What must be true before a move, one sentence per missing thing.

Floors above add their own: `findings` registers that no finding may be open when an audit is closed.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from audits.models import Audit

Gate = Callable[[Audit], list[str]]
CLOSE_GATES: list[Gate] = []
BEGIN_CLOSURE_GATES: list[Gate] = []


def requirement(audit: Audit) -> list[str]:
    """What the request form still lacks before it can be confirmed (domain §2.1)."""
    wanted: list[tuple[Any, str]] = [
        (audit.customer_id, _("the customer")),
        (audit.kind_id, _("the kind of audit")),
        (audit.planned_start and audit.planned_end, _("the dates")),
        (audit.agenda, _("the audit schedule")),
        (audit.scope, _("the audit scope")),
        (audit.headcount, _("the number of auditors")),
        (audit.places.exists(), _("the audited sites")),
        (audit.checklist, _("the checklist, or that the customer gave none")),
    ]
    return [_("Fill in %(what)s first.") % {"what": name} for value, name in wanted if not value]


def notice(audit: Audit) -> list[str]:
    """A9: team and requirement may come in either order, but both before the notice."""
    return [] if audit.lead_escort_id else [_("Name the lead escort and the team first.")]


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


def missing(audit: Audit, move: str, facts: Mapping[str, Any]) -> list[str]:
    return GATES[move](audit) if move in GATES else []
