"""Findings and their clocks over the API: everything the page shows, every move it offers; codes in, codes out."""

from functools import partial
from typing import Any

import django_filters as filters
import rules
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from audits.models import Audit
from audits.states import CAPTURING
from findings import actions, forms, kinds
from findings.answers import Countermeasure, Evidence, Exemption, Submission, Verdict
from findings.filters import FindingFilter, narrow
from findings.models import Deadline, Finding
from findings.page import facts_for
from findings.revisions import before, differences, lines
from findings.views import MOVES, add, draft
from findings.why import why
from people.rules import acting_ids
from workflow import moves
from workflow.errors import StaleState
from workflow.filters import FilterSet, TextFilter, checked
from workflow.move import Move
from workflow.parsing import flat, refuse
from workflow.schema import (
    ACTS,
    BODY,
    IDEMPOTENCY,
    LISTS,
    READS,
    EventSerializer,
    MoveSerializer,
    StandingSerializer,
)
from workflow.serving import serve


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
        rows = finding.deadlines.select_related("owes")
        return TurnSerializer(actions.whose_turn(finding, rows), many=True).data


class ActionSerializer(serializers.ModelSerializer[Countermeasure]):
    """A countermeasure. `number` is what moves call it by."""

    number = serializers.IntegerField(source="position")
    root = serializers.CharField(source="root.leg")  # type: ignore[assignment]
    owner = serializers.CharField(source="owner.username")

    class Meta:
        model = Countermeasure
        fields = ["number", "root", "text", "strength", "owner", "due_on", "documents"]


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
    """One revision of an answer: what it says line by line, its actions, what was said about it."""

    by = serializers.CharField(source="by.username")
    on_behalf_of = serializers.CharField(source="on_behalf_of.username", default=None, allow_null=True)
    lines = serializers.SerializerMethodField()
    actions = ActionSerializer(many=True)
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
            "actions",
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


class EvidenceSerializer(serializers.ModelSerializer[Evidence]):
    action = serializers.IntegerField(source="action.position", default=None, allow_null=True)
    uploaded_by = serializers.CharField(source="uploaded_by.username")
    url = serializers.CharField(source="get_absolute_url")

    class Meta:
        model = Evidence
        fields = [
            "token",
            "purpose",
            "action",
            "caption",
            "name",
            "content_type",
            "size",
            "sha256",
            "uploaded_by",
            "uploaded_at",
            "url",
        ]


class EvidenceBody(serializers.Serializer[Any]):
    purpose = serializers.ChoiceField(choices=Evidence.Purpose.choices)
    action = serializers.IntegerField(required=False, help_text="The number of the action it proves")
    caption = serializers.CharField(required=False, max_length=200)
    files = serializers.ListField(child=serializers.FileField())


