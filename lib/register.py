"""A register: one list of columns, read as a table that can be sorted, as Excel, as CSV and by the API's `sort`."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from django.db.models import (
    Case,
    CharField,
    DateField,
    DateTimeField,
    Field,
    ForeignKey,
    IntegerField,
    Model,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.timezone import is_aware
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from lib import excel
from lib.paging import PER_PAGE, Page, page

R = TypeVar("R")
#: What stands for "nothing" while rows are put in order: before everything else. By the kind of column.
LOWEST: tuple[tuple[type[Any], Any], ...] = (
    (DateTimeField, datetime(1900, 1, 1, tzinfo=UTC)),
    (DateField, date(1900, 1, 1)),
    (IntegerField, -1),
    (CharField, ""),
    (TextField, ""),
)
#: The name under which the sorted column is read; a row's key ends it.
SORTED = "sorted_by"


@dataclass(frozen=True, kw_only=True)
class Column(Generic[R]):
    """One column: what it is called, what it says of a row, how rows are put in order by it, how the page shows it."""

    #: Its name in addresses and in the API's `sort`.
    key: str
    label: Promise | str
    #: What a sheet keeps: text, a number, a date, a moment (aware), or None.
    value: Callable[[R], Any]
    #: The lookup rows are sorted by; empty: not to be sorted by.
    order: str = ""
    #: Where the values are codes: the order they lie in, such as that of the path.
    rank: Sequence[str] = ()
    #: What stands for it in rows that lack it, by lookup.
    otherwise: str = ""
    #: Its width in a sheet, in characters.
    width: int = 14
    #: Whether the page shows it, and whether files carry it.
    on_page: bool = True
    in_file: bool = True
    #: The page shows it as a link to the row, as a badge coloured by this code, or by a template of its own with `row`.
    link: bool = False
    badge: Callable[[R], str] | None = None
    cell: str = ""
    nowrap: bool = False
    #: Its place on the card that a phone shows of a row: in the "head", as the "text", among the "foot"; "": not on it.
    card: str = ""


@dataclass(frozen=True)
class Preset:
    """A view of the list that everybody has, as a tab; `query` is its address, such as "state=open&mine=true"."""

    label: Promise | str
    query: str


@dataclass(frozen=True)
class Register(Generic[R]):
    """A list that people keep. `zone` says by which wall the moments of a row are shown; without one by the group's."""

    name: str
    title: Promise | str
    columns: tuple[Column[R], ...]
    #: How it lies when nobody sorts it: columns of the model in one direction, ending with its key.
    order: tuple[str, ...] = ("-created_at", "-id")
    zone: Callable[[R], ZoneInfo] | None = None
    #: What stands in an empty table: a sentence, and what to do about it.
    empty: Promise | str = ""
    hint: Promise | str = ""
    presets: tuple[Preset, ...] = ()

    @property
    def shown(self) -> list[Column[R]]:
        """What the page shows when nobody chose columns."""
        return [column for column in self.columns if column.on_page]

    def chosen(self, data: Any) -> list[Column[R]]:
        """The columns that the address asks for by `columns`, in the register's own order; its usual ones without any known."""
        wanted = set(data.getlist("columns"))
        return [column for column in self.columns if column.key in wanted] or self.shown

    @property
    def filed(self) -> list[Column[R]]:
        return [column for column in self.columns if column.in_file]

    @property
    def sortable(self) -> list[Column[R]]:
        return [column for column in self.columns if column.order]


@dataclass(frozen=True)
class Sorting(Generic[R]):
    """By which column the rows lie, and in which direction; no column: as the register lies by itself."""

    column: Column[R] | None = None
    descending: bool = False

    @property
    def text(self) -> str:
        """As it stands in an address: "-issued_at"."""
        return f"{'-' if self.descending else ''}{self.column.key}" if self.column else ""


def sorting(register: Register[R], text: str) -> Sorting[R]:
    """What "-issued_at" means; nothing for a column that is not there or not to be sorted by."""
    key = text.removeprefix("-")
    column = next((column for column in register.sortable if column.key == key), None)
    return Sorting(column, text.startswith("-")) if column else Sorting()


def field_of(model: type[Model], lookup: str) -> "Field[Any, Any]":
    """The column a lookup ends at."""
    *way, last = lookup.split("__")
    for name in way:
        relation = model._meta.get_field(name)
        assert isinstance(relation, ForeignKey)
        model = relation.related_model
    found = model._meta.get_field(last)
    assert isinstance(found, Field)
    return found


