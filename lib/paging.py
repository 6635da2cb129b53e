"""Pages of a list by key: no offset, the same cost on the first page and the thousandth."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, F, Field, Func, Model, QuerySet
from django.http import Http404
from rest_framework import pagination
from rest_framework.exceptions import NotFound
from rest_framework.utils.urls import replace_query_param

PER_PAGE = 50
#: Longer than the longest name twice over, in base 64.
LONGEST_CURSOR = 2000


#: What begins a cursor that leads back.
BACK = "back."


class BadCursor(ValueError):
    """The cursor in the address is not one that this list gave out."""


@dataclass(frozen=True)
class Page:
    """One page of rows, and the cursor of the next one or ""."""

    rows: list[Any]
    next: str
    first: bool

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def encode(values: Sequence[Any]) -> str:
    text = json.dumps([str(value) for value in values], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _storable(text: str) -> bool:
    """Half a character (UnicodeEncodeError, a ValueError) and the one that no database keeps stand in no row."""
    return "\0" not in text.encode().decode()


def decode(cursor: str) -> list[str]:
    """The key in the cursor. Raises BadCursor."""
    if len(cursor) > LONGEST_CURSOR:
        raise BadCursor
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        fits = isinstance(values, list) and all(isinstance(value, str) and _storable(value) for value in values)
    except (ValueError, RecursionError) as error:
        raise BadCursor from error
    if not fits:
        raise BadCursor
    return values


class Beyond(Func):
    """A condition: the row of these columns comes after the key, compared as one row, which an index serves as it stands."""

    def __init__(self, columns: Sequence[str], values: Sequence[Any], *, descending: bool) -> None:
        super().__init__(*(F(name) for name in columns), output_field=BooleanField())
        self.values, self.sign = list(values), "<" if descending else ">"

    def as_sql(self, compiler: Any, connection: Any, **_extra: Any) -> Any:  # type: ignore[override]
        compiled = [compiler.compile(source_expression) for source_expression in self.source_expressions]
        columns = ", ".join(sql for sql, _params in compiled)
        places = ", ".join(["%s"] * len(self.values))
        params = [param for _sql, given in compiled for param in given]
        return f"({columns}) {self.sign} ({places})", [*params, *self.values]


def _column(model: type[Model], name: str) -> "Field[Any, Any]":
    field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    assert isinstance(field, Field)
    return field


def _key(
    model: type[Model],
    names: Sequence[str],
    texts: Sequence[str],
    fields: "Mapping[str, Field[Any, Any] | None] | None" = None,
) -> list[Any]:
    """The key as the database takes it. Raises BadCursor for what is none of these columns' values."""
    from django.db import connection

    if len(names) != len(texts):
        raise BadCursor
    values = []
    for name, text in zip(names, texts, strict=True):
        field = (fields or {}).get(name) or _column(model, name)
        try:
            value = field.to_python(text)
            if name not in (fields or {}):
                field.run_validators(value)
            values.append(field.get_db_prep_value(value, connection))
        except (ValueError, TypeError, ArithmeticError, ValidationError) as error:
            raise BadCursor from error
    return values


def _beyond(
    rows: QuerySet[Any], names: Sequence[str], key: Sequence[Any], size: int, *, descending: bool
) -> tuple[list[Any], bool]:
    """The next rows after the key (empty: the first), and whether there are more."""
    rows = rows.order_by(*(f"-{name}" if descending else name for name in names))
    if key:
        rows = rows.filter(Beyond(names, key, descending=descending))
    found = list(rows[: size + 1])
    return found[:size], len(found) > size


def page(
    rows: QuerySet[Any],
    order: Sequence[str],
    cursor: str,
    size: int = PER_PAGE,
    fields: "Mapping[str, Field[Any, Any] | None] | None" = None,
) -> Page:
    """The page of `rows` after `cursor` ("" for the first), all columns of `order` in one direction.

    `fields` says what a computed column holds.

    Raises Http404 for a cursor that makes no sense.
    """
    names = [name.lstrip("-") for name in order]
    try:
        key = _key(rows.model, names, decode(cursor), fields) if cursor else []
    except BadCursor as error:
        raise Http404("cursor") from error
    found, more = _beyond(rows, names, key, size, descending=order[0].startswith("-"))
    return Page(found, encode([getattr(found[-1], name) for name in names]) if more else "", not cursor)


class ApiPagination(pagination.CursorPagination):
    """The same idea for the API, with a link back too; a view set names its own ordering."""

    ordering = "-id"
    page_size_query_param = "page_size"
    max_page_size = 200

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        self.model, self.first = queryset.model, getattr(view, "ordering", "-id")
        self.links: tuple[str | None, str | None] | None = None
        sort_by = getattr(view, "sort_by", None)
        if sort_by is not None and (text := request.query_params.get("sort", "")):
            return self._sorted(request, *sort_by(queryset, text))
        return super().paginate_queryset(queryset, request, view)

    def _sorted(self, request: Any, rows: Any, order: list[str], fields: Any) -> list[Any]:
        """A page of a sorted list, by value and id: however many rows share a value, none is lost or comes twice."""
        cursor, size = request.query_params.get("cursor", ""), self.get_page_size(request) or PER_PAGE
        back, names = cursor.startswith(BACK), [column.lstrip("-") for column in order]
        try:
            key = _key(self.model, names, decode(cursor.removeprefix(BACK)), fields) if cursor else []
        except (BadCursor, OverflowError):
            self._bad_cursor()
        found, more = _beyond(rows, names, key, size, descending=order[0].startswith("-") is not back)
        if back:
            found.reverse()
        ends = [encode([getattr(one, name) for name in names]) for one in (found[:1] + found[-1:] if found else [])]
        onward = ends[-1] if ends and (back or more) else None
        before = f"{BACK}{ends[0]}" if ends and (more if back else cursor) else None
        here = request.build_absolute_uri()
        self.links = tuple(replace_query_param(here, "cursor", one) if one else None for one in (onward, before))  # type: ignore[assignment]
        return found

    def get_next_link(self) -> Any:
        return self.links[0] if self.links else super().get_next_link()

    def get_previous_link(self) -> Any:
        return self.links[1] if self.links else super().get_previous_link()

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        if getattr(view, "sort_by", None) is not None:
            said = "The column to sort by, with a minus for the largest first; a wrong one is answered with those there are."
            found.append(
                {"name": "sort", "required": False, "in": "query", "description": said, "schema": {"type": "string"}}
            )
        return found

    def get_ordering(self, request: Any, queryset: Any, view: Any) -> Any:
        return (self.first,) if self.first == "-id" else (self.first, "-id")

    def decode_cursor(self, request: Any) -> Any:
        """The cursor, its key looked at before the database is. Raises NotFound (404)."""
        cursor: Any = super().decode_cursor(request)
        if cursor is not None and cursor.position is not None:
            try:
                _key(self.model, [self.first.lstrip("-")], [cursor.position])
            except (BadCursor, OverflowError):
                self._bad_cursor()
        return cursor

    def _bad_cursor(self) -> NoReturn:
        raise NotFound(self.invalid_cursor_message)
