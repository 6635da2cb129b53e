"""The master data an audit is planned from: customers, kinds of audit, the lead-department matrix."""

from typing import Any, cast

from django import forms
from django.db.models import Field

from audits.models import MatrixRow
from customers.models import AuditKind, Customer
from lib.fields import RowField, form_field
from people.models import StandingRole, Unit, User


class CustomerForm(forms.ModelForm[Customer]):
    class Meta:
        model = Customer
        fields = ["code", "name", "name_en", "reception", "contain_hours", "analyse_hours", "close_days"]
        formfield_callback = form_field

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Trails and programs know the customer by it; only one entered in a hurry still gets its true code.
        self.fields["code"].disabled = bool(self.instance.pk) and not self.instance.to_check

    def save(self, commit: bool = True) -> Customer:
        """Looked at by whoever keeps the master data: no longer to be checked."""
        self.instance.to_check = False
        return super().save(commit)


class KindForm(forms.ModelForm[AuditKind]):
    class Meta:
        model = AuditKind
        fields = ["code", "name", "name_en"]
        formfield_callback = form_field

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].disabled = bool(self.instance.pk)


class MatrixForm(forms.ModelForm[MatrixRow]):
    """One row of 《客户稽查项目与主导部门对应一览表》; empty kind or customer means any."""

    class Meta:
        model = MatrixRow
        fields = ["kind", "customer", "lead_unit", "leader_post", "leader", "deputy", "order", "valid_from"]
        formfield_callback = form_field

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        leaders = User.objects.holding(StandingRole.Role.LEADER).select_related("unit")
        for name, queryset, code in (
            ("kind", AuditKind.objects.all(), "code"),
            ("customer", Customer.objects.all(), "code"),
            ("lead_unit", Unit.objects.all(), "code"),
            ("leader", leaders, "username"),
            ("deputy", leaders, "username"),
        ):
            column = cast("Field[Any, Any]", MatrixRow._meta.get_field(name))
            self.fields[name] = RowField(
                queryset,
                code=code,
                label=column.verbose_name,
                required=not column.blank,
            )
