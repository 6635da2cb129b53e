"""The inbox."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from notices import actions
from notices.models import Notice
from notices.text import lines
from workflow import moment
from workflow.paging import page


def inbox(request: HttpRequest) -> HttpResponse:
    """What I was told, the newest first; unread only on request."""
    rows = Notice.objects.filter(recipient_id=request.user.pk).select_related("recipient")
    unread = request.GET.get("unread") == "1"
    if unread:
        rows = rows.filter(read_at=None)
    shown = page(rows, ("-created_at", "-id"), request.GET.get("after", ""))
    told = [{"notice": one, "text": lines(one, get_language())} for one in shown]
    return render(request, "notices/inbox.html", {"told": told, "page": shown, "unread": unread})


@require_POST
def follow(request: HttpRequest, pk: str) -> HttpResponse:
    """Mark as read and go to what the notice is about."""
    notice = get_object_or_404(Notice, pk=pk, recipient_id=request.user.pk)
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=moment.now())
    local = url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None)
    return redirect(notice.url if notice.url and local else "notices:inbox")


@require_POST
def answer(request: HttpRequest, pk: str) -> HttpResponse:
    """Acknowledge a notice that asks for it."""
    notice = get_object_or_404(Notice, pk=pk, recipient_id=request.user.pk, needs_answer=True)
    actions.answer(notice, at=moment.now())
    back = request.POST.get("next", "")
    return redirect(back if back and url_has_allowed_host_and_scheme(back, allowed_hosts=None) else "notices:inbox")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    Notice.objects.filter(recipient_id=request.user.pk, read_at=None).update(read_at=moment.now())
    return redirect("notices:inbox")
