"""Addresses that lead nowhere: a page for people, JSON for programs."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views import defaults


def not_found(request: HttpRequest, exception: Any) -> HttpResponse:
    """404; below /api/ as JSON, like every other answer there."""
    if request.path.startswith("/api/"):
        return JsonResponse({"detail": _("Not found.")}, status=404)
    return defaults.page_not_found(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    """500; below /api/ as JSON."""
    if request.path.startswith("/api/"):
        return JsonResponse({"detail": _("Something went wrong here; it has been written down.")}, status=500)
    return defaults.server_error(request)
