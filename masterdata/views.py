"""Master data as pages: one list, one form, one history for every table."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rules
from auditlog.models import LogEntry
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lib.fields import UNPRINTABLE
from lib.register import download, turn
from masterdata import actions
from masterdata.registry import TABLES, WORDS, Table
from workflow.once import look, once, page_key


def kept(user: Any) -> list[Table]:
    """The tables this person keeps, for the tabs above them."""
    return [table for table in TABLES.values() if rules.has_perm(table.permission, user)]


def table_for(user: Any, name: str) -> Table:
    """The table, for whoever keeps it. Raises Http404, PermissionDenied."""
    table = TABLES.get(name)
    if table is None:
        raise Http404
    if not rules.has_perm(table.permission, user):
        raise PermissionDenied(table.permission)
    return table


def row_of(table: Table, code: str) -> Any:
    """The row by its code. Raises Http404."""
    if "\x00" in code or (table.code == "pk" and not (code.isascii() and code.isdecimal() and len(code) < 18)):
        raise Http404
    return get_object_or_404(table.rows(), **{table.code: code})


def found(table: Table, data: Any) -> tuple[str, Any]:
    """What the box of words asks for, and the rows it leaves; retired ones only where they are asked for."""
    text, rows = UNPRINTABLE.sub("", data.get("q", "")).strip()[:100], table.rows()
    if table.in_use and data.get("retired") != "1":
        rows = rows.filter(**dict(table.in_use))
    if text:
        wanted = Q()
        for lookup in table.search:
            wanted |= Q(**{f"{lookup}__icontains": text})
        rows = rows.filter(wanted)
    return text, rows


def listing(request: HttpRequest, name: str) -> HttpResponse:
    table = table_for(request.user, name)
    text, rows = found(table, request.GET)
    shown, by = turn(rows, table.register, request.GET)
    context = {
        "table": table,
        "tables": kept(request.user),
        "register": table.register,
        "page": shown,
        "sorting": by,
        "q": text,
        "retired": request.GET.get("retired") == "1",
        "total": rows.order_by().count(),
    }
    return render(request, "settings/table.html", context)


def export(request: HttpRequest, name: str) -> HttpResponseBase:
    """The list as Excel or CSV."""
    table = table_for(request.user, name)
    return download(table.register, found(table, request.GET)[1], request.GET)


def edit(request: HttpRequest, name: str, code: str = "") -> HttpResponse:
    """One form for a row that is new or there already, with its history beneath."""
    table = table_for(request.user, name)
    row = row_of(table, code) if code else None
    if row is not None and not table.may_edit(request.user, row):
        raise PermissionDenied(table.permission)
    look(request.user, page_key(request))
    form = table.form(request.POST or None, instance=row, by=request.user)
    if request.method == "POST" and form.is_valid():
        back = reverse("settings:table", args=[table.key])
        once(request.user, page_key(request), lambda: actions.save(form, request.user), url=back)
        messages.success(request, _("Saved."))
        return redirect(back)
    return _page(request, table, row, form, 400 if form.is_bound else 200)


def _page(request: HttpRequest, table: Table, row: Any, form: Any, status: int = 200) -> HttpResponse:
    context = {
        "table": table,
        "tables": kept(request.user),
        "form": form,
        "row": row,
        "code": getattr(row, table.code) if row else "",
        "title": str(row) if row else table.new,
        "history": lines(row) if row else [],
        "others": table.rows().filter(retired=False).exclude(pk=row.pk)[:500] if row and table.merges else [],
    }
    return render(request, "settings/edit.html", context, status=status)


@require_POST
def retire(request: HttpRequest, name: str, code: str) -> HttpResponse:
    """Out of what can be chosen, or back into it."""
    table = table_for(request.user, name)
    if not table.retires:
        raise Http404
    row, retired = row_of(table, code), request.POST.get("retired") == "1"
    actions.retire(row, request.user, retired=retired)
    messages.success(request, _("Out of use from now on.") if retired else _("In use again."))
    return redirect("settings:table", table.key)


@require_POST
def delete(request: HttpRequest, name: str, code: str) -> HttpResponse:
    table = table_for(request.user, name)
    if table.retires or not table.deletes:
        raise Http404
    row = row_of(table, code)
    try:
        actions.delete(row, request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("settings:row", table.key, code)
    messages.success(request, _("Taken out."))
    return redirect("settings:table", table.key)


@require_POST
def merge(request: HttpRequest, name: str, code: str) -> HttpResponse:
    """This row turns out to be another one."""
    table = table_for(request.user, name)
    into = request.POST.get("into", "").replace("\x00", "")
    if not table.merges:
        raise Http404
    row, other = row_of(table, code), table.rows().filter(**{table.code: into}).first()
    if other is None:
        messages.error(request, _("Choose which one it is."))
        return redirect("settings:row", table.key, code)
    try:
        count = actions.merge(table, row, other, request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("settings:row", table.key, code)
    said = {"row": row, "into": other, "n": count}
    messages.success(request, _("%(row)s is %(into)s from now on; %(n)s records followed.") % said)
    return redirect("settings:row", table.key, getattr(other, table.code))


@dataclass(frozen=True)
class Line:
    """One entry of a row's history."""

    at: datetime
    by: Any
    created: bool
    #: What, before, after.
    changes: list[tuple[str, str, str]]


def lines(row: Any) -> list[Line]:
    """The newest entries of the row's history, in words."""
    return [
        Line(
            entry.timestamp,
            entry.actor,
            entry.action == LogEntry.Action.CREATE,
            [
                (_what(what), _said(before), _said(after))
                for what, (before, after) in entry.changes_display_dict.items()
            ],
        )
        for entry in actions.history(row)[:40]
    ]


def _said(value: str) -> str:
    """A value of the history as a person reads it."""
    known = {"True": _("yes"), "False": _("no"), "None": "—", "": "—"}
    return known.get(value) or "、".join(str(WORDS.get(part, part)) for part in value.split("、"))


def _what(name: str) -> str:
    """What is no column but was changed all the same."""
    return {
        "merged": _("Turned out to be"),
        "joined": _("Joined into it"),
        "roles": _("Roles"),
        "is_active": _("Account open"),
    }.get(name, name)
