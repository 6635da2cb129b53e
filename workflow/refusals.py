"""What the API answers when something is refused."""

from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from workflow.errors import GateClosed, StaleState


def api_errors(error: Exception, context: dict[str, Any]) -> Response | None:
    """404 / 403 / 409 / 400 with one sentence or the fields named, as the pages answer."""
    if isinstance(error, StaleState):
        return Response({"detail": error.message, "code": "stale"}, status=status.HTTP_409_CONFLICT)
    if isinstance(error, GateClosed):
        return Response(
            {"missing": [str(sentence) for sentence in error.missing], "code": "gate"},
            status=status.HTTP_400_BAD_REQUEST,
        )
    if isinstance(error, PermissionDenied) and error.args:
        return Response({"detail": str(error), "code": "forbidden"}, status=status.HTTP_403_FORBIDDEN)
    if isinstance(error, SuspiciousOperation):
        return Response({"detail": _("The request is too large."), "code": "too_large"}, status.HTTP_400_BAD_REQUEST)
    return exception_handler(error, context)
