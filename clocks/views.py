"""The engine's own pages: how it stands, what could not be delivered, its policies, and what a change would do."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import rules
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clocks import health as engine
from lib.paging import page
from notices.delivery import send_again
from notices.models import Delivery
from notices.text import lines
from people.actions import change_address
from people.models import User

#: Closer to its time a version is not taken back any more: a clock may be starting under it.
CLOSE_BY = timedelta(minutes=1)


def require(permission: str, request: HttpRequest) -> None:
    if not rules.has_perm(permission, request.user):
        raise PermissionDenied(permission)


def overview(request: HttpRequest) -> HttpResponse:
    """Heartbeat, lag, canary and queue, for whoever runs the system."""
    require("clocks.engine", request)
    return render(request, "clocks/engine.html", {"state": engine.state(), "running": engine.clocks_running()})


# Dead letters -------------------------------------------------------------------------------------------------------


def undelivered(request: HttpRequest) -> HttpResponse:
    """What was given up, with its reason, to be mended and sent again; with `waiting=1` what is still tried."""
    require("clocks.engine", request)
    waiting = request.GET.get("waiting") == "1"
    status = Delivery.Status.PENDING if waiting else Delivery.Status.DEAD
    rows = Delivery.objects.filter(status=status).select_related("notice__recipient__unit")
    order = ("next_try_at", "id") if waiting else ("-next_try_at", "-id")
    shown = page(rows, order, request.GET.get("after", ""))
    letters = [{"row": clock, "subject": lines(clock.notice)[0]} for clock in shown]
    return render(request, "clocks/undelivered.html", {"letters": letters, "page": shown, "waiting": waiting})


@require_POST
def resend(request: HttpRequest) -> HttpResponse:
    """Send the chosen dead letters again, or all of them."""
    require("clocks.engine", request)
    dead = Delivery.objects.filter(status=Delivery.Status.DEAD)
    if request.POST.get("all") != "1":
        dead = dead.filter(pk__in=[pk for pk in map(_uuid, request.POST.getlist("letter")) if pk])
    count = send_again(list(dead.values_list("pk", flat=True)))
    messages.success(request, _("%(n)s letters are sent again.") % {"n": count})
    return redirect("clocks:undelivered")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def write_down(request: HttpRequest, subject: Any, said: str) -> None:
    """What an administrator did to the engine, in the administration's log with name and time."""
    LogEntry.objects.log_actions(int(request.user.pk or 0), [subject], CHANGE, change_message=said, single_object=True)


@require_POST
def mend_address(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the address right of someone whom a message could not reach, and send it again; noted in the log."""
    require("clocks.engine", request)
    person = get_object_or_404(User, pk=pk, is_superuser=False, is_active=True)
    dead = Delivery.objects.filter(status=Delivery.Status.DEAD, notice__recipient=person)
    if not dead.exists():
        raise Http404
    address = request.POST.get("email", "").strip()[:254]
    try:
        validate_email(address)
    except ValidationError as error:
        messages.error(request, f"{person}: {error.messages[0]}")
        return redirect("clocks:undelivered")
    change_address(person, address, by=request.user)
    count = send_again(list(dead.values_list("pk", flat=True)))
    messages.success(
        request, _("%(person)s: address saved, %(n)s letters are sent again.") % {"person": person, "n": count}
    )
    return redirect("clocks:undelivered")


# Policies -----------------------------------------------------------------------------------------------------------
