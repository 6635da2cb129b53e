"""Handing out a protected file: by the reverse proxy where there is one, else streamed."""

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import FileResponse, HttpResponse, HttpResponseBase

INLINE = {"image/jpeg", "image/png", "image/webp", "image/gif", "application/pdf"}


def serve(file: Any, *, name: str, content_type: str) -> HttpResponseBase:
    """The file, never executed: its stored content type, no sniffing, and a download unless it is a picture or a PDF."""
    disposition = "inline" if content_type in INLINE else "attachment"
    response: HttpResponseBase
    if settings.ACCEL_PREFIX:
        response = HttpResponse(headers={"X-Accel-Redirect": settings.ACCEL_PREFIX + quote(file.name)})
    else:
        response = FileResponse(file.open("rb"))
    response.headers["Content-Type"] = content_type
    response.headers["Content-Disposition"] = f"{disposition}; filename*=UTF-8''{quote(name)}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, max-age=300"
    return response
