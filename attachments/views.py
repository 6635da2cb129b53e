"""A file, handed out to those who may see its record."""

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404

from attachments.models import Attachment
from attachments.registry import may_see
from attachments.serving import serve


def file(request: HttpRequest, token: str) -> HttpResponseBase:
    """The file under its token; a picture with `?small` as a thumbnail. 404 for whoever may not see the record."""
    found = get_object_or_404(Attachment.objects.select_related("subject_type"), token=token)
    if not may_see(request.user, found):
        raise Http404
    return serve(found.file, name=found.name, content_type=found.content_type, small="small" in request.GET)
