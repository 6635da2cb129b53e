"""What a move is called on a button and in a trail; every machine makes its own known here."""

from collections.abc import Mapping

from django.utils.functional import Promise

LABELS: dict[str, Promise | str] = {}


def know(labels: Mapping[str, Promise | str]) -> None:
    """Two machines may share a word, never with two meanings. Raises ValueError."""
    for name, label in labels.items():
        if LABELS.setdefault(name, label) != label:
            raise ValueError(f"{name} is called {label} and {LABELS[name]}")


def move_label(move: str) -> Promise | str:
    return LABELS.get(move, move)
