"""Many rows in one statement: inserted where they are not there yet, or written back."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import Field, JSONField, Model

#: A JSON column's value as the database takes it; one encoder for all, since making one costs more than a small value.
dumped: Callable[[Any], str] = DjangoJSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def insert_missing(
    model: type[Model], columns: Sequence[str], rows: Sequence[tuple[Any, ...]], *, same: Mapping[str, Any]
) -> None:
    """Insert the rows; one that meets a unique constraint is left as it stands.

    `columns` name the attributes that differ from row to row, `same` gives those that all share; JSON columns come
    dumped, ids as text. PostgreSQL takes one array per column, which costs a fraction of a value list of the same rows.
    """
    if not rows:
        return
    if connection.vendor != "postgresql":
        _insert_by_django(model, columns, rows, same)
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _statement(model, tuple(columns), tuple(same)),
            [*same.values(), *(array(column) for column in zip(*rows, strict=True))],
        )


@lru_cache(maxsize=64)
def _statement(model: type[Model], columns: tuple[str, ...], same: tuple[str, ...]) -> str:
    fields, shared = [_field(model, name) for name in columns], [_field(model, name) for name in same]
    names = ", ".join(f'"{field.column}"' for field in (*fields, *shared))
    arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)
    given = "".join(f", %s::{field.db_type(connection)}" for field in shared)
    return (
        f"INSERT INTO {model._meta.db_table} ({names}) SELECT varying.*{given} FROM unnest({arrays}) AS varying "
        "ON CONFLICT DO NOTHING"
    )


def update_rows(model: type[Model], columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Write these columns of these rows back; each row is its id, then one value per column.

    PostgreSQL takes one array per column, far faster than a case per row.
    """
    if not rows:
        return
    if connection.vendor != "postgresql":
        made = [model(pk=pk, **dict(zip(columns, values, strict=True))) for pk, *values in rows]
        model._default_manager.bulk_update(made, columns, batch_size=len(made))
        return
    with connection.cursor() as cursor:
        cursor.execute(_update(model, tuple(columns)), [array(column) for column in zip(*rows, strict=True)])


@lru_cache(maxsize=16)
def _update(model: type[Model], columns: tuple[str, ...]) -> str:
    fields = [_field(model, name) for name in columns]
    table, names = model._meta.db_table, [f'"{field.column}"' for field in fields]
    written = ", ".join(f"{name} = new.{name}" for name in names)
    arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)
    return (
        f'UPDATE {table} AS old SET {written} FROM unnest(%s::bigint[], {arrays}) AS new("id", {", ".join(names)}) '
        "WHERE old.id = new.id"
    )


def array(values: Sequence[Any]) -> str:
    """The values as PostgreSQL reads an array in one piece; a list of parameters would be parsed one by one."""
    kinds = set(map(type, values))
    if kinds <= {int, bool}:
        return "{" + ",".join(map(str, values)) + "}"
    if kinds == {datetime}:
        return '{"' + '","'.join([value.isoformat() for value in values]) + '"}'
    if kinds == {str}:
        # Escaped all at once: no text in PostgreSQL can hold the character that keeps them apart.
        text = "\0".join(values).replace("\\", "\\\\").replace('"', '\\"')
        return '{"' + text.replace("\0", '","') + '"}'
    return "{" + ",".join([_element(value) for value in values]) + "}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return array([str.__str__(value)])[1:-1]
    return f'"{value.isoformat()}"' if isinstance(value, datetime) else str(value)


def _field(model: type[Model], name: str) -> "Field[Any, Any]":
    return model._meta.get_field(name.removesuffix("_id"))  # type: ignore[return-value]


def _insert_by_django(
    model: type[Model], columns: Sequence[str], rows: Sequence[tuple[Any, ...]], same: Mapping[str, Any]
) -> None:
    texts = {name for name in columns if isinstance(_field(model, name), JSONField)}
    made = []
    for row in rows:
        values = {name: json.loads(value) if name in texts else value for name, value in zip(columns, row, strict=True)}
        made.append(model(**values, **same))
    model._default_manager.bulk_create(made, ignore_conflicts=True)
