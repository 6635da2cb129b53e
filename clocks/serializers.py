"""How the API shows clocks, each with why it is due then."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from clocks import kinds, subjects
from clocks.models import Deadline
from clocks.why import why


class IntervalSerializer(serializers.Serializer[Any]):
    """Time counted or passed over. Aware, UTC."""

    counted = serializers.BooleanField()
    name = serializers.CharField(allow_blank=True)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        fields["from"], fields["to"] = serializers.DateTimeField(), serializers.DateTimeField()
        return fields


class DueChangeSerializer(serializers.Serializer[Any]):
    cause = serializers.CharField()
    kind = serializers.CharField(allow_blank=True)
    by = serializers.CharField()
    at = serializers.DateTimeField()
    before = serializers.DateTimeField()
    after = serializers.DateTimeField()
    reason = serializers.CharField(allow_blank=True)


class WhySerializer(serializers.Serializer[Any]):
    """Why a clock is due when it is."""

    policy = serializers.CharField()
    version = serializers.IntegerField()
    won = serializers.CharField()
    step = serializers.CharField()
    amount = serializers.IntegerField()
    unit = serializers.CharField()
    count = serializers.CharField()
    started_at = serializers.DateTimeField()
    started_by = serializers.CharField()
    zone = serializers.CharField()
    base_due_at = serializers.DateTimeField()
    customer_due_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField()
    intervals = IntervalSerializer(many=True)
    changes = DueChangeSerializer(many=True)
    words = serializers.CharField()


class DeadlineSerializer(serializers.ModelSerializer[Deadline]):
    """A clock; its record by its own number and its parents' (`finding`, `audit`; null where it has none)."""

    part = serializers.CharField(allow_blank=True)
    name = serializers.SerializerMethodField()
    owes = serializers.CharField(source="owes.username", default=None, allow_null=True)
    late = serializers.BooleanField(allow_null=True)
    why = serializers.SerializerMethodField()

    class Meta:
        model = Deadline
        fields = [
            "id",
            "step",
            "name",
            "part",
            "cycle",
            "owes",
            "started_at",
            "due_at",
            "original_due_at",
            "judged_due_at",
            "exempted_at",
            "answered_at",
            "accepted_at",
            "stopped_at",
            "late",
            "why",
        ]

    def get_name(self, deadline: Deadline) -> str:
        return kinds.label(deadline.step)

    @extend_schema_field(WhySerializer)
    def get_why(self, deadline: Deadline) -> Any:
        return WhySerializer(why(deadline).as_data()).data

    def get_fields(self) -> dict[str, Any]:
        named = {name: serializers.CharField(source=f"names.{name}", allow_null=True) for name in subjects.names()}
        return super().get_fields() | named

    def to_representation(self, deadline: Deadline) -> dict[str, Any]:
        record = deadline.subject
        own = subjects.of(record).names_of(record) if record is not None else {}
        deadline.names = dict.fromkeys(subjects.names()) | own  # type: ignore[attr-defined]
        return super().to_representation(deadline)
