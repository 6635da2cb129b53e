"""The inbox."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from lib import moment
from lib.paging import PER_PAGE, Page, page
from notices import actions
from notices.models import Notice
from notices.text import lines

#: Kinds of notices that ask for a decision: they stand first.
DECISIONS = ("exemption_waits",)


def inbox(request: HttpRequest) -> HttpResponse:
    """What I was told: what needs me first, then by subject, the newest first; what was said of it before is folded."""
    rows = Notice.objects.filter(recipient_id=request.user.pk)
    unread = request.GET.get("unread") == "1"
    if unread:
        rows = rows.filter(read_at=None)
    first = [] if request.GET.get("after") else list(_needs_me(rows))
    shown, groups = _by_subject(rows.exclude(pk__in=[notice.pk for notice in first]), request.GET.get("after", ""))
    language = get_language()
    context = {
        "first": [{"notice": notice, "text": lines(notice, language)} for notice in first],
        "told": [
            {
                "notice": several[0],
                "text": lines(several[0], language),
                "count": len(several) - 1,
                "earlier": [{"notice": notice, "text": lines(notice, language)} for notice in several[1:4]],
            }
            for several in groups
        ],
        "page": shown,
        "unread": unread,
        "total": rows.order_by().count(),
    }
    return render(request, "notices/inbox.html", context)


def _needs_me(rows: QuerySet[Notice]) -> QuerySet[Notice]:
    """What waits for an acknowledgement, and decisions that were not read yet."""
    asked = Q(needs_answer=True, answered_at=None) | Q(kind__in=DECISIONS, read_at=None)
    return rows.filter(asked).select_related("recipient").order_by("-created_at", "-id")[:50]


def _by_subject(rows: QuerySet[Notice], cursor: str) -> tuple[Page, list[list[Notice]]]:
    """One page of notices, those about the same thing together under the newest of them."""
    shown = page(rows.select_related("recipient"), ("-created_at", "-id"), cursor, PER_PAGE * 2)
    groups: dict[str, list[Notice]] = {}
    for one in shown:
        groups.setdefault(one.url or str(one.pk), []).append(one)
    return shown, list(groups.values())


@require_POST
def follow(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Mark as read and go to what the notice is about."""
    notice = get_object_or_404(Notice, pk=pk, recipient_id=request.user.pk)
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=moment.now())
    local = url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None)
    return redirect(notice.url if notice.url and local else "notices:inbox")


@require_POST
def answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Acknowledge a notice that asks for it."""
    notice = get_object_or_404(Notice, pk=pk, recipient_id=request.user.pk, needs_answer=True)
    actions.answer(notice, at=moment.now())
    back = request.POST.get("next", "")
    return redirect(back if back and url_has_allowed_host_and_scheme(back, allowed_hosts=None) else "notices:inbox")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    Notice.objects.filter(recipient_id=request.user.pk, read_at=None).update(read_at=moment.now())
    return redirect("notices:inbox")
