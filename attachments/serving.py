"""Handing out a protected file: by the reverse proxy where there is one, else streamed."""

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase

from attachments import pictures
from lib.files import download_name

INLINE = {"image/jpeg", "image/png", "image/webp", "image/gif", "application/pdf"}


def serve(file: Any, *, name: str, content_type: str, small: bool = False) -> HttpResponseBase:
    """The file, never executed: its stored content type, no sniffing, a download unless it is a picture or a PDF.

    It goes out under its own stem and the ending of what it is; pictures without place and device, and `small` as a
    thumbnail. Raises Http404 when the storage does not have it.
    """
    if small and not content_type.startswith("image/"):
        small = False
    try:
        path = pictures.thumbnail(file.name) if small else pictures.cleaned(file.name, content_type)
    except FileNotFoundError as error:
        raise Http404(name) from error
    extension = file.name.rpartition(".")[2]
    disposition = "inline" if content_type in INLINE else "attachment"
    response: HttpResponseBase
    if settings.ACCEL_PREFIX:
        response = HttpResponse(headers={"X-Accel-Redirect": settings.ACCEL_PREFIX + quote(path)})
    else:
        try:
            response = FileResponse(default_storage.open(path, "rb"))
        except FileNotFoundError as error:
            raise Http404(name) from error
    response.headers["Content-Type"] = "image/jpeg" if small else content_type
    response.headers["Content-Disposition"] = f"{disposition}; filename*=UTF-8''{quote(download_name(name, extension))}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, max-age=300"
    return response
