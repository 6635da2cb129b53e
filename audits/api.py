"""Audits over the API."""

from typing import Any

import rules
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from audits import actions, forms
from audits.filters import narrow
from audits.models import Audit
from workflow import moves


class AuditSerializer(serializers.ModelSerializer[Audit]):
    customer = serializers.CharField(source="customer_label")
    kind = serializers.CharField(source="kind.code", default=None)
    leader = serializers.CharField(source="leader.username", default=None)
    lead_escort = serializers.CharField(source="lead_escort.username", default=None)
    sites = serializers.SerializerMethodField()

    class Meta:
        model = Audit
        fields = [
            "number", "state", "version", "customer", "kind", "mode", "sudden", "planned_start", "planned_end",
            "actual_start", "actual_end", "leader", "lead_escort", "sites", "scope", "result", "score", "received_at",
            "created_at",
        ]

    def get_sites(self, audit: Audit) -> list[str]:
        return [place.site.code for place in audit.places.all()]


class AuditViewSet(viewsets.GenericViewSet[Audit]):
    """Audits the caller may see; `moves` says what they may do now, `moves/<move>` does it."""

    serializer_class = AuditSerializer
    lookup_field = "number"
    lookup_value_regex = "[^/]+"
    queryset = Audit.objects.none()

    def _rows(self) -> Any:
        return Audit.objects.visible_to(self.request.user).for_list()

    def _audit(self, number: str) -> Audit:
        return get_object_or_404(Audit.objects.visible_to(self.request.user).for_page(), number=number)

    def list(self, request: Request) -> Response:
        chosen, rows = narrow(request.query_params, self._rows())
        if not chosen.is_valid():
            raise serializers.ValidationError(chosen.errors)
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, number: str) -> Response:
        return Response(self.get_serializer(self._audit(number)).data)

    @extend_schema(request=OpenApiTypes.OBJECT, responses={201: AuditSerializer})
    def create(self, request: Request) -> Response:
        """Log a request. Takes the fields of the request form."""
        if not rules.has_perm("audits.create", request.user):
            raise PermissionDenied
        form = forms.NewRequestForm(moves.flat(request.data), request.FILES)
        if not form.is_valid():
            raise moves.refused(form)
        audit = actions.log_request(
            by=request.user, received_at=form.cleaned_data["received_at"], sudden=form.cleaned_data["sudden"],
            **form.split(),
        )
        return Response(self.get_serializer(self._audit(audit.number)).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=OpenApiTypes.OBJECT)
    @action(detail=True, methods=["get"])
    def moves(self, request: Request, number: str) -> Response:
        audit = self._audit(number)
        return Response(moves.describe(forms.FORMS, audit, request.user, actions.available(audit, request.user)))

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    @action(detail=True, methods=["post"], url_path="moves/(?P<move>[a-z_]+)")
    def move(self, request: Request, number: str, move: str) -> Response:
        return Response(moves.api(request, self._audit(number), move, forms=forms.FORMS, perform=actions.perform))
