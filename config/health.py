"""For operators: is the process up, is the whole product ready."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from closure.models import Heartbeat
from notices.models import Delivery
from workflow import moment


def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


def state() -> dict[str, Any]:
    """Whether the database answers and the sweep is on time, and how much waits to be delivered."""
    try:
        connection.ensure_connection()
        beat = Heartbeat.objects.filter(job="sweep").first()
        waiting = Delivery.objects.filter(status=Delivery.Status.PENDING)
        oldest = waiting.order_by("next_try_at").values_list("next_try_at", flat=True).first()
        count = waiting.count()
    except DatabaseError as error:
        return {"ready": False, "database": f"{type(error).__name__}"}
    late = sweep_is_late(beat)
    return {
        "ready": not late, "database": "ok", "sweep": "late" if late else "on time",
        "last_sweep": beat.at.isoformat() if beat else None, "deliveries_waiting": count,
        "oldest_delivery": oldest.isoformat() if oldest else None,
    }


def sweep_is_late(beat: Heartbeat | None) -> bool:
    return beat is None or moment.now() - beat.at > timedelta(seconds=settings.SWEEP_LATE_SECONDS)


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when everything that the clocks need is there, else 503."""
    found = state()
    return JsonResponse(found, status=200 if found["ready"] else 503)
