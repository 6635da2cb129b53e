"""How a list of audits is narrowed; the same for the page and the API."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from audits.models import Audit
from audits.records import AuditPlace
from audits.states import AuditState
from customers.models import AuditKind, Customer
from lib.filters import DateFilter, FilterSet, ManyFilter, RowsFilter, TextFilter, YesFilter
from people.models import Site
from search.query import found_by


class AuditFilter(FilterSet):
    q = TextFilter(method="search", label=_("Search"))
    state = ManyFilter(choices=AuditState.choices, label=_("State"))
    customer = RowsFilter(queryset=Customer.objects.filter(merged_into=None), label=_("Customer"))
    kind = RowsFilter(queryset=AuditKind.objects.all(), label=_("Kind of audit"))
    site = RowsFilter(queryset=Site.objects.all(), method="at_sites", label=_("Site"))
    sudden = YesFilter(label=_("Sudden"))
    planned_from = DateFilter(method="not_over", label=_("Planned from"))
    planned_to = DateFilter(method="begun", label=_("Planned to"))

    class Meta:
        model = Audit
        fields: list[str] = []

    def search(self, rows: QuerySet[Audit], name: str, value: str) -> QuerySet[Audit]:
        """By the index: numbers, customers, people, places, words of the request, names of files."""
        return found_by(rows, "audit", value)

    def at_sites(self, rows: QuerySet[Audit], name: str, value: Any) -> QuerySet[Audit]:
        """At one of the sites; an audit of two of them is one row."""
        return rows.filter(pk__in=AuditPlace.objects.filter(site__in=value).values("audit")) if value else rows

    def not_over(self, rows: QuerySet[Audit], name: str, value: date) -> QuerySet[Audit]:
        """Audits over the turn of the year or month belong to both sides."""
        return rows.filter(planned_end__gte=value)

    def begun(self, rows: QuerySet[Audit], name: str, value: date) -> QuerySet[Audit]:
        return rows.filter(planned_start__lte=value)


def narrow(data: Any, rows: QuerySet[Audit]) -> tuple[AuditFilter, QuerySet[Audit]]:
    """The filter and the rows it leaves; a value that makes no sense is named on the form and narrows nothing."""
    chosen = AuditFilter(data, queryset=rows)
    return chosen, chosen.qs
