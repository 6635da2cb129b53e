"""The register of findings (domain §2.8): one list of columns for page, Excel, CSV and the API's `sort`."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from findings.models import Finding
from findings.states import FindingState, Grade, Step
from lib.register import Column, Preset, Register


def _due(step: str) -> Any:
    """When the step's clock of this round is due; the rows come from `for_list`."""

    def due(finding: Any) -> datetime | None:
        found = [clock.due_at for clock in finding.clock_rows if clock.cycle == finding.cycle and clock.step == step]
        return found[0] if found else None

    return due


FINDINGS: Register[Finding] = Register(
    "findings",
    _("Findings"),
    (
        Column(
            key="number",
            card="head",
            label=_("Number"),
            value=lambda one: one.number,
            order="number",
            width=20,
            link=True,
            nowrap=True,
        ),
        Column(
            key="audit",
            label=_("Audit"),
            value=lambda one: one.audit.number,
            order="audit__number",
            width=16,
            on_page=False,
        ),
        Column(
            key="customer",
            card="foot",
            label=_("Customer"),
            value=lambda one: one.audit.customer,
            order="audit__customer__name",
            width=18,
        ),
        Column(key="site", card="foot", label=_("Site"), value=lambda one: one.site, order="site__name", width=20),
        Column(
            key="what",
            card="text",
            label=_("Problem"),
            value=lambda one: one.what,
            width=60,
            cell="findings/_cell_problem.html",
        ),
        Column(
            key="grade",
            card="head",
            label=_("Grade"),
            value=lambda one: one.get_grade_display(),
            order="grade",
            rank=Grade.values,
            width=10,
            badge=lambda one: one.grade,
        ),
        Column(
            key="category",
            label=_("5M1E"),
            value=lambda one: one.get_category_display(),
            order="category",
            width=10,
            on_page=False,
        ),
        Column(key="clause", label=_("Clause"), value=lambda one: one.clause, order="clause", width=10, on_page=False),
        Column(
            key="customer_number", label=_("Customer's number"), value=lambda one: one.customer_number, on_page=False
        ),
        Column(
            key="customer_due_on",
            label=_("Customer wants it closed by"),
            value=lambda one: one.customer_due_on,
            order="customer_due_on",
            on_page=False,
        ),
        Column(key="owner", card="foot", label=_("Issue owner"), value=lambda one: one.owner, order="owner__name"),
        Column(
            key="clocks",
            card="foot",
            label=_("Clocks"),
            value=lambda _one: "",
            cell="findings/_cell_clocks.html",
            in_file=False,
        ),
        Column(
            key="state",
            card="head",
            label=_("State"),
            value=lambda one: one.get_state_display(),
            order="state",
            rank=FindingState.values,
            width=16,
            badge=lambda one: one.state,
        ),
        Column(key="zone", label=_("Time zone"), value=lambda one: one.site.unit.zone().key, width=18, on_page=False),
        Column(
            key="issued_at",
            label=_("Issued (T0)"),
            value=lambda one: one.issued_at,
            order="issued_at",
            width=18,
            on_page=False,
        ),
        Column(key="contain_due", label=_("Containment"), value=_due(Step.CONTAIN), width=18, on_page=False),
        Column(key="analyse_due", label=_("Root cause"), value=_due(Step.ANALYSE), width=18, on_page=False),
        Column(key="close_due", label=_("Closure"), value=_due(Step.CLOSE), width=18, on_page=False),
        Column(
            key="closed_at",
            label=_("Closed"),
            value=lambda one: one.closed_at,
            order="closed_at",
            width=18,
            on_page=False,
        ),
        Column(
            key="customer_closed_at",
            label=_("Closed by the customer"),
            value=lambda one: one.customer_closed_at,
            order="customer_closed_at",
            width=18,
            on_page=False,
        ),
    ),
    zone=lambda one: one.site.unit.zone(),
    empty=_("No finding to show"),
    hint=_("Nothing matches. Reset the filter to see all you may see."),
    presets=(
        Preset(_("Everything"), ""),
        Preset(_("All open"), "state=open"),
        Preset(_("Mine, open"), "mine=true&state=open"),
        Preset(_("Overdue"), "overdue=true&state=open"),
        Preset(_("Waiting for review"), "review=true&state=open"),
        Preset(_("Drafts"), "state=draft"),
    ),
)

#: The columns of the board: the way of a finding, without what is over.
BOARD = (
    FindingState.DRAFT,
    FindingState.ISSUED,
    FindingState.CONTAINED,
    FindingState.ANALYSED,
    FindingState.IMPLEMENTED,
    FindingState.CLOSED,
    FindingState.CUSTOMER_CLOSED,
)
