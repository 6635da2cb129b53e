"""The ledger over the API, as far as the caller may see it."""

from typing import Any

from drf_spectacular.utils import OpenApiTypes, extend_schema_field
from rest_framework import mixins, serializers, viewsets

from closure.filters import narrow
from closure.models import LedgerEntry
from findings.why import why


class LedgerSerializer(serializers.ModelSerializer[LedgerEntry]):
    person = serializers.CharField(source="person.username")
    unit = serializers.CharField(source="unit.code")
    finding = serializers.CharField(source="finding.number")

    why = serializers.SerializerMethodField()

    class Meta:
        model = LedgerEntry
        fields = ["number", "person", "unit", "finding", "rule", "month", "breached_at", "recorded_at", "facts",
                  "why"]

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_why(self, entry: LedgerEntry) -> dict[str, Any] | None:
        return why(entry.deadline).as_data() if entry.deadline else None


class LedgerViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[LedgerEntry]):
    """Entries of the blacklist ledger."""

    serializer_class = LedgerSerializer
    queryset = LedgerEntry.objects.none()

    def _visible(self) -> Any:
        return LedgerEntry.objects.visible_to(self.request.user).for_list().explained()

    def get_queryset(self) -> Any:
        chosen, rows = narrow(self.request.query_params, self._visible())
        if not chosen.is_valid():
            raise serializers.ValidationError(chosen.errors)
        return rows
