"""How a list of findings is narrowed; the same for the page and the API."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from findings.models import Finding
from findings.states import OPEN, Category, FindingState, Grade, Source
from lib import moment
from lib.filters import FilterSet, ManyFilter, RowsFilter, TextFilter, YesFilter
from people.models import Site, User
from search.query import found_by

STATES = [("open", _("All open")), *FindingState.choices]


class FindingFilter(FilterSet):
    q = TextFilter(method="search", label=_("Search"))
    state = ManyFilter(choices=STATES, method="in_state", label=_("State"))
    grade = ManyFilter(choices=Grade.choices, label=_("Grade"))
    customer = RowsFilter(
        queryset=Customer.objects.filter(merged_into=None), field_name="audit__customer", label=_("Customer")
    )
    site = RowsFilter(queryset=Site.objects.all(), label=_("Site"))
    category = ManyFilter(choices=Category.choices, label=_("5M1E"))
    source = ManyFilter(choices=Source.choices, label=_("Source"))
    overdue = YesFilter(method="late", label=_("Overdue"))
    due_soon = YesFilter(method="soon", label=_("Due within 24 h"))
    review = YesFilter(method="waiting", label=_("Waiting for review"))
    owner = TextFilter(method="owned_by", label=_("Issue owner"))
    repeat = YesFilter(field_name="repeat_of", lookup_expr="isnull", exclude=True, label=_("Repeat"))
    mine = YesFilter(method="own", label=_("Mine"))

    class Meta:
        model = Finding
        fields: list[str] = []

    def search(self, rows: QuerySet[Finding], name: str, value: str) -> QuerySet[Finding]:
        """By the index: numbers, words of problem and answers, customers, places, people, pinyin, names of files."""
        return found_by(rows, "finding", value)

    def owned_by(self, rows: QuerySet[Finding], name: str, value: str) -> QuerySet[Finding]:
        """By account, where there is such a one; otherwise by a part of the name or its pinyin."""
        text = value.strip()[:60]
        if User.objects.filter(username=text).exists():
            return rows.filter(owner__username=text)
        named = Q(owner__name__icontains=text) | Q(owner__name_en__icontains=text)
        return rows.filter(named | Q(owner__pinyin__icontains=text.lower()))

    def in_state(self, rows: QuerySet[Finding], name: str, value: list[str]) -> QuerySet[Finding]:
        """In one of the states; "open" stands for all that are."""
        states = {*value, *(OPEN if "open" in value else ())} - {"open"}
        return rows.filter(state__in=states) if value else rows

    def late(self, rows: Any, name: str, value: bool) -> QuerySet[Finding]:
        return rows.overdue(moment.now()) if value else rows.not_overdue(moment.now())

    def soon(self, rows: Any, name: str, value: bool) -> QuerySet[Finding]:
        return self.apart(rows, rows.due_soon(moment.now()), value)

    def waiting(self, rows: Any, name: str, value: bool) -> QuerySet[Finding]:
        return self.apart(rows, rows.waiting_for_review(), value)

    def own(self, rows: Any, name: str, value: bool) -> QuerySet[Finding]:
        user = self.request.user.pk if self.request else None
        own = Q(owner=user) | Q(closure_manager=user)
        return rows.filter(own) if value else rows.exclude(own)

    def apart(self, rows: Any, chosen: Any, value: bool) -> QuerySet[Finding]:
        """The chosen ones, or with "no" all the others."""
        return chosen if value else rows.filter(~Q(pk__in=chosen.order_by().values("pk")))


def narrow(data: Any, rows: QuerySet[Finding], request: Any) -> tuple[FindingFilter, QuerySet[Finding]]:
    chosen = FindingFilter(data, queryset=rows, request=request)
    return chosen, chosen.qs