class ExemptionSerializer(serializers.ModelSerializer[Exemption]):
    applied_by = serializers.CharField(source="applied_by.username")
    leader_by = serializers.CharField(source="leader_by.username", default=None, allow_null=True)
    top_by = serializers.CharField(source="top_by.username", default=None, allow_null=True)
    outcome = serializers.CharField(allow_blank=True)
    decision_note = serializers.CharField(allow_blank=True)

    class Meta:
        model = Exemption
        fields = [
            "reason",
            "explanation",
            "interim_control",
            "milestones",
            "new_date",
            "applied_by",
            "applied_at",
            "leader_by",
            "leader_at",
            "top_by",
            "top_at",
            "outcome",
            "decision_note",
        ]


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
    finding = serializers.CharField(source="finding.number", default=None, allow_null=True)
    audit = serializers.CharField(source="audit.number", default=None, allow_null=True)
    part = serializers.CharField(allow_blank=True)
    name = serializers.SerializerMethodField()
    owes = serializers.CharField(source="owes.username", default=None, allow_null=True)
    late = serializers.BooleanField(allow_null=True)
    why = serializers.SerializerMethodField()

    class Meta:
        model = Deadline
        fields = [
            "id",
            "finding",
            "audit",
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


class FindingViewSet(viewsets.GenericViewSet[Finding]):
    """Findings the caller may see; `moves` says what they may do now, `moves/<move>` does it."""

    machine = actions.MACHINE
    #: Which move a description of the API is about (see `workflow.openapi`).
    described: Move[Any, Any] | None = None

    serializer_class = FindingSerializer
    lookup_field = "number"
    lookup_value_regex = "[^/]+"
    queryset = Finding.objects.none()
    filterset_class = FindingFilter

    def _finding(self, number: str) -> Finding:
        return get_object_or_404(Finding.objects.visible_to(self.request.user).for_page(), number=number)

    def _detail(self, number: str) -> Any:
        return FindingDetailSerializer(self._finding(number), context={"user": self.request.user}).data

    @extend_schema(responses={200: FindingSerializer(many=True), **LISTS})
    def list(self, request: Request) -> Response:
        """The findings the caller may see, the newest first."""
        visible = Finding.objects.visible_to(request.user).select_related("audit", "site", "owner", "closure_manager")
        chosen, _rows = narrow(request.query_params, visible, request)
        page = self.paginate_queryset(checked(chosen, request.query_params))
        return self.get_paginated_response(FindingSerializer(page, many=True).data)

    @extend_schema(responses={200: FindingDetailSerializer, **READS})
    def retrieve(self, request: Request, number: str) -> Response:
        return Response(self._detail(number))

    @extend_schema(
        request=BODY,
        parameters=[IDEMPOTENCY],
        responses={201: FindingDetailSerializer, 200: FindingDetailSerializer, **ACTS},
    )
    def create(self, request: Request) -> Response:
        """Draft a finding: `audit` (its number) and the fields of the problem form, with photos as `files`."""
        number = flat(request.data).get("audit", "")
        if not number or "\x00" in number:
            refuse("audit", str(_("Give the number of the audit.")))
        audit = get_object_or_404(Audit.objects.visible_to(request.user), number=number)
        if not rules.has_perm("findings.create", request.user, audit):
            raise PermissionDenied

        def form_of(*data: Any) -> forms.ProblemFields:
            if audit.state not in CAPTURING:
                raise StaleState
            return forms.ProblemFields(*data, instance=Finding(audit=audit), user=request.user)

        number, status = moves.carried_out(
            request, form_of, lambda form, key: draft(audit, request.user, form, key), "audit"
        )
        return Response(self._detail(number), status=status)

    @extend_schema(responses={200: MoveSerializer(many=True), **READS})
    @action(detail=True, methods=["get"], pagination_class=None)
    def moves(self, request: Request, number: str) -> Response:
        """What the caller may do now, with the fields each move takes and what there is to choose from."""
        finding = self._finding(number)
        return Response(moves.describe(MOVES, finding, request.user, actions.available(finding, request.user)))

    @extend_schema(parameters=[IDEMPOTENCY], responses={200: StandingSerializer, **ACTS})
    @action(detail=True, methods=["post"], url_path="moves/(?P<move>[a-z_]+)")
    def move(self, request: Request, number: str, move: str) -> Response:
        return Response(moves.api(request, self._finding(number), move, moves=MOVES))

    @extend_schema(responses={200: SubmissionSerializer(many=True), **READS})
    @action(detail=True, methods=["get"], pagination_class=None)
    def submissions(self, request: Request, number: str) -> Response:
        """Every revision of every answer, with what it says, what it changed and the verdicts on it."""
        rows = (
            self._finding(number)
            .submissions.select_related("by", "on_behalf_of")
            .prefetch_related("verdicts__by", "actions__owner", "actions__root")
        )
        return Response(SubmissionSerializer(rows, many=True).data)

    @extend_schema(responses={200: EvidenceSerializer(many=True), **READS})
    @action(detail=True, methods=["get"], pagination_class=None)
    def evidence(self, request: Request, number: str) -> Response:
        rows = self._finding(number).evidence.select_related("uploaded_by", "action")
        return Response(EvidenceSerializer(rows, many=True).data)

    @extend_schema(
        request={"multipart/form-data": EvidenceBody},
        parameters=[IDEMPOTENCY],
        responses={201: EvidenceSerializer(many=True), **ACTS},
    )
    @evidence.mapping.post
    def add_evidence(self, request: Request, number: str) -> Response:
        """Add evidence beside the finding, or to one of its actions."""
        finding = self._finding(number)
        if not rules.has_perm("findings.add_evidence", request.user, finding):
            raise PermissionDenied
        _number, status = moves.carried_out(
            request,
            partial(forms.EvidenceForm, finding=finding),
            lambda form, key: add(finding, request.user, form, key),
        )
        rows = finding.evidence.select_related("uploaded_by", "action")
        return Response(EvidenceSerializer(rows, many=True).data, status=status)

    @extend_schema(responses={200: ExemptionSerializer(many=True), **READS})
    @action(detail=True, methods=["get"], pagination_class=None)
    def exemptions(self, request: Request, number: str) -> Response:
        rows = self._finding(number).exemptions.select_related("applied_by", "leader_by", "top_by")
        return Response(ExemptionSerializer(rows, many=True).data)

    @extend_schema(responses={200: EventSerializer(many=True), **READS})
    @action(detail=True, methods=["get"], pagination_class=None)
    def trail(self, request: Request, number: str) -> Response:
        rows = list(self._finding(number).events.select_related("by", "on_behalf_of").order_by("position"))
        facts = facts_for(rows, request.user)
        for event in rows:
            event.facts = facts[event.pk]
        return Response(EventSerializer(rows, many=True).data)

    @extend_schema(
        parameters=[OpenApiParameter("token", str, OpenApiParameter.PATH)],
        responses={(200, "application/octet-stream"): bytes, **READS},
    )
    @action(detail=True, methods=["get"], url_path="evidence/(?P<token>[A-Za-z0-9_-]{1,48})", url_name="evidence-file")
    def evidence_file(self, request: Request, number: str, token: str) -> Any:
        found = get_object_or_404(Evidence, token=token, finding=self._finding(number))
        return serve(found.file, name=found.name, content_type=found.content_type)


FLAGS = [("1", "1"), ("0", "0"), ("true", "true"), ("false", "false")]


class DeadlineFilter(FilterSet):
    """The clocks of one finding or audit, of one kind, those that run, one's own."""

    finding = TextFilter(field_name="finding__number", label=_("Finding"))
    audit = TextFilter(field_name="audit__number", label=_("Audit"))
    step = filters.ChoiceFilter(choices=lambda: [(step, kinds.label(step)) for step in kinds.KINDS], label=_("Clock"))
    running = filters.ChoiceFilter(choices=FLAGS, method="still", label=_("Running"))
    mine = filters.ChoiceFilter(choices=FLAGS, method="own", label=_("Mine"))

    class Meta:
        model = Deadline
        fields: list[str] = []

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

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        asked = self.request.query_params
        visible = Deadline.objects.visible_to(self.request.user)
        rows = checked(DeadlineFilter(asked, queryset=visible, request=self.request), asked)
        return rows.explained().select_related("finding", "audit")
