"""The search over the API: the same words, the same rights, the same order."""

from html import unescape
from typing import Any

from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.grams import LONGEST
from search.query import search
from search.sources import SOURCES

MOST = 50


class HitSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField()
    excerpt = serializers.CharField()
    url = serializers.CharField(help_text="The address of its page, below the site's own.")


class SearchView(APIView):
    """Everything the person may see in which all words are found, the best first within each kind."""

    @extend_schema(
        parameters=[
            OpenApiParameter("q", str, required=True, description="Words, numbers, names or pinyin."),
            OpenApiParameter("kind", str, enum=["finding", "audit", "customer", "person", "site"]),
        ],
        responses=HitSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        text, kind = request.query_params.get("q", "").replace("\x00", "").strip(), request.query_params.get("kind", "")
        if not text:
            raise ValidationError({"q": [_("Say what to look for.")]})
        if kind and kind not in SOURCES:
            raise ValidationError(
                {"kind": [_("There is no such kind; there are: %(known)s.") % {"known": ", ".join(SOURCES)}]}
            )
        groups = search(request.user, text[:LONGEST], kinds=(kind,) if kind else (), most=MOST)
        found = [
            {
                "kind": group.source.kind,
                "title": hit.title,
                "about": str(hit.about),
                "excerpt": unescape(strip_tags(hit.excerpt)),
                "url": hit.url,
            }
            for group in groups
            for hit in group.hits
        ]
        return Response(HitSerializer(found, many=True).data)
