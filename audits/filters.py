"""How a list of audits is narrowed; the same for the page and the API."""

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from audits.models import Audit, AuditKind, Customer
from audits.states import AuditState
from people.models import Site
from workflow.filters import YesFilter
from workflow.forms import DateInput


class AuditFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label=_("Search"))
    state = filters.ChoiceFilter(choices=AuditState.choices, label=_("State"))
    customer = filters.ModelChoiceFilter(queryset=Customer.objects.all(), label=_("Customer"))
    kind = filters.ModelChoiceFilter(queryset=AuditKind.objects.all(), label=_("Kind of audit"))
    site = filters.ModelChoiceFilter(queryset=Site.objects.all(), field_name="places__site", label=_("Site"))
    sudden = YesFilter(label=_("Sudden"))
    planned_from = filters.DateFilter(
        field_name="planned_start", lookup_expr="gte", label=_("Planned from"), widget=DateInput
    )
    planned_to = filters.DateFilter(
        field_name="planned_start", lookup_expr="lte", label=_("Planned to"), widget=DateInput
    )

    class Meta:
        model = Audit
        fields: list[str] = []

    def search(self, rows: QuerySet[Audit], name: str, value: str) -> QuerySet[Audit]:
        return rows.filter(_matching(value.strip()[:100]))


def _matching(text: str) -> Q:
    found = Q()
    for field in ("number", "customer__name", "customer__name_en", "customer_name", "scope", "product"):
        found |= Q(**{f"{field}__icontains": text})
    return found


def narrow(data: Any, rows: QuerySet[Audit]) -> tuple[AuditFilter, QuerySet[Audit]]:
    """The filter and the rows it leaves; a value that makes no sense is named on the form and narrows nothing."""
    chosen = AuditFilter(data, queryset=rows)
    return chosen, chosen.qs
