"""Findings and their clocks over the API: everything the page shows, every move it offers; codes in, codes out."""

from functools import partial
from typing import Any

import rules
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from attachments.serving import serve
from audits.models import Audit
from audits.states import CAPTURING
from findings import actions, forms
from findings.answers import Countermeasure
from findings.dispute_moves import MOVES as DISPUTES
from findings.disputes import Dispute
from findings.exemption_moves import MOVES as EXEMPTIONS
from findings.exemptions import Exemption
from findings.filters import FindingFilter, narrow
from findings.models import Finding
from findings.page import facts_for
from findings.problem_form import ProblemFields
from findings.read_across import ReadAcross
from findings.read_across_moves import MOVES as READ_ACROSS
from findings.registers import FINDINGS
from findings.serializers import (
    EvidenceBody,
    EvidenceSerializer,
    FindingDetailSerializer,
    FindingSerializer,
    SubmissionSerializer,
)
from findings.views import MOVES, add, draft
from lib.filters import checked
from lib.parsing import flat, refuse
from lib.register import sort_by
from questions.api import WithQuestions
from workflow import moves
from workflow.children import ChildViewSet, serializer_of
from workflow.errors import StaleState
from workflow.fsm import Child
from workflow.move import Move
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


class FindingViewSet(WithQuestions, viewsets.GenericViewSet[Finding]):
    """Findings the caller may see; `moves` says what they may do now, `moves/<move>` does it."""

    machine = actions.MACHINE
    #: Which move a description of the API is about (see `workflow.openapi`).
    described: Move[Any, Any] | None = None

    serializer_class = FindingSerializer
    lookup_field = "number"
    lookup_value_regex = "[^/]+"
    queryset = Finding.objects.none()
    filterset_class = FindingFilter
    sort_by = staticmethod(sort_by(FINDINGS))

    def _finding(self, number: str) -> Finding:
        return get_object_or_404(Finding.objects.visible_to(self.request.user).for_page(), number=number)

    def asked_beside(self, number: str) -> Finding:
        return self._finding(number)

    def _detail(self, number: str) -> Any:
        return FindingDetailSerializer(self._finding(number), context={"user": self.request.user}).data

    @extend_schema(responses={200: FindingSerializer(many=True), **LISTS})
    def list(self, request: Request) -> Response:
        """The findings the caller may see, the newest first."""
        visible = Finding.objects.visible_to(request.user).select_related("audit", "site", "owner", "closure_manager")
        chosen, _rows = narrow(request.query_params, visible, request)
        page = self.paginate_queryset(checked(chosen, request.query_params, "sort"))
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

        def form_of(*data: Any) -> ProblemFields:
            if audit.state not in CAPTURING:
                raise StaleState
            return ProblemFields(*data, instance=Finding(audit=audit), user=request.user)

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
            .prefetch_related("verdicts__by", "actions__owner", "actions__root", "whys", "roots", "documents")
            .prefetch_related("results__action", "read_across__site")
        )
        return Response(SubmissionSerializer(rows, many=True).data)

    @extend_schema(responses={200: EvidenceSerializer(many=True), **READS})
    @action(detail=True, methods=["get"], pagination_class=None)
    def evidence(self, request: Request, number: str) -> Response:
        return Response(self._evidence(self._finding(number)))

    def _evidence(self, finding: Finding) -> Any:
        actions_ = Countermeasure.objects.filter(submission__finding=finding).values_list("pk", "position")
        rows = finding.evidence.select_related("uploaded_by")
        return EvidenceSerializer(rows, many=True, context={"positions": dict(actions_)}).data

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
        return Response(self._evidence(finding), status=status)

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
        found = get_object_or_404(self._finding(number).evidence.all(), token=token)
        return serve(found.file, name=found.name, content_type=found.content_type)


class _BesideFinding(ChildViewSet):
    pagination_class = None

    def parent(self, number: str) -> Finding:
        return get_object_or_404(Finding.objects.visible_to(self.request.user).for_page(), number=number)


def _described(model: type[Child]) -> Any:
    """What the schema says of a list of small records beside a finding."""
    number = OpenApiParameter("number", str, OpenApiParameter.PATH)
    described = extend_schema_view(
        list=extend_schema(responses={200: serializer_of(model)(many=True), **READS}),
        retrieve=extend_schema(responses={200: serializer_of(model), **READS}),
    )
    return lambda viewset: extend_schema(parameters=[number])(described(viewset))


@_described(Dispute)
class DisputeViewSet(_BesideFinding):
    """The disputes of a finding. One is raised by the finding's move `dispute`, decided by `decide_dispute` of its own."""

    machine = DISPUTES.machine
    known = DISPUTES
    serializer_class = serializer_of(Dispute)
    queryset = Dispute.objects.none()


@_described(Exemption)
class ExemptionViewSet(_BesideFinding):
    """The exemptions of a finding: applied for by its move `apply_exemption`, decided by `decide_exemption` of their own."""

    machine = EXEMPTIONS.machine
    known = EXEMPTIONS
    serializer_class = serializer_of(Exemption)
    queryset = Exemption.objects.none()


@_described(ReadAcross)
class ReadAcrossViewSet(_BesideFinding):
    """The other sites a finding is carried over to: decided with its implementation, done there, verified."""

    machine = READ_ACROSS.machine
    known = READ_ACROSS
    serializer_class = serializer_of(ReadAcross)
    queryset = ReadAcross.objects.none()
