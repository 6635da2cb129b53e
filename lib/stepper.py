"""The path of a record as a row of steps: done, now, to come."""

from collections.abc import Iterable, Sequence
from typing import Any


def stepper(path: Sequence[Any], state: str, reached: Iterable[str]) -> list[dict[str, str]]:
    """What happened, what is now, what is to come. A step that was passed over is not shown as if it had been; a state
    beside the path (postponed …) leaves no "now".
    """
    seen = set(reached)
    position = [choice.value for choice in path].index(state) if state in [c.value for c in path] else None
    found = []
    for index, choice in enumerate(path):
        if choice.value == state:
            kind = "now"
        elif choice.value in seen and (position is None or index < position):
            kind = "done"
        elif (position is None and not any(later.value in seen for later in path[index:])) or (
            position is not None and index > position
        ):
            kind = "ahead"
        else:
            continue
        found.append({"label": str(choice.label), "kind": kind})
    return found
