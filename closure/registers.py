"""The blacklist ledger (domain §2.9) as one list of columns."""

from django.utils.translation import gettext_lazy as _

from closure.models import LedgerEntry
from lib.register import Column, Register

LEDGER: Register[LedgerEntry] = Register(
    "ledger",
    _("Blacklist ledger"),
    (
        Column(
            key="number",
            label=_("Ledger number"),
            value=lambda one: one.number,
            order="number",
            width=30,
            on_page=False,
        ),
        Column(key="person", label=_("Person"), value=lambda one: one.person, order="person__name"),
        Column(key="unit", label=_("Unit"), value=lambda one: one.unit, order="unit__name", width=20),
        Column(
            key="finding",
            label=_("Finding"),
            value=lambda one: one.finding.number,
            order="finding__number",
            width=20,
            cell="closure/_cell_finding.html",
        ),
        Column(
            key="customer",
            label=_("Customer"),
            value=lambda one: one.finding.audit.customer_label,
            order="finding__audit__customer__name",
            width=18,
            on_page=False,
        ),
        Column(
            key="rule",
            label=_("Rule"),
            value=lambda one: one.get_rule_display(),
            order="rule",
            rank=LedgerEntry.Rule.values,
            width=24,
            badge=lambda _one: "late",
        ),
        Column(key="month", label=_("Month"), value=lambda one: one.month, order="month", width=10),
        Column(key="zone", label=_("Time zone"), value=lambda one: one.unit.zone().key, width=18, on_page=False),
        Column(
            key="breached_at",
            label=_("Breached"),
            value=lambda one: one.breached_at,
            order="breached_at",
            width=18,
            nowrap=True,
        ),
        Column(
            key="recorded_at",
            label=_("Recorded"),
            value=lambda one: one.recorded_at,
            order="recorded_at",
            width=18,
            on_page=False,
        ),
        Column(key="trace", label=_("Trace"), value=lambda _one: "", cell="closure/_cell_trace.html", in_file=False),
    ),
    order=("-breached_at", "-id"),
    zone=lambda one: one.unit.zone(),
    empty=_("No entry to show"),
    hint=_("Either nothing was late, or the entries are not yours to see."),
)
