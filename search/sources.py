"""What can be searched: each app says it of its own records."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.functional import Promise


@dataclass(frozen=True)
class Text:
    """What is known of a record: what it is called, all that it may be called, and what it says."""

    title: str
    names: tuple[str, ...] = ()
    #: What a person reads of it, and shown where it was found.
    says: tuple[str, ...] = ()
    #: By what else it is found, without being shown: names of people and places in both languages, pinyin, names of files.
    also: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Source:
    """A kind of record that can be found."""

    kind: str
    label: Promise | str
    model: type[Model]
    #: The rows with everything `text` reads, in a constant number of statements.
    rows: Callable[[Iterable[int]], Iterable[Any]]
    text: Callable[[Any], Text]
    #: Those a person may see.
    visible: Callable[[Any], "QuerySet[Any]"]
    #: The rows that are shown, read once for all of them: with what `link` and `about` read.
    shown: Callable[[Iterable[int]], Iterable[Any]]
    #: Where a click leads.
    link: Callable[[Any], str]
    #: What stands beside the title, such as the state.
    about: Callable[[Any], str] = lambda _row: ""
    #: The list that shows all that was found, as far as it knows a filter `q`.
    everything: str = ""
    #: Saving only other columns than these changes nothing that can be found; empty: every save does.
    watched: frozenset[str] = frozenset()


#: In the order in which what was found is shown.
SOURCES: dict[str, Source] = {}


#: Who says in their own text what a record of a model is called: kind, and the rows of it that name the record.
NAMED_BY: dict[type[Model], list[tuple[str, Callable[[Any], "QuerySet[Any]"]]]] = {}


def register(source: Source) -> None:
    """Let these records be found; their model is a `Searchable`. Raises ValueError when the kind is known already."""
    if source.kind in SOURCES:
        raise ValueError(f"{source.kind} is registered already")
    SOURCES[source.kind] = source


def names(model: type[Model], kind: str, rows: "Callable[[Any], QuerySet[Any]]") -> None:
    """Records of `kind` say in their own text what a record of `model` is called: once it is called otherwise, they follow."""
    NAMED_BY.setdefault(model, []).append((kind, rows))


def of(record: Any) -> Source | None:
    """How the record is found, if it is."""
    return next((source for source in SOURCES.values() if source.model is type(record)), None)
