"""What is measured: pages against minimal views, the sweep against bare SQL, the PDF against WeasyPrint alone."""

from collections.abc import Callable
from math import isnan

from django.core.management import call_command
from django.db import connection
from django.test import Client

from bench.data import fill
from bench.engine import delivering, engine, issuing
from bench.finding_words import SEARCHES, index
from clocks.deadlines import Deadline
from findings.models import Finding
from people.models import User
from reports import pdf
from reports.periods import Period
from reports.summary import drawings, summary
from search.query import search

SideBySide = Callable[..., tuple[float, float]]


def say(name: str, ours: float, bare: float, note: str, *, inverse: bool = False) -> None:
    if isnan(bare):
        print(f"  {name:<34} {ours:9.1f} ms   (no bare SQL beside it on this database)", flush=True)
        return
    ratio = bare / ours if inverse else ours / bare
    print(f"  {name:<34} {ours:9.1f} ms   beside {bare:9.1f} ms   {ratio:5.2f}×  {note}", flush=True)


def report(sizes: list[int], rounds: int, side_by_side: SideBySide, only: str) -> None:
    """Everything at every size, or `only` the "engine", the "pages" or the "search"."""
    call_command("migrate", verbosity=0)
    for size in sizes:
        fill(size)
        print(f"\n{size:,} findings, {Deadline.objects.count():,} clocks; median of {rounds}", flush=True)
        if only in {"all", "pages"} and connection.vendor == "postgresql":
            _pages(rounds, side_by_side)
        if only in {"all", "search"}:
            searching(rounds, side_by_side)
        if only in {"all", "engine"}:
            engine(size, rounds, side_by_side, say)
        if only == "all" and connection.vendor == "postgresql":
            _report(rounds, side_by_side)
    if only in {"all", "engine"}:
        issuing(rounds, say)
        delivering(say)


def _pages(rounds: int, side_by_side: SideBySide) -> None:
    client = Client()
    client.force_login(User.objects.get(username="leader1"), backend="django.contrib.auth.backends.ModelBackend")
    number = Finding.objects.filter(state="customer_closed").order_by("-id").values_list("number", flat=True)[0]

    def get(url: str) -> Callable[[], None]:
        def act() -> None:
            assert client.get(url).status_code == 200

        return act

    note = "of the speed of a minimal view"
    say("list page", *side_by_side(rounds * 3, get("/findings/"), get("/bench/list/")), note, inverse=True)
    for name, sort in (("by an indexed column", "-number"), ("by a column with gaps", "-customer_due_on")):
        say(
            f"list page, {name}",
            *side_by_side(rounds, get(f"/findings/?sort={sort}"), get("/findings/")),
            "of the time of the list as it lies",
        )
    part = Client(headers={"HX-Request": "true"})
    part.cookies = client.cookies
    say(
        "list page, htmx part",
        *side_by_side(rounds * 3, lambda: part.get("/findings/?state=issued"), get("/bench/list/")),
        note,
        inverse=True,
    )
    say(
        "finding page",
        *side_by_side(rounds * 3, get(f"/findings/{number}/"), get(f"/bench/page/{number}/")),
        note,
        inverse=True,
    )


def searching(rounds: int, side_by_side: SideBySide) -> None:
    """What a search costs beside fetching one session and one user, which every page does."""
    index(Finding.objects.count())
    user = User.objects.get(username="leader1")

    def bare() -> None:
        User.objects.get(pk=user.pk)

    for typed in SEARCHES:
        ours, beside = side_by_side(rounds, lambda: search(user, typed), bare)  # noqa: B023  called at once
        found = sum(group.total for group in search(user, typed))
        say(f"search {typed}", ours, beside, f"of reading one row; {found} found")


def _report(rounds: int, side_by_side: SideBySide) -> None:
    from django.template.loader import render_to_string

    month = Period.current()
    made = summary(month)
    context = {"summary": made, "f": made.figures, "charts": drawings(made.figures)}
    html = render_to_string("reports/period_pdf.html", context)
    say(
        "PDF of the month",
        *side_by_side(3, lambda: pdf.of_summary(summary(month)), lambda: pdf.render(html)),
        "of the time of WeasyPrint alone (figures and template included)",
    )
