"""One box over everything one may see."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from search.grams import LONGEST, normal
from search.query import Group, search
from search.sources import SOURCES


def index(request: HttpRequest) -> HttpResponse:
    """What was found, by kind; a whole number or name of one record alone leads straight to it. Beneath the box, while
    somebody types, only the first few of each kind.
    """
    text = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
    kind = request.GET.get("kind", "")
    kinds = (kind,) if kind in SOURCES else ()
    typing = bool(request.headers.get("HX-Request"))
    groups = search(request.user, text, kinds=kinds, most=4 if typing else 50 if kinds else 8) if text else []
    if not typing and not kinds and (url := _only(groups, text)):
        return redirect(url)
    template = "search/_found.html" if typing else "search/index.html"
    context = {"query": text, "groups": groups, "kind": kinds[0] if kinds else ""}
    return render(request, template, context)


def _only(groups: list[Group], text: str) -> str:
    """The address of the one audit or finding whose whole number this is; a name leads to everything that has to do with it."""
    numbered = [group for group in groups if group.source.everything]
    exact = [hit for group in numbered for hit in group.hits if normal(hit.title) == normal(text)]
    return exact[0].url if len(exact) == 1 else ""
