"""The ledger over the API, as far as the caller may see it."""

from typing import Any

from rest_framework import mixins, serializers, viewsets

from closure.filters import narrow
from closure.models import LedgerEntry


class LedgerSerializer(serializers.ModelSerializer[LedgerEntry]):
    person = serializers.CharField(source="person.username")
    unit = serializers.CharField(source="unit.code")
    finding = serializers.CharField(source="finding.number")

    class Meta:
        model = LedgerEntry
        fields = ["number", "person", "unit", "finding", "rule", "month", "breached_at", "recorded_at", "facts"]


class LedgerViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[LedgerEntry]):
    """Entries of the blacklist ledger."""

    serializer_class = LedgerSerializer
    queryset = LedgerEntry.objects.none()

    def get_queryset(self) -> Any:
        chosen, rows = narrow(self.request.query_params, LedgerEntry.objects.visible_to(self.request.user).for_list())
        if not chosen.is_valid():
            raise serializers.ValidationError(chosen.errors)
        return rows
