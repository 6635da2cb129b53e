"""Which lists there are: each app says it of its own registers."""

from dataclasses import dataclass
from typing import Any

from lib.filters import FilterSet
from lib.register import Register


@dataclass(frozen=True)
class Kept:
    """A register whose views can be kept: its filter, and the name of its page's address."""

    register: Register[Any]
    filters: type[FilterSet]
    page: str


KEPT: dict[str, Kept] = {}


def keep(register: Register[Any], filters: type[FilterSet], page: str) -> None:
    """Let people keep views of this list. Raises ValueError when it is known already."""
    if register.name in KEPT:
        raise ValueError(f"{register.name} is known already")
    KEPT[register.name] = Kept(register, filters, page)
