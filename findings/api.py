"""Findings and their clocks over the API."""

from typing import Any

import rules
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiTypes, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from audits.models import Audit
from audits.states import CAPTURING
from findings import actions, forms, kinds
from findings.filters import narrow
from findings.models import Deadline, Finding
from findings.storage import store
from findings.why import why
from people.rules import acting_ids
from workflow import moves
from workflow.errors import StaleState


class FindingSerializer(serializers.ModelSerializer[Finding]):
    audit = serializers.CharField(source="audit.number")
    site = serializers.CharField(source="site.code")
    owner = serializers.CharField(source="owner.username", default=None)

    class Meta:
        model = Finding
        fields = [
            "number", "state", "version", "audit", "source", "site", "what", "when", "where", "found_by", "why", "how",
            "how_much", "customer_words", "customer_grade", "grade", "category", "clause", "product", "owner",
            "created_at", "issued_at", "closed_at", "customer_closed_at", "cycle",
        ]


class DeadlineSerializer(serializers.ModelSerializer[Deadline]):
    finding = serializers.CharField(source="finding.number", default=None)
    audit = serializers.CharField(source="audit.number", default=None)
    name = serializers.SerializerMethodField()
    owes = serializers.CharField(source="owes.username", default=None)
    late = serializers.BooleanField(allow_null=True)
    why = serializers.SerializerMethodField()

    class Meta:
        model = Deadline
        fields = ["id", "finding", "audit", "step", "name", "part", "cycle", "owes", "started_at", "due_at",
                  "answered_at", "accepted_at", "stopped_at", "late", "why"]

    def get_name(self, deadline: Deadline) -> str:
        return kinds.label(deadline.step)

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_why(self, deadline: Deadline) -> dict[str, Any]:
        return why(deadline).as_data()


class FindingViewSet(viewsets.GenericViewSet[Finding]):
    """Findings the caller may see; `moves` says what they may do now, `moves/<move>` does it."""

    serializer_class = FindingSerializer
    lookup_field = "number"
    lookup_value_regex = "[^/]+"
    queryset = Finding.objects.none()

    def _finding(self, number: str) -> Finding:
        return get_object_or_404(Finding.objects.visible_to(self.request.user).for_page(), number=number)

    def list(self, request: Request) -> Response:
        visible = Finding.objects.visible_to(request.user).select_related("audit", "site", "owner")
        chosen, rows = narrow(request.query_params, visible, request)
        if not chosen.is_valid():
            raise serializers.ValidationError(chosen.errors)
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, number: str) -> Response:
        return Response(self.get_serializer(self._finding(number)).data)

    @extend_schema(request=OpenApiTypes.OBJECT, responses={201: FindingSerializer})
    def create(self, request: Request) -> Response:
        """Draft a finding: `audit` (its number) and the fields of the problem form."""
        data = moves.flat(request.data)
        audit = get_object_or_404(Audit.objects.visible_to(request.user), number=data.get("audit", ""))
        if not rules.has_perm("findings.create", request.user, audit):
            raise PermissionDenied
        if audit.state not in CAPTURING:
            raise StaleState
        form = forms.ProblemFields(data, request.FILES, instance=Finding(audit=audit))
        if not form.is_valid():
            raise moves.refused(form)
        files = [store(upload) for upload in form.cleaned_data["files"]]
        finding = actions.create(audit, by=request.user, fields=form.values(), files=files)
        return Response(self.get_serializer(finding).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=OpenApiTypes.OBJECT)
    @action(detail=True, methods=["get"])
    def moves(self, request: Request, number: str) -> Response:
        finding = self._finding(number)
        return Response(moves.describe(forms.FORMS, finding, request.user, actions.available(finding, request.user)))

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @action(detail=True, methods=["post"], url_path="moves/(?P<move>[a-z_]+)")
    def move(self, request: Request, number: str, move: str) -> Response:
        return Response(moves.api(request, self._finding(number), move, forms=forms.FORMS, perform=actions.perform))


class DeadlineViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Deadline]):
    """The clocks of what the caller may see, each with why it is due then. Narrow with `finding`, `audit`, `step`,
    `running=1` or `mine=1`."""

    serializer_class = DeadlineSerializer
    queryset = Deadline.objects.none()

    def get_queryset(self) -> Any:
        rows, asked = Deadline.objects.visible_to(self.request.user), self.request.query_params
        for name, column in (("finding", "finding__number"), ("audit", "audit__number"), ("step", "step")):
            if asked.get(name):
                rows = rows.filter(**{column: asked[name]})
        if asked.get("running") == "1":
            rows = rows.running()
        if asked.get("mine") == "1":
            rows = rows.filter(owes_id__in=acting_ids(self.request.user))
        return rows.explained().select_related("finding", "audit")
