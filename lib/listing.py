"""What every list of a register shares: its filter's chips, its tabs, its columns, its pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.forms import Field
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from lib.filters import FilterSet
from lib.register import Column, Register, turn

#: What of an address is no filter of its own.
BESIDE = ("sort", "columns", "as")
LONGEST_QUERY = 1000


@dataclass(frozen=True)
class Chip:
    """One value that narrows the list, and the address without it."""

    label: str
    value: str
    without: str


def without(data: QueryDict, name: str, value: str | None = None) -> str:
    """The query without a field, or without one of its values; never with the page one was on."""
    rest = data.copy()
    rest.pop("after", None)
    kept = [] if value is None else [other for other in rest.getlist(name) if other != value]
    rest.setlist(name, kept)
    return rest.urlencode()


def chips(chosen: FilterSet, data: QueryDict) -> list[Chip]:
    """What narrows the list, in the order of the filter's fields; a value that makes no sense narrows nothing and shows none."""
    found = []
    for name, field in chosen.form.fields.items():
        if name in chosen.form.errors or name == "q":
            continue
        found += [
            Chip(str(field.label), said, without(data, name, value)) for value, said in _values(field, data, name)
        ]
    return found


def _values(field: Field, data: QueryDict, name: str) -> Iterator[tuple[str, str]]:
    for value in data.getlist(name):
        if value.strip():
            yield value, _in_words(field, value)


def _in_words(field: Field, value: str) -> str:
    """The value as the filter's own list says it; yes and no of a filter that knows only these."""
    known = {str(key): str(label) for key, label in getattr(field, "choices", ())}
    return known.get(value) or {"true": _("yes"), "false": _("no")}.get(value, value)


def sane(register: Register[Any], chosen: type[FilterSet], text: str) -> str:
    """A query of this list as it can be kept: only what the list knows, in an order that does not depend on who wrote it."""
    given, kept = QueryDict(text[:LONGEST_QUERY]), QueryDict(mutable=True)
    for name in sorted({*chosen.base_filters, *BESIDE}):
        values = [value for value in given.getlist(name) if value.strip() and "\x00" not in value]
        if name == "columns" and set(values) == {column.key for column in register.shown}:
            continue
        if values:
            kept.setlist(name, sorted(set(values)))
    return kept.urlencode()


@dataclass(frozen=True)
class Listing:
    """A list as its page shows it."""

    register: Register[Any]
    columns: list[Column[Any]]
    chips: list[Chip]
    query: str


def listing(request: HttpRequest, register: Register[Any], chosen: FilterSet, rows: Any) -> dict[str, Any]:
    """The context of a list's page: the filter, its chips, one page of rows with its total, the columns chosen."""
    shown, by = turn(rows, register, request.GET)
    return {
        "filter": chosen,
        "register": register,
        "sorting": by,
        "page": shown,
        "total": rows.order_by().count(),
        "listing": Listing(
            register,
            register.chosen(request.GET),
            chips(chosen, request.GET),
            sane(register, type(chosen), request.GET.urlencode()),
        ),
    }
