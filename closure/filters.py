"""How the ledger is narrowed; the same for the page and the API."""

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from closure.models import LedgerEntry
from lib.filters import FilterSet, RowFilter, TextFilter
from people.models import Unit


class LedgerFilter(FilterSet):
    q = TextFilter(field_name="person__name", lookup_expr="icontains", label=_("Person"))
    rule = filters.ChoiceFilter(choices=LedgerEntry.Rule.choices, label=_("Rule"))
    unit = RowFilter(queryset=Unit.objects.all(), label=_("Unit"))
    month = TextFilter(field_name="month", label=_("Month"))

    class Meta:
        model = LedgerEntry
        fields: list[str] = []


def narrow(data: Any, rows: QuerySet[LedgerEntry]) -> tuple[LedgerFilter, QuerySet[LedgerEntry]]:
    chosen = LedgerFilter(data, queryset=rows)
    return chosen, chosen.qs
