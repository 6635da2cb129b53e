"""What the small records beside a finding share."""

from collections.abc import Callable
from typing import Any

from findings.models import Finding
from workflow.move import Holder


def holder(of_finding: Holder[Finding]) -> Holder[Any]:
    """Whoever holds the post on the finding holds it on what stands beside it."""
    ids: Callable[[Any], tuple[int | None, ...]] = lambda record: of_finding.ids(record.finding)  # noqa: E731
    return Holder(ids=ids, people=lambda record: of_finding.people(record.finding))
