"""What the moves of the small records beside a finding share."""

from collections.abc import Callable
from typing import Any

from django.utils.functional import Promise

from findings import facts
from findings.models import Finding
from workflow.forms import PlainForm
from workflow.move import Holder, Move


def holder(of_finding: Holder[Finding]) -> Holder[Any]:
    """Whoever holds the post on the finding holds it on what stands beside it."""
    ids: Callable[[Any], tuple[int | None, ...]] = lambda record: of_finding.ids(record.finding)  # noqa: E731
    return Holder(ids=ids, people=lambda record: of_finding.people(record.finding))


def follows(name: str, label: Promise | str) -> Move[Any, facts.Nothing]:
    """A move that nobody makes: it follows from a move of the finding, or of another record beside it."""
    return Move(name=name, label=label, form=PlainForm, facts=facts.Nothing, sensible=lambda _record: False)
