"""One's own notices over the API."""

from django.shortcuts import get_object_or_404
from django.utils.translation import get_language, gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from lib import moment
from lib.filters import FilterSet, YesFilter, checked
from notices import actions
from notices.models import Notice
from notices.text import lines
from workflow.schema import ACTS, LISTS


class NoticeSerializer(serializers.ModelSerializer[Notice]):
    """A notice in the caller's language, with its facts."""

    subject = serializers.SerializerMethodField()
    body = serializers.SerializerMethodField()
    facts = serializers.JSONField()
    url = serializers.CharField(allow_blank=True)

    class Meta:
        model = Notice
        fields = [
            "id",
            "kind",
            "level",
            "subject",
            "body",
            "facts",
            "url",
            "created_at",
            "read_at",
            "needs_answer",
            "answered_at",
        ]

    def get_subject(self, notice: Notice) -> str:
        return lines(notice, get_language())[0]

    def get_body(self, notice: Notice) -> str:
        return lines(notice, get_language())[1]


class NoticeFilter(FilterSet):
    unread = YesFilter(field_name="read_at", lookup_expr="isnull", label=_("Unread only"))
    needs_answer = YesFilter(label=_("Needs an answer"))

    class Meta:
        model = Notice
        fields: list[str] = []


class NoticeViewSet(viewsets.GenericViewSet[Notice]):
    """What the caller was told."""

    serializer_class = NoticeSerializer
    queryset = Notice.objects.none()
    filterset_class = NoticeFilter
    ordering = "-created_at"
    lookup_value_regex = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"

    @extend_schema(responses={200: NoticeSerializer(many=True), **LISTS})
    def list(self, request: Request) -> Response:
        rows = Notice.objects.filter(recipient_id=request.user.pk).select_related("recipient")
        page = self.paginate_queryset(checked(NoticeFilter(request.query_params, queryset=rows), request.query_params))
        return self.get_paginated_response(NoticeSerializer(page, many=True).data)

    @extend_schema(request=None, responses={200: NoticeSerializer, **ACTS})
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str) -> Response:
        """Acknowledge a notice that asks for it; a second time changes nothing."""
        found = get_object_or_404(Notice, pk=pk, recipient_id=request.user.pk, needs_answer=True)
        actions.answer(found, at=moment.now())
        found.refresh_from_db()
        return Response(NoticeSerializer(found).data)
