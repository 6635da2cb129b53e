"""Monthly figures over the API."""

import rules
from django.http import Http404
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from reports.months import Month
from reports.summary import summary
from workflow.schema import READS


class MonthView(APIView):
    """The figures of one month, as the page shows them."""

    @extend_schema(
        responses={200: OpenApiTypes.OBJECT, **READS},
        description="The figures of one month such as 2026-10, as the page shows them.",
    )
    def get(self, request: Request, month: str) -> Response:
        if not rules.has_perm("reports.view", request.user):
            raise PermissionDenied
        try:
            made = summary(Month.past_or_present(month), ledger=rules.has_perm("closure.keep_ledger", request.user))
        except ValueError as error:
            raise Http404(str(error)) from error
        return Response({"published": made.publication is not None, **made.figures})
