"""Audits over the API: everything the page shows, every move it offers; codes in, codes out."""

import re
from typing import Any

import rules
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from attachments.serving import serve
from audits import actions, forms
from audits.effects import current_notices, notice_rows
from audits.filters import AuditFilter, narrow
from audits.models import Audit
from audits.plan import month_named, rows as plan_rows
from audits.registers import AUDITS
from audits.request_forms import NewRequestForm
from audits.serializers import (
    AuditDetailSerializer,
    AuditSerializer,
    CustomerSerializer,
    FileBody,
    FileSerializer,
    KindSerializer,
    LeadBody,
    LeadSerializer,
    MeetingSerializer,
    PlanRowSerializer,
    ReceiptSerializer,
    VersionSerializer,
)
from audits.views import MOVES, keep_files, log_request
from customers.models import AuditKind, Customer
from lib.filters import FilterSet, YesFilter, checked
from lib.register import sort_by
from people.api import NamedFilter, Reading
from questions.api import WithQuestions
from workflow import moves
from workflow.move import Move
from workflow.once import once
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


class AuditViewSet(WithQuestions, viewsets.GenericViewSet[Audit]):
    """Audits the caller may see; `moves` says what they may do now, `moves/<move>` does it."""

    machine = actions.MACHINE
    #: Which move a description of the API is about (see `workflow.openapi`).
    described: Move[Any, Any] | None = None

    serializer_class = AuditSerializer
    lookup_field = "number"
    lookup_value_regex = "[^/]+"
    queryset = Audit.objects.none()
    filterset_class = AuditFilter
    sort_by = staticmethod(sort_by(AUDITS))

    def asked_beside(self, number: str) -> Audit:
        return self._audit(number)

    def _audit(self, number: str) -> Audit:
        return get_object_or_404(Audit.objects.visible_to(self.request.user).for_page(), number=number)

    @extend_schema(responses={200: AuditSerializer(many=True), **LISTS})
    def list(self, request: Request) -> Response:
        """The audits the caller may see, the newest first."""
        chosen, _rows = narrow(request.query_params, Audit.objects.visible_to(request.user).for_list())
        page = self.paginate_queryset(checked(chosen, request.query_params, "sort"))
        return self.get_paginated_response(AuditSerializer(page, many=True).data)

    @extend_schema(responses={200: AuditDetailSerializer, **READS})
    def retrieve(self, request: Request, number: str) -> Response:
        return Response(AuditDetailSerializer(self._audit(number)).data)

    @extend_schema(
        request=BODY,
        parameters=[IDEMPOTENCY],
        responses={201: AuditDetailSerializer, 200: AuditDetailSerializer, **ACTS},
    )
    def create(self, request: Request) -> Response:
        """Log a request. Takes the fields of the request form (codes for customer, kind and sites) and its files."""
        if not rules.has_perm("audits.create", request.user):
            raise PermissionDenied
        number, status = moves.carried_out(
            request, NewRequestForm, lambda form, key: log_request(request.user, form, key)
        )
        return Response(AuditDetailSerializer(self._audit(number)).data, status=status)

    @extend_schema(responses={200: MoveSerializer(many=True), **READS})
    @action(detail=True, methods=["get"], pagination_class=None)
    def moves(self, request: Request, number: str) -> Response:
        """What the caller may do now, with the fields each move takes and what there is to choose from."""
        audit = self._audit(number)
        return Response(moves.describe(MOVES, audit, request.user, actions.available(audit, request.user)))

    @extend_schema(parameters=[IDEMPOTENCY], responses={200: StandingSerializer, **ACTS})
    @action(detail=True, methods=["post"], url_path="moves/(?P<move>[a-z_]+)")
    def move(self, request: Request, number: str, move: str) -> Response:
        return Response(moves.api(request, self._audit(number), move, moves=MOVES))

    @extend_schema(responses={200: VersionSerializer(many=True), **READS})
    @action(detail=True, methods=["get"], pagination_class=None)
    def versions(self, request: Request, number: str) -> Response:
        """The requirement version by version, with what each changed."""
        return Response(VersionSerializer(self._audit(number).versions.select_related("by"), many=True).data)

    @extend_schema(responses={200: MeetingSerializer(many=True), **READS})
    @action(detail=True, methods=["get"], pagination_class=None)
    def meetings(self, request: Request, number: str) -> Response:
        return Response(MeetingSerializer(self._audit(number).meetings.select_related("recorded_by"), many=True).data)

    @extend_schema(responses={200: ReceiptSerializer(many=True), **READS})
    @action(detail=True, methods=["get"], pagination_class=None)
    def receipts(self, request: Request, number: str) -> Response:
        """The audit notice: to whom it went, with its text, and who acknowledged it."""
        audit = self._audit(number)
        context = {"current": set(current_notices(audit).values_list("pk", flat=True))}
        rows = notice_rows(audit).select_related("recipient").order_by("created_at", "id")
        return Response(ReceiptSerializer(rows, many=True, context=context).data)

    @extend_schema(responses={200: EventSerializer(many=True), **READS})
    @action(detail=True, methods=["get"], pagination_class=None)
    def trail(self, request: Request, number: str) -> Response:
        rows = self._audit(number).events.select_related("by", "on_behalf_of").order_by("position")
        return Response(EventSerializer(rows, many=True).data)

    @extend_schema(responses={200: FileSerializer(many=True), **READS})
    @action(detail=True, methods=["get"], pagination_class=None)
    def files(self, request: Request, number: str) -> Response:
        """The audit's files: the customer's notice and report, signed lists."""
        return Response(FileSerializer(self._audit(number).files.select_related("uploaded_by"), many=True).data)

    @extend_schema(
        request={"multipart/form-data": FileBody},
        parameters=[IDEMPOTENCY],
        responses={201: FileSerializer(many=True), **ACTS},
    )
    @files.mapping.post
    def add_files(self, request: Request, number: str) -> Response:
        audit = self._audit(number)
        if not rules.has_perm("audits.attach", request.user, audit):
            raise PermissionDenied
        _number, status = moves.carried_out(
            request, forms.FileForm, lambda form, key: keep_files(audit, request.user, form, key)
        )
        rows = audit.files.select_related("uploaded_by")
        return Response(FileSerializer(rows, many=True).data, status=status)

    @extend_schema(
        parameters=[OpenApiParameter("pk", int, OpenApiParameter.PATH)],
        responses={(200, "application/octet-stream"): bytes, **READS},
    )
    @action(detail=True, methods=["get"], url_path="files/(?P<pk>[0-9]{1,18})", url_name="file")
    def file(self, request: Request, number: str, pk: str) -> Any:
        found = get_object_or_404(self._audit(number).files.all(), pk=pk)
        return serve(found.file, name=found.name, content_type=found.content_type)


