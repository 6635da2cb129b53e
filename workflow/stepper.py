"""The path of a record as a row of steps: done, now, to come."""

from collections.abc import Iterable, Sequence
from typing import Any


def stepper(path: Sequence[Any], state: str, reached: Iterable[str]) -> list[dict[str, str]]:
    """One entry per state of the path. A state beside the path (postponed …) leaves no "now"."""
    seen = set(reached)
    position = [choice.value for choice in path].index(state) if state in [c.value for c in path] else None
    found = []
    for index, choice in enumerate(path):
        if choice.value == state:
            kind = "now"
        elif position is not None and index < position:
            kind = "done" if choice.value in seen or index == 0 else "skipped"
        else:
            kind = "done" if position is None and choice.value in seen else "ahead"
        found.append({"label": str(choice.label), "kind": kind})
    return found
