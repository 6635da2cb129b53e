"""Clocks over the API."""

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets

from clocks import kinds, subjects
from clocks.models import Deadline
from clocks.registers import CLOCKS
from clocks.serializers import DeadlineSerializer
from lib.filters import FilterSet, TextFilter, checked
from lib.register import sort_by
from people.rules import acting_ids
from workflow.schema import LISTS

FLAGS = [("1", "1"), ("0", "0"), ("true", "true"), ("false", "false")]


class DeadlineFilter(FilterSet):
    """The clocks of one record, of one kind, those that run, one's own."""

    step = filters.ChoiceFilter(choices=lambda: [(step, kinds.label(step)) for step in kinds.KINDS], label=_("Clock"))
    running = filters.ChoiceFilter(choices=FLAGS, method="still", label=_("Running"))
    mine = filters.ChoiceFilter(choices=FLAGS, method="own", label=_("Mine"))

    class Meta:
        model = Deadline
        fields: list[str] = []

    @classmethod
    def get_filters(cls) -> Any:
        """One for every name that records go by: `finding`, `audit` …"""
        return super().get_filters() | {name: TextFilter(field_name=name, method="named") for name in subjects.names()}

    def named(self, rows: Any, name: str, value: str) -> QuerySet[Deadline]:
        return rows.filter(subjects.named(name, value))

    def still(self, rows: Any, name: str, value: str) -> QuerySet[Deadline]:
        return rows.running() if value in {"1", "true"} else rows

    def own(self, rows: Any, name: str, value: str) -> QuerySet[Deadline]:
        return (
            rows.filter(owes_id__in=acting_ids(self.request.user)) if value in {"1", "true"} and self.request else rows
        )


@extend_schema(responses={200: DeadlineSerializer(many=True), **LISTS})
class DeadlineViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Deadline]):
    """The clocks of what the caller may see, each with why it is due then. Narrow with `finding`, `audit`, `step`,
    `running=1` or `mine=1`."""

    serializer_class = DeadlineSerializer
    queryset = Deadline.objects.none()
    filterset_class = DeadlineFilter
    sort_by = staticmethod(sort_by(CLOCKS))

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        asked = self.request.query_params
        visible = Deadline.objects.visible_to(self.request.user)
        rows = checked(DeadlineFilter(asked, queryset=visible, request=self.request), asked, "sort")
        return rows.explained().with_subjects()
