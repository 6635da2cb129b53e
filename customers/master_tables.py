"""Customers and kinds of audit as pages of master data."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from customers.models import AuditKind, Customer
from lib.fields import form_field
from lib.register import Column, Register
from masterdata.columns import CODE, NAME, NAME_EN, RETIRED
from masterdata.forms import RowForm
from masterdata.registry import Table, register

KEEPERS = "people.keep_master_data"


class CustomerForm(RowForm[Customer]):
    class Meta:
        model = Customer
        fields = ["code", "name", "name_en", "reception", "contain_hours", "analyse_hours", "close_days"]
        formfield_callback = form_field

    def prepare(self) -> None:
        """Only a customer entered in a hurry still gets its true code."""
        if self.instance.to_check:
            self.fields["code"].disabled = False

    def save(self, commit: bool = True) -> Any:
        """Looked at by whoever keeps the master data: no longer to be checked."""
        self.instance.to_check = False
        return super().save(commit)


class KindForm(RowForm[AuditKind]):
    class Meta:
        model = AuditKind
        fields = ["code", "name", "name_en"]
        formfield_callback = form_field


def _times(customer: Customer) -> str:
    hours = (customer.contain_hours, customer.analyse_hours)
    said = [str(_("%(hours)s h") % {"hours": n}) for n in hours if n]
    return " · ".join([*said, *([str(_("%(n)s days") % {"n": customer.close_days})] if customer.close_days else [])])


CUSTOMERS: Register[Customer] = Register(
    "customers",
    _("Customers"),
    (
        CODE,
        NAME,
        NAME_EN,
        Column(key="reception", label=_("Reception level"), value=lambda row: row.reception, order="reception"),
        Column(key="times", label=_("Own times"), value=_times, card="foot"),
        Column(
            key="to_check",
            label=_("State"),
            value=lambda row: row.to_check,
            order="to_check",
            cell="settings/_cell_to_check.html",
            card="head",
        ),
        RETIRED,
    ),
    order=("code", "id"),
    empty=_("Nothing here yet"),
    hint=_("Enter the customers whose audits are logged here; market staff may enter a new one with a request."),
)
KINDS: Register[AuditKind] = Register(
    "kinds",
    _("Kinds of audit"),
    (CODE, NAME, NAME_EN, RETIRED),
    order=("code", "id"),
    empty=_("Nothing here yet"),
    hint=_(
        "System, process, product, new project: a request names its kind, and the matrix leads each kind to a department."
    ),
)

register(
    Table(
        register=CUSTOMERS,
        model=Customer,
        rows=lambda: Customer.objects.select_related("entered_by"),
        form=CustomerForm,
        new=_("New customer"),
        permission=KEEPERS,
        merges=("audit", "matrixrow"),
    )
)
register(
    Table(
        register=KINDS,
        model=AuditKind,
        rows=lambda: AuditKind.objects.all(),
        form=KindForm,
        new=_("New kind of audit"),
        permission=KEEPERS,
        merges=("audit", "matrixrow"),
    )
)
