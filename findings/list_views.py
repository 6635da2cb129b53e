"""The list of findings: as a table, as a board, as a file, with many ticked, and one looked at beside it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, ngettext

from findings import actions
from findings.filters import narrow
from findings.models import Finding
from findings.registers import BOARD, FINDINGS
from findings.states import FindingState
from findings.views import MOVES, visible
from lib import moment
from lib.board import board
from lib.listing import listing as list_context
from lib.register import download
from workflow import bulk as many, moves


def listing(request: HttpRequest) -> HttpResponse:
    """All findings one may see, filtered, the newest first."""
    chosen, rows = narrow(request.GET, Finding.objects.visible_to(request.user).for_list(), request)
    as_board = request.GET.get("as") == "board"
    context = list_context(request, FINDINGS, chosen, rows) | {
        "now": moment.now(),
        "ticks": "number",
        "glance": True,
        "board": board(rows, "state", [(code, FindingState(code).label) for code in BOARD]) if as_board else None,
        "as_board": as_board,
    }
    template = "findings/_rows.html" if request.headers.get("HX-Request") else "findings/list.html"
    return render(request, template, context)


def export(request: HttpRequest) -> HttpResponseBase:
    """The filtered list as Excel or CSV (domain §2.8): the register that goes round; times as the plant's wall shows them."""
    visible = Finding.objects.visible_to(request.user).for_list().select_related("site__unit")
    _chosen, rows = narrow(request.GET, visible, request)
    return download(FINDINGS, rows, request.GET)


def glance(request: HttpRequest, number: str) -> HttpResponse:
    """The finding beside the list: what it says, its clocks, whose turn it is, what this person may do."""
    finding = visible(request, number)
    deadlines = list(finding.deadlines.order_by("cycle", "id"))
    context = {
        "finding": finding,
        "clocks": [clock for clock in deadlines if clock.running],
        "turn": actions.whose_turn(finding, deadlines),
        "moves": [move for move in moves.buttons(actions.MACHINE, finding, request.user) if move["mine"]],
        "pictures": [file for file in finding.evidence.all()[:12] if file.is_image][:4],
        "now": moment.now(),
    }
    return render(request, "findings/_glance.html", context)


def bulk(request: HttpRequest) -> HttpResponse:
    """One move for the ticked findings. GET shows what can be done with them and the form; POST does it, each by itself."""
    sent = request.POST if request.method == "POST" else request.GET
    numbers = [number for number in dict.fromkeys(sent.getlist("number")) if "\x00" not in number][: many.MOST]
    rows = Finding.objects.visible_to(request.user).for_page().filter(number__in=numbers).order_by("number")
    findings = list(rows)
    if not findings:
        messages.warning(request, _("Tick the findings first."))
        return redirect("findings:list")
    move = sent.get("move", "")
    known = {choice.name: choice for choice in many.choices(MOVES, findings, request.user)}
    context: dict[str, Any] = {"findings": findings, "choices": known.values(), "chosen": known.get(move)}
    if request.method == "POST" and move in known and not _filled_in(request, findings, move, context):
        return render(request, "findings/bulk.html", context, status=400)
    if request.method == "POST" and (move in known or _was_known(move)):
        outcome = many.act(request, findings, move, MOVES)
        if outcome.done:
            said = ngettext("%(move)s: %(n)s finding.", "%(move)s: %(n)s findings.", len(outcome.done))
            label = MOVES.machine.moves[move].label
            messages.success(request, said % {"move": label, "n": len(outcome.done)})
        if not outcome.refused:
            return redirect("findings:list")
        findings = list(rows.filter(pk__in=[finding.pk for finding, _said in outcome.refused]))
        known = {choice.name: choice for choice in many.choices(MOVES, findings, request.user)}
        context |= {"outcome": outcome, "findings": findings, "choices": known.values(), "chosen": known.get(move)}
    if move in known:
        first = next(finding for finding in findings if MOVES.possible(finding, move))
        data = request.POST if request.method == "POST" else None
        context["form"] = many.form_for(MOVES, first, move, request.user, data)
    return render(request, "findings/bulk.html", context, status=400 if "outcome" in context else 200)


def _filled_in(request: HttpRequest, findings: list[Finding], move: str, context: dict[str, Any]) -> bool:
    """Whether the form itself is filled in; where it is not, nothing is tried, and the context says what is missing."""
    first = next(finding for finding in findings if MOVES.possible(finding, move))
    form = context["form"] = many.form_for(MOVES, first, move, request.user, request.POST)
    missing = [name for name, errors in form.errors.as_data().items() for error in errors if error.code == "required"]
    return not missing


def _was_known(move: str) -> bool:
    """A move for many, whatever the findings are in now: sent twice, it still says what became of it."""
    return move in MOVES and MOVES.machine.moves[move].in_bulk is not None
