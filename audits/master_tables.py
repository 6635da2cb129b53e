"""The lead-department matrix as a page of master data: 《客户稽查项目与主导部门对应一览表》."""

from django.utils.translation import gettext_lazy as _

from audits.models import MatrixRow
from customers.models import AuditKind, Customer
from lib.fields import form_field
from lib.register import Column, Register
from masterdata.forms import RowForm
from masterdata.registry import Table, register
from people.master_forms import or_as_it_is, pick
from people.models import StandingRole, Unit, User


class MatrixForm(RowForm[MatrixRow]):
    """One row; empty kind or customer means any."""

    class Meta:
        model = MatrixRow
        fields = ["kind", "customer", "lead_unit", "leader_post", "leader", "deputy", "order", "valid_from"]
        formfield_callback = form_field

    def prepare(self) -> None:
        row = self.instance
        leaders = User.objects.holding(StandingRole.Role.LEADER)
        pick(
            self,
            kind=AuditKind.objects.in_use(row.kind_id),
            customer=Customer.objects.in_use(row.customer_id),
            lead_unit=Unit.objects.in_use(row.lead_unit_id),
            leader=or_as_it_is(leaders, row.leader_id),
            deputy=or_as_it_is(leaders, row.deputy_id),
        )


MATRIX: Register[MatrixRow] = Register(
    "matrix",
    _("Lead-department matrix"),
    (
        Column(
            key="kind",
            label=_("Kind of audit"),
            value=lambda row: row.kind or _("Any kind"),
            order="kind__name",
            cell="settings/_cell_matrix.html",
            width=24,
            card="head",
        ),
        Column(
            key="customer",
            label=_("Customer"),
            value=lambda row: row.customer or _("any customer"),
            order="customer__name",
            card="text",
        ),
        Column(
            key="lead_unit", label=_("Leading department"), value=lambda row: row.lead_unit, order="lead_unit__name"
        ),
        Column(key="leader", label=_("Leader"), value=lambda row: row.leader, order="leader__name", card="foot"),
        Column(key="leader_post", label=_("Leader's post"), value=lambda row: row.leader_post),
        Column(key="deputy", label=_("Deputy"), value=lambda row: row.deputy or "", order="deputy__name"),
        Column(key="order", label=_("Order"), value=lambda row: row.order, order="order"),
        Column(key="valid_from", label=_("Valid from"), value=lambda row: row.valid_from, order="valid_from"),
    ),
    order=("order", "id"),
    empty=_("No row yet"),
    hint=_("Each row leads a kind of audit, of one customer or of any, to a department and its Leader."),
)

register(
    Table(
        register=MATRIX,
        model=MatrixRow,
        rows=lambda: MatrixRow.objects.select_related("kind", "customer", "lead_unit", "leader", "deputy"),
        form=MatrixForm,
        new=_("New row of the matrix"),
        permission="people.keep_master_data",
        code="pk",
        search=("kind__name", "customer__name", "leader__name", "lead_unit__name", "leader_post"),
        retires=False,
        in_use=(),
    )
)
