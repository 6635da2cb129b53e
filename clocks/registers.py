"""The lists of clocks, as one list of columns."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from clocks import kinds
from clocks.models import Deadline
from lib.moment import zone_of
from lib.register import Column, Register


def _of(name: str) -> Any:
    """What the clock's record says, where it is a finding or stands beside one."""
    return lambda row: getattr(row.subject, name, "")


CLOCKS: Register[Deadline] = Register(
    "clocks",
    _("Clocks"),
    (
        Column(
            key="due_at",
            label=_("Time"),
            value=lambda row: row.due_at,
            order="due_at",
            width=18,
            cell="closure/_cell_time.html",
        ),
        Column(
            key="number",
            label=_("Finding"),
            value=_of("number"),
            width=20,
            cell="closure/_cell_subject.html",
        ),
        Column(key="what", label=_("Problem"), value=_of("what"), width=60, on_page=False),
        Column(key="step", label=_("Step"), value=lambda row: kinds.label(row.step), order="step", width=24),
        Column(key="customer", label=_("Customer"), value=lambda row: _of("audit")(row).customer, width=18),
        Column(key="site", label=_("Site"), value=_of("site"), width=20),
        Column(key="owes", label=_("Who owes it"), value=lambda row: row.owes, order="owes__name"),
        Column(key="zone", label=_("Time zone"), value=lambda row: row.zone, width=18, on_page=False),
        Column(
            key="started_at",
            label=_("Started"),
            value=lambda row: row.started_at,
            order="started_at",
            width=18,
            on_page=False,
        ),
    ),
    order=("due_at", "id"),
    zone=lambda row: zone_of(row.zone),
    empty=_("None."),
)
