"""The figures of a report over the API."""

import rules
from django.http import Http404
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from reports.periods import Period
from reports.summary import summary
from workflow.schema import READS


class PeriodView(APIView):
    """The figures of one period, as the page shows them."""

    @extend_schema(
        responses={200: OpenApiTypes.OBJECT, **READS},
        description="The figures of one period, such as 2026-10, 2026-Q4, 2026-H2, 2026 or 2026-10-05..2026-11-20.",
    )
    def get(self, request: Request, period: str) -> Response:
        if not rules.has_perm("reports.view", request.user):
            raise PermissionDenied
        try:
            made = summary(Period.past_or_present(period), ledger=rules.has_perm("closure.keep_ledger", request.user))
        except ValueError as error:
            raise Http404(str(error)) from error
        return Response({"published": made.publication is not None, **made.figures})
