"""For operators: is the process up, is the whole product ready, and its figures for Prometheus."""

from typing import Any

import rules
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST

from clocks import health as engine, metrics


def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


def state() -> dict[str, Any]:
    """Whether the database answers, the sweep is on time and the canary fired, and how much waits to be delivered."""
    try:
        found = engine.state()
    except DatabaseError as error:
        return {"ready": False, "database": f"{type(error).__name__}"}
    return {
        "ready": found.healthy,
        "database": "ok",
        "sweep": "late" if found.sweep_late else "on time",
        "last_sweep": found.last_sweep,
        "lag_seconds": found.lag,
        "canary": "silent" if found.canary_late else "on time",
        "deliveries_waiting": found.deliveries_waiting,
        "oldest_delivery_seconds": found.oldest_delivery_age,
        "dead_letters": found.dead_letters,
    }


def _may_look(request: HttpRequest) -> bool:
    """A scraper with METRICS_TOKEN as its bearer token, or an administrator."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    scraper = bool(settings.METRICS_TOKEN) and constant_time_compare(given, settings.METRICS_TOKEN)
    return scraper or bool(rules.has_perm("clocks.engine", request.user))


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when everything that the clocks need is there, else 503. What exactly is for those who run the system."""
    found = state()
    said = found if found["database"] == "ok" and _may_look(request) else {"ready": found["ready"]}
    return JsonResponse(said, status=200 if found["ready"] else 503)


def prometheus(request: HttpRequest) -> HttpResponse:
    """The engine's figures, for a scraper with METRICS_TOKEN as its bearer token, or for an administrator."""
    if not _may_look(request):
        raise PermissionDenied("metrics")
    return HttpResponse(metrics.text(), content_type=CONTENT_TYPE_LATEST)
