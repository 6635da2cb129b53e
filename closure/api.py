"""The ledger over the API, as far as the caller may see it."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from clocks.serializers import WhySerializer
from clocks.why import why
from closure.filters import LedgerFilter, narrow
from closure.models import LedgerEntry
from closure.registers import LEDGER
from closure.story import stories
from lib.filters import checked
from lib.register import sort_by
from workflow.schema import LISTS


class HappenedSerializer(serializers.Serializer[Any]):
    """One thing around the entry: submitted, returned, accepted, breached, or an exemption applied for or approved."""

    what = serializers.CharField()
    at = serializers.DateTimeField()
    by = serializers.CharField()
    revision = serializers.IntegerField()
    late = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)


class LedgerSerializer(serializers.ModelSerializer[LedgerEntry]):
    person = serializers.CharField(source="person.username")
    unit = serializers.CharField(source="unit.code")
    finding = serializers.CharField(source="finding.number")
    facts = serializers.JSONField()
    why = serializers.SerializerMethodField()
    story = serializers.SerializerMethodField()

    class Meta:
        model = LedgerEntry
        fields = [
            "number",
            "person",
            "unit",
            "finding",
            "rule",
            "month",
            "breached_at",
            "recorded_at",
            "facts",
            "why",
            "story",
        ]

    @extend_schema_field({"allOf": [{"$ref": "#/components/schemas/Why"}], "nullable": True})
    def get_why(self, entry: LedgerEntry) -> Any:
        return WhySerializer(why(entry.deadline).as_data()).data if entry.deadline else None

    @extend_schema_field(HappenedSerializer(many=True))
    def get_story(self, entry: LedgerEntry) -> Any:
        return HappenedSerializer(self.context["stories"].get(entry.pk, []), many=True).data


class LedgerViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[LedgerEntry]):
    """Entries of the blacklist ledger."""

    serializer_class = LedgerSerializer
    queryset = LedgerEntry.objects.none()
    filterset_class = LedgerFilter
    sort_by = staticmethod(sort_by(LEDGER))

    @extend_schema(responses={200: LedgerSerializer(many=True), **LISTS})
    def list(self, request: Request) -> Response:
        """The entries the caller may see, each with its clock and what happened around it."""
        visible = LedgerEntry.objects.visible_to(request.user).for_list().explained()
        chosen, _rows = narrow(request.query_params, visible)
        page = self.paginate_queryset(checked(chosen, request.query_params, "sort")) or []
        context = {"stories": stories(page)}
        return self.get_paginated_response(LedgerSerializer(page, many=True, context=context).data)
