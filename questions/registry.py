"""Beside which records people ask: each app says it of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet


@dataclass(frozen=True)
class Asked:
    """Records of one model: who sees them, and who stands around one."""

    visible_to: Callable[[Any], "QuerySet[Any]"]
    #: The people who have to do with the record, the most obvious first; None is skipped.
    around: Callable[[Any], list[Any]]


ASKED: dict[type[Model], Asked] = {}


def register(model: type[Model], asked: Asked) -> None:
    """Let people ask beside these records. Raises ValueError when they are known already."""
    if model in ASKED:
        raise ValueError(f"{model.__name__} is registered already")
    ASKED[model] = asked


def may_see(person: Any, record: Any) -> bool:
    """Whether the person may see the record, and so what is asked beside it."""
    return ASKED[type(record)].visible_to(person).filter(pk=record.pk).exists()


def around(record: Any) -> list[Any]:
    """The people around the record who are here, each once."""
    people = {person.pk: person for person in ASKED[type(record)].around(record) if person and person.is_active}
    return list(people.values())
