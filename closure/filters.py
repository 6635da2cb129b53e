"""How the ledger is narrowed; the same for the page and the API."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from closure.models import LedgerEntry
from lib.filters import FilterSet, ManyFilter, RowsFilter, TextFilter
from people.models import Unit


class LedgerFilter(FilterSet):
    q = TextFilter(field_name="person__name", lookup_expr="icontains", label=_("Person"))
    rule = ManyFilter(choices=LedgerEntry.Rule.choices, label=_("Rule"))
    unit = RowsFilter(queryset=Unit.objects.all(), label=_("Unit"))
    month = TextFilter(field_name="month", label=_("Month"))

    class Meta:
        model = LedgerEntry
        fields: list[str] = []


def narrow(data: Any, rows: QuerySet[LedgerEntry]) -> tuple[LedgerFilter, QuerySet[LedgerEntry]]:
    chosen = LedgerFilter(data, queryset=rows)
    return chosen, chosen.qs
