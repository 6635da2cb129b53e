"""How the API describes what is the same everywhere: errors, moves, paging."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from workflow.once import HEADER


class Problem(serializers.Serializer[Any]):
    """Why something was not done: one sentence (`detail`), or what the procedure still demands (`missing`), or sentences
    under the names of the fields they are about.
    """

    detail = serializers.CharField(required=False)
    code = serializers.CharField(required=False)
    missing = serializers.ListField(child=serializers.CharField(), required=False)


class ChoiceSerializer(serializers.Serializer[Any]):
    value = serializers.CharField(allow_blank=True)
    label = serializers.CharField()  # type: ignore[assignment]


class FieldSerializer(serializers.Serializer[Any]):
    """One field of a move. `choices` are given by code; for very long lists only the first ones."""

    name = serializers.CharField()
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    kind = serializers.CharField()
    help = serializers.CharField(allow_blank=True)
    required = serializers.BooleanField()  # type: ignore[assignment]
    several = serializers.BooleanField()
    max_length = serializers.IntegerField(allow_null=True)
    choices = ChoiceSerializer(many=True, allow_null=True)


class MoveFieldSerializer(FieldSerializer):
    """A field of a move, or a list of rows with the `fields` of each."""

    fields = FieldSerializer(many=True, allow_null=True)  # type: ignore[assignment]


class MoveSerializer(serializers.Serializer[Any]):
    """A move the caller may make now, with its fields."""

    move = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    fields = MoveFieldSerializer(many=True)  # type: ignore[assignment]


class StandingSerializer(serializers.Serializer[Any]):
    """Where a record stands after a move."""

    number = serializers.CharField()
    state = serializers.CharField()
    version = serializers.IntegerField()


PROBLEM = OpenApiResponse(Problem, description="Refused, with the reason")
NOT_KNOWN = {401: PROBLEM, 403: PROBLEM}
READS = {**NOT_KNOWN, 404: PROBLEM}
LISTS = {400: PROBLEM, **NOT_KNOWN, 404: PROBLEM}
ACTS = {400: PROBLEM, **READS, 409: PROBLEM, 413: PROBLEM, 415: PROBLEM}
IDEMPOTENCY = OpenApiParameter(
    HEADER,
    {"type": "string", "format": "uuid"},
    OpenApiParameter.HEADER,
    required=False,
    description="The same key carries the request out once, however often it is sent.",
)
LANGUAGE = OpenApiParameter(
    "Accept-Language", str, OpenApiParameter.HEADER, required=False, description="zh-hans (default) or en"
)
#: What a move takes is described by `…/moves/`: the fields depend on the record and on who asks.
BODY = {
    "application/json": {"type": "object", "additionalProperties": True},
    "multipart/form-data": {"type": "object", "additionalProperties": True},
}
EVENT_FACTS: dict[str, Any] = {"type": "object", "additionalProperties": True}


class ChangeSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField(allow_blank=True)


class EventSerializer(serializers.Serializer[Any]):
    """One event of a trail. `at` is when it was entered, `event_at` when it is said to have happened (both UTC)."""

    position = serializers.IntegerField()
    move = serializers.CharField()
    label = serializers.SerializerMethodField()  # type: ignore[assignment]
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    target = serializers.CharField(allow_blank=True)
    about = serializers.CharField(
        allow_blank=True, help_text="The record beside it, such as dispute:12; empty: itself."
    )
    by = serializers.CharField(source="by.username", default=None, allow_null=True)
    on_behalf_of = serializers.CharField(source="on_behalf_of.username", default=None, allow_null=True)
    at = serializers.DateTimeField()
    event_at = serializers.DateTimeField()
    facts = serializers.JSONField()
    hash = serializers.CharField()

    def get_label(self, event: Any) -> str:
        from workflow.labels import move_label

        return str(move_label(event.move))
