"""The procedure in the product: flow chart, activities, duties and terms, each leading to where it is done."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from people.models import User
from procedure.activities import ALL
from procedure.chart import chart
from procedure.content import DUTIES, STAGES, TERMS
from procedure.mine import parts


def _activities(mine: frozenset[str]) -> list[dict[str, Any]]:
    roles = {duty.key: duty.role for duty in DUTIES}
    return [
        {
            "activity": activity,
            "roles": [roles[key] for key in activity.roles],
            "mine": bool(mine & set(activity.roles)),
            "url": reverse(activity.place),
        }
        for activity in ALL
    ]


def index(request: HttpRequest) -> HttpResponse:
    """The whole procedure; what this person has a part in stands out, and alone with `mine=1`."""
    mine = parts(User.objects.get(pk=request.user.pk))  # type: ignore[misc]
    only = request.GET.get("mine") == "1"
    rows = [row for row in _activities(mine) if row["mine"] or not only]
    stages = [
        {"label": label, "rows": [row for row in rows if row["activity"].code.startswith(f"{key}-")]}
        for key, label in STAGES
    ]
    context = {
        "chart": chart(mine),
        "stages": [stage for stage in stages if stage["rows"]],
        "duties": [{"duty": duty, "mine": duty.key in mine} for duty in DUTIES],
        "terms": TERMS,
        "only": only,
        "has_part": bool(mine),
    }
    return render(request, "procedure/index.html", context)


class ActivitySerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    does = serializers.CharField()
    product = serializers.CharField()
    clock = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())
    stated = serializers.BooleanField(help_text="Whether the procedure says so; otherwise it is reconstructed.")
    mine = serializers.BooleanField()
    url = serializers.CharField()


class ProcedureView(APIView):
    """The activities of the procedure, in the caller's language."""

    @extend_schema(responses=ActivitySerializer(many=True))
    def get(self, request: Request) -> Response:
        said = [
            {
                **{name: str(getattr(row["activity"], name)) for name in ("code", "name", "does", "product", "clock")},
                "roles": list(row["activity"].roles),
                "stated": row["activity"].stated,
                "mine": row["mine"],
                "url": row["url"],
            }
            for row in _activities(parts(request.user))
        ]
        return Response(ActivitySerializer(said, many=True).data)
