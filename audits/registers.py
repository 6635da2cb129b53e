"""The registers of audits: all of them, and plan and actual of a month (domain §2.3)."""

from django.utils.translation import gettext_lazy as _

from audits.models import Audit
from audits.plan import Row
from audits.states import AuditState
from lib.register import Column, Preset, Register


def _sites(audit: Audit) -> str:
    return "、".join(str(place.site) for place in audit.places.all())


AUDITS: Register[Audit] = Register(
    "audits",
    _("Audits"),
    (
        Column(
            key="number",
            card="head",
            label=_("Number"),
            value=lambda one: one.number,
            order="number",
            width=16,
            cell="audits/_cell_number.html",
            nowrap=True,
        ),
        Column(key="sudden", label=_("Sudden"), value=lambda one: one.sudden, width=8, on_page=False),
        Column(
            key="customer",
            card="text",
            label=_("Customer"),
            value=lambda one: one.customer_label,
            order="customer__name",
            otherwise="customer_name",
            width=18,
        ),
        Column(
            key="kind", card="foot", label=_("Kind of audit"), value=lambda one: one.kind, order="kind__name", width=18
        ),
        Column(key="sites", card="foot", label=_("Sites"), value=_sites, width=40),
        Column(
            key="planned",
            card="foot",
            label=_("Planned"),
            value=lambda one: one.planned_start,
            order="planned_start",
            cell="audits/_cell_planned.html",
            nowrap=True,
        ),
        Column(
            key="planned_to",
            label=_("Planned to"),
            value=lambda one: one.planned_end,
            order="planned_end",
            on_page=False,
        ),
        Column(key="leader", card="foot", label=_("Leader"), value=lambda one: one.leader, order="leader__name"),
        Column(
            key="lead_escort",
            card="foot",
            label=_("Lead escort"),
            value=lambda one: one.lead_escort,
            order="lead_escort__name",
        ),
        Column(
            key="state",
            card="head",
            label=_("State"),
            value=lambda one: one.get_state_display(),
            order="state",
            rank=AuditState.values,
            badge=lambda one: one.state,
        ),
        Column(
            key="result", label=_("Result"), value=lambda one: one.get_result_display(), order="result", on_page=False
        ),
        Column(key="score", label=_("Score / grade"), value=lambda one: one.score, on_page=False),
        Column(
            key="created_at",
            label=_("Entered"),
            value=lambda one: one.created_at,
            order="created_at",
            width=18,
            on_page=False,
        ),
    ),
    empty=_("No audit to show"),
    hint=_("Nothing matches, or you take part in none yet. Reset the filter to see all you may see."),
    presets=(
        Preset(_("Everything"), ""),
        Preset(_("Coming up"), "state=drafted&state=leader_appointed&state=team_named&state=confirmed&state=notified"),
        Preset(_("Under way"), "state=on_site&state=closing_held"),
        Preset(_("In closure"), "state=in_closure"),
        Preset(_("Leads"), "state=lead"),
    ),
)

PLAN: Register[Row] = Register(
    "plan",
    _("Plan and actual"),
    (
        Column(
            key="number",
            label=_("Number"),
            value=lambda row: row.audit.number,
            width=16,
            cell="audits/_cell_plan_number.html",
            nowrap=True,
        ),
        Column(key="sudden", label=_("Sudden"), value=lambda row: row.audit.sudden, width=8, on_page=False),
        Column(key="customer", label=_("Customer"), value=lambda row: row.audit.customer_label, width=18),
        Column(key="kind", label=_("Kind of audit"), value=lambda row: row.audit.kind, width=18),
        Column(key="sites", label=_("Sites"), value=lambda row: _sites(row.audit), width=40),
        Column(key="first_planned", label=_("First planned"), value=lambda row: row.planned, nowrap=True),
        Column(
            key="planned",
            label=_("Planned"),
            value=lambda row: row.now_planned,
            cell="audits/_cell_plan_planned.html",
            nowrap=True,
        ),
        Column(key="planned_to", label=_("Planned to"), value=lambda row: row.audit.planned_end, on_page=False),
        Column(
            key="actual",
            label=_("Actual"),
            value=lambda row: row.actual,
            cell="audits/_cell_plan_actual.html",
            nowrap=True,
        ),
        Column(key="until", label=_("Actual end"), value=lambda row: row.actual_end, on_page=False),
        Column(
            key="deviation",
            label=_("Deviation"),
            value=lambda row: row.deviation,
            width=10,
            cell="audits/_cell_plan_deviation.html",
        ),
        Column(
            key="reason",
            label=_("Reason for the deviation"),
            value=lambda row: row.audit.get_deviation_display(),
            width=20,
            on_page=False,
        ),
        Column(key="leader", label=_("Leader"), value=lambda row: row.audit.leader),
        Column(key="lead_escort", label=_("Lead escort"), value=lambda row: row.audit.lead_escort),
        Column(
            key="state",
            label=_("State"),
            value=lambda row: row.audit.get_state_display(),
            badge=lambda row: row.audit.state,
        ),
        Column(key="result", label=_("Result"), value=lambda row: row.audit.get_result_display(), on_page=False),
    ),
    empty=_("Nothing planned or held in this month"),
)