class CustomerFilter(NamedFilter):
    to_check = YesFilter(label=_("To be checked"))

    class Meta:
        model = Customer
        fields: list[str] = []


class KindFilter(NamedFilter):
    class Meta:
        model = AuditKind
        fields: list[str] = []


@extend_schema(responses={200: CustomerSerializer(many=True), **LISTS})
class CustomerViewSet(Reading):
    """Customers, by the codes that requests are written with."""

    serializer_class = CustomerSerializer
    queryset = Customer.objects.none()
    filterset_class = CustomerFilter

    def rows(self) -> Any:
        return Customer.objects.all()


@extend_schema(responses={200: KindSerializer(many=True), **LISTS})
class KindViewSet(Reading):
    """Kinds of audit."""

    serializer_class = KindSerializer
    queryset = AuditKind.objects.none()
    filterset_class = KindFilter

    def rows(self) -> Any:
        return AuditKind.objects.all()


class NoFilter(FilterSet):
    """One's own leads are few: there is nothing to narrow."""

    class Meta:
        model = Audit
        fields: list[str] = []


class LeadViewSet(viewsets.GenericViewSet[Audit]):
    """Passing on what was heard of an audit; reading what became of one's own leads."""

    serializer_class = LeadSerializer
    queryset = Audit.objects.none()

    @extend_schema(responses={200: LeadSerializer(many=True), **LISTS})
    def list(self, request: Request) -> Response:
        self._ask(request)
        rows = Audit.objects.filter(passed_on_by_id=request.user.pk)
        page = self.paginate_queryset(checked(NoFilter(request.query_params, queryset=rows), request.query_params))
        return self.get_paginated_response(LeadSerializer(page, many=True).data)

    @extend_schema(
        request=LeadBody, parameters=[IDEMPOTENCY], responses={201: LeadSerializer, 200: LeadSerializer, **ACTS}
    )
    def create(self, request: Request) -> Response:
        self._ask(request)
        number, status = moves.carried_out(
            request,
            forms.LeadForm,
            lambda form, key: once(
                request.user, key, lambda: actions.pass_on_lead(by=request.user, **form.cleaned_data)
            ),
        )
        return Response(LeadSerializer(Audit.objects.get(number=number)).data, status=status)

    def _ask(self, request: Request) -> None:
        if not rules.has_perm("audits.pass_on", request.user):
            raise PermissionDenied


class PlanView(APIView):
    """Plan and actual of one month, as far as the caller may see it."""

    @extend_schema(
        parameters=[OpenApiParameter("month", str, description="Such as 2026-10; empty: the present month.")],
        responses={200: PlanRowSerializer(many=True), **LISTS},
    )
    def get(self, request: Request) -> Response:
        month = request.query_params.get("month", "")
        if unknown := sorted(set(request.query_params) - {"month", "format"}):
            raise ValidationError(
                {
                    name[:60]: [_("There is no such filter; there are: %(known)s.") % {"known": "month"}]
                    for name in unknown
                }
            )
        if month and not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", month):
            raise ValidationError({"month": [_("“%(text)s” is not a month such as 2026-10.") % {"text": month[:20]}]})
        first, last = month_named(month)
        return Response(PlanRowSerializer(plan_rows(request.user, first, last), many=True).data)