def in_order(
    rows: "QuerySet[Any]", register: Register[Any], by: Sorting[Any]
) -> tuple["QuerySet[Any]", list[str], Any]:
    """The rows, the order they lie in, and the field of the sorted column; rows without a value lie before all others."""
    if by.column is None:
        return rows, list(register.order), None
    lookup, sign = by.column.order, "-" if by.descending else ""
    if by.column.rank:
        places = [When(**{lookup: code}, then=Value(place)) for place, code in enumerate(by.column.rank)]
        ranked = Case(*places, default=Value(len(places)), output_field=IntegerField())
        return rows.annotate(**{SORTED: ranked}), [f"{sign}{SORTED}", f"{sign}id"], IntegerField()
    field = field_of(rows.model, lookup)
    if "__" not in lookup and not field.null:
        return rows, [f"{sign}{lookup}", f"{sign}id"], field
    lowest = next(value for kind, value in LOWEST if isinstance(field, kind))
    known = [one for one in (lookup, by.column.otherwise) if one]
    rows = rows.annotate(**{SORTED: Coalesce(*known, Value(lowest, output_field=field))})
    return rows, [f"{sign}{SORTED}", f"{sign}id"], field


def turn(rows: "QuerySet[Any]", register: Register[Any], data: Any, size: int = PER_PAGE) -> tuple[Page, Sorting[Any]]:
    """The page that the address asks for with `sort` and `after`. Raises Http404 for a cursor that makes no sense."""
    by = sorting(register, data.get("sort", ""))
    ordered, order, field = in_order(rows, register, by)
    return page(ordered, order, data.get("after", ""), size, fields={SORTED: field}), by


def sort_by(
    register: Register[Any],
) -> Callable[["QuerySet[Any]", str], tuple["QuerySet[Any]", list[str], dict[str, Any]]]:
    """How the API sorts a list by the register's columns: (rows, "-issued_at") → rows, order, fields of computed columns.

    Raises ValidationError (400) for a column that is not there.
    """

    def sort(rows: "QuerySet[Any]", text: str) -> tuple["QuerySet[Any]", list[str], dict[str, Any]]:
        by = sorting(register, text)
        if by.column is None:
            known = ", ".join(column.key for column in register.sortable)
            raise ValidationError({"sort": [_("This list is sorted by: %(known)s.") % {"known": known}]})
        ordered, order, field = in_order(rows, register, by)
        return ordered, order, {SORTED: field}

    return sort


# As a table ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Head:
    """The head of a column: what a click on it sorts by, and how it lies now ("ascending", "descending" or "")."""

    label: str
    sort: str
    lies: str


def heads(columns: "Sequence[Column[Any]]", by: Sorting[Any]) -> list[Head]:
    found = []
    for column in columns:
        mine = by.column is column
        lies = ("descending" if by.descending else "ascending") if mine else ""
        again = f"-{column.key}" if mine and not by.descending else column.key
        found.append(Head(str(column.label), again if column.order else "", lies))
    return found


def choices(register: Register[Any]) -> list[tuple[str, str]]:
    """What a list may be sorted by, for the filter: where a narrow screen has no heads to click, and for whom has no mouse."""
    found = []
    for column in register.sortable:
        found += [
            (column.key, _("%(column)s, ascending") % {"column": column.label}),
            (f"-{column.key}", _("%(column)s, descending") % {"column": column.label}),
        ]
    return found


# As a file -----------------------------------------------------------------------------------------------------------


def cells(register: Register[R], row: R) -> list[Any]:
    """One row as a sheet keeps it; moments as the row's wall shows them."""
    zone = register.zone(row) if register.zone else None
    found = []
    for column in register.filed:
        value = column.value(row)
        found.append(excel.local(value, zone) if isinstance(value, datetime) and is_aware(value) else value)
    return found


def _whole(register: Register[R], rows: "QuerySet[Any] | Sequence[R]", text: str) -> tuple[Iterable[R], int]:
    """The first rows in the order asked for, and how many there are in all."""
    if not isinstance(rows, QuerySet):
        return rows[: excel.MOST], len(rows)
    total = rows.order_by().count()
    ordered, order, _field = in_order(rows, register, sorting(register, text))
    return ordered.order_by(*order)[: excel.MOST], total


def download(register: Register[R], rows: "QuerySet[Any] | Sequence[R]", data: Any, name: str = "") -> HttpResponse:
    """What the page shows, with every column: as Excel, or with `format=csv` as CSV."""
    kept, total = _whole(register, rows, data.get("sort", ""))
    called = name or register.name
    if data.get("format", "").lower() == "csv":
        return _csv(called, register, kept, total)
    columns = [(str(column.label), column.width) for column in register.filed]
    return excel.download(called, columns, (cells(register, row) for row in kept), total=total)


def _csv(name: str, register: Register[R], rows: Iterable[R], total: int) -> HttpResponse:
    """Comma-separated, UTF-8 with the mark by which Excel knows it. Text that a sheet would run stands behind an apostrophe.

    Written at once: what is streamed is made after the request's language has ended.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([str(column.label) for column in register.filed])
    writer.writerows([_plain(value) for value in cells(register, row)] for row in rows)
    if total > excel.MOST:
        writer.writerow([excel.cut_off(total)])
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float | date):
        return str(value)
    written = excel.text(value)
    return f"'{written}" if written.startswith((*excel.FORMULA_SIGNS, "\t", "\r")) else written
