"""How the API shows findings, their answers and their clocks."""

from typing import Any

import rules
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from attachments.models import Attachment
from findings import actions
from findings.answers import (
    ActionResult,
    Countermeasure,
    DocumentChange,
    ReadAcrossDecision,
    Root,
    Submission,
    Verdict,
    Why,
)
from findings.models import Finding
from findings.revisions import before, differences, lines
from findings.states import Purpose


class FindingSerializer(serializers.ModelSerializer[Finding]):
    """A finding as lists show it; related rows by their codes."""

    audit = serializers.CharField(source="audit.number")
    site = serializers.CharField(source="site.code")
    owner = serializers.CharField(source="owner.username", default=None, allow_null=True)
    closure_manager = serializers.CharField(source="closure_manager.username", default=None, allow_null=True)
    state = serializers.CharField()
    category = serializers.CharField(allow_blank=True)

    class Meta:
        model = Finding
        fields = [
            "number",
            "state",
            "version",
            "audit",
            "source",
            "site",
            "what",
            "when",
            "where",
            "found_by",
            "why",
            "how",
            "how_much",
            "customer_words",
            "customer_grade",
            "customer_number",
            "customer_due_on",
            "grade",
            "category",
            "clause",
            "product",
            "owner",
            "closure_manager",
            "created_at",
            "issued_at",
            "closed_at",
            "customer_closed_at",
            "silence_accepted",
            "cycle",
        ]


class TurnSerializer(serializers.Serializer[Any]):
    """Somebody who owes something: what, and until when (null: no clock)."""

    person = serializers.CharField(source="person.username")
    what = serializers.CharField(allow_blank=True)
    due_at = serializers.DateTimeField(allow_null=True)


class FindingDetailSerializer(FindingSerializer):
    """With the earlier occurrence (only where the caller may see it) and everybody who owes something now."""

    repeat_of = serializers.SerializerMethodField()
    turn = serializers.SerializerMethodField()

    class Meta(FindingSerializer.Meta):
        fields = [*FindingSerializer.Meta.fields, "repeat_of", "turn"]

    @extend_schema_field({"type": "string", "nullable": True})
    def get_repeat_of(self, finding: Finding) -> str | None:
        repeat = finding.repeat_of
        return repeat.number if repeat and rules.has_perm("findings.view", self.context["user"], repeat) else None

    @extend_schema_field(TurnSerializer(many=True))
    def get_turn(self, finding: Finding) -> Any:
        return TurnSerializer(actions.whose_turn(finding), many=True).data


class ActionSerializer(serializers.ModelSerializer[Countermeasure]):
    """A countermeasure. `number` is what moves call it by."""

    number = serializers.IntegerField(source="position")
    root = serializers.CharField(source="root.leg")  # type: ignore[assignment]
    leg = serializers.CharField(source="root.leg")
    owner = serializers.CharField(source="owner.username")

    class Meta:
        model = Countermeasure
        fields = ["number", "root", "leg", "text", "strength", "owner", "due_on", "documents"]


class WhyRowSerializer(serializers.ModelSerializer[Why]):
    class Meta:
        model = Why
        fields = ["leg", "question", "because", "proof"]


class RootRowSerializer(serializers.ModelSerializer[Root]):
    class Meta:
        model = Root
        fields = ["leg", "statement", "category", "verified_by"]


class ResultRowSerializer(serializers.ModelSerializer[ActionResult]):
    """That a countermeasure was done. `action` is its number."""

    action = serializers.IntegerField(source="action.position")

    class Meta:
        model = ActionResult
        fields = ["action", "done_on", "remark"]


class DocumentRowSerializer(serializers.ModelSerializer[DocumentChange]):
    class Meta:
        model = DocumentChange
        fields = ["name", "old_version", "new_version", "released_on"]


class ReadAcrossRowSerializer(serializers.ModelSerializer[ReadAcrossDecision]):
    site = serializers.CharField(source="site.code")

    class Meta:
        model = ReadAcrossDecision
        fields = ["site", "applies", "note"]


class ScopeRowSerializer(serializers.Serializer[Any]):
    """One place that containment looked at."""

    area = serializers.CharField()
    applies = serializers.BooleanField()
    checked = serializers.IntegerField(allow_null=True)
    bad = serializers.IntegerField(allow_null=True)
    note = serializers.CharField(allow_blank=True)


class VerdictSerializer(serializers.ModelSerializer[Verdict]):
    by = serializers.CharField(source="by.username")
    reason = serializers.CharField(allow_blank=True)

    class Meta:
        model = Verdict
        fields = ["outcome", "reason", "by", "at"]


class LineSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    text = serializers.CharField(allow_blank=True)


class DifferenceSerializer(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]
    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField(allow_blank=True)


class SubmissionSerializer(serializers.ModelSerializer[Submission]):
    """One revision of an answer: what it says line by line, its rows under the names its move takes, what was said about it."""

    by = serializers.CharField(source="by.username")
    on_behalf_of = serializers.CharField(source="on_behalf_of.username", default=None, allow_null=True)
    lines = serializers.SerializerMethodField()
    scope = ScopeRowSerializer(source="scope_rows", many=True)
    whys = WhyRowSerializer(many=True)
    roots = RootRowSerializer(many=True)
    actions = ActionSerializer(many=True)
    results = ResultRowSerializer(many=True)
    documents = DocumentRowSerializer(many=True)
    read_across = ReadAcrossRowSerializer(many=True)
    verdicts = VerdictSerializer(many=True)
    changed = serializers.SerializerMethodField()

    class Meta:
        model = Submission
        fields = [
            "id",
            "step",
            "cycle",
            "revision",
            "current",
            "by",
            "on_behalf_of",
            "submitted_at",
            "lines",
            "changed",
            "scope",
            "whys",
            "roots",
            "actions",
            "results",
            "documents",
            "read_across",
            "verdicts",
        ]

    @extend_schema_field(LineSerializer(many=True))
    def get_lines(self, submission: Submission) -> Any:
        return LineSerializer(lines(submission), many=True).data

    @extend_schema_field(DifferenceSerializer(many=True))
    def get_changed(self, submission: Submission) -> Any:
        """What differs from the revision before."""
        earlier = before(submission)
        found = differences(lines(earlier), lines(submission)) if earlier else []
        return DifferenceSerializer(found, many=True).data


class EvidenceSerializer(serializers.ModelSerializer[Attachment]):
    purpose = serializers.CharField(source="kind")
    action = serializers.SerializerMethodField()
    uploaded_by = serializers.CharField(source="uploaded_by.username")
    url = serializers.CharField(source="get_absolute_url")

    class Meta:
        model = Attachment
        fields = [
            "token",
            "purpose",
            "action",
            "caption",
            "name",
            "content_type",
            "size",
            "sha256",
            "about",
            "uploaded_by",
            "uploaded_at",
            "url",
        ]

    def get_action(self, evidence: Attachment) -> int | None:
        """The number of the countermeasure it proves."""
        key = evidence.key_of("countermeasure")
        return self.context["positions"].get(key) if key is not None else None


class EvidenceBody(serializers.Serializer[Any]):
    purpose = serializers.ChoiceField(choices=Purpose.choices)
    action = serializers.IntegerField(required=False, help_text="The number of the action it proves")
    caption = serializers.CharField(required=False, max_length=200)
    files = serializers.ListField(child=serializers.FileField())
