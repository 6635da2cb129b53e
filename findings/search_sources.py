"""How findings are found: by number, words of the problem, of every current answer, causes, people, places, names of files."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from findings.answers import Submission
from findings.models import Finding
from people.models import Site, User
from people.search_sources import names_of
from search.index import mark_all
from search.sources import Source, Text, names, register

#: What answers keep as codes, which nobody reads.
CODES = frozenset({"area", "leg", "category", "strength"})
WRITTEN = ("what", "customer_words", "where", "when", "found_by", "why", "how", "how_much", "product", "clause")


def _rows(keys: Iterable[int]) -> Any:
    answers = Submission.objects.filter(current=True).prefetch_related("whys", "roots", "actions")
    return (
        Finding.objects.filter(pk__in=keys)
        .select_related("audit__customer", "site", "owner")
        .prefetch_related(Prefetch("submissions", queryset=answers, to_attr="answers"), "evidence", "questions")
    )


def strings(value: Any) -> Iterator[str]:
    """Every text inside of what an answer keeps as data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        inside = [inner for key, inner in value.items() if key not in CODES] if isinstance(value, dict) else value
        for inner in inside:
            yield from strings(inner)


def _answer(submission: Submission) -> Iterator[str]:
    yield from strings(submission.data)
    for why in submission.whys.all():
        yield from (why.question, why.because, why.proof)
    for root in submission.roots.all():
        yield from (root.statement, root.verified_by)
    for action in submission.actions.all():
        yield from (action.text, action.documents)


def _text(finding: Any) -> Text:
    named = [thing for thing in (finding.audit.customer, finding.site, finding.owner) if thing]
    return Text(
        finding.number,
        (finding.customer_number,),
        (
            *(getattr(finding, name) for name in WRITTEN),
            *(text for submission in finding.answers for text in _answer(submission)),
            *(message.text for message in finding.questions.all()),
        ),
        (
            " ".join(name for thing in named for name in names_of(thing)),
            *(Path(file.name).stem for file in finding.evidence.all()),
        ),
    )


def _about(finding: Finding) -> str:
    return f"{finding.site} · {finding.get_state_display()}"


register(
    Source(
        kind="finding",
        label=_("Findings"),
        model=Finding,
        rows=_rows,
        text=_text,
        visible=lambda user: Finding.objects.visible_to(user),
        shown=lambda keys: Finding.objects.filter(pk__in=keys).select_related("site"),
        link=lambda row: row.get_absolute_url(),
        about=_about,
        everything="findings:list",
    )
)
names(Customer, "finding", lambda customer: Finding.objects.filter(audit__customer=customer))
names(Site, "finding", lambda site: Finding.objects.filter(site=site))
names(User, "finding", lambda user: Finding.objects.filter(owner=user))


def follow_audit(moved: Any) -> None:
    """Findings are found by their audit's customer: a changed requirement takes them along."""
    if moved.move in {"revise", "draft"}:
        mark_all("finding", Finding.objects.filter(audit=moved.subject))
