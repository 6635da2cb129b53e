"""The rows of a form's lists as they are sent: under which names, counted, added, taken away, and told to programs."""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import QueryDict

if TYPE_CHECKING:
    from lib.rows import Rows, WithRows

#: Buttons of a page without script: one more row, one row less.
ADD, REMOVE = "add", "remove"
#: What a formset's own hidden fields say; how many rows there are is seen from the rows.
COUNTS = ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")
#: The name of a row's field in the data: the list, the row's place, the field.
AT_ROW = re.compile(r"([a-z_]+)-(0|[1-9]\d{0,3})-(.+)", re.DOTALL)


def as_posted(bound: forms.BoundField) -> list[str]:
    """The field's present value as a browser would send it."""
    value = bound.value()
    if isinstance(bound.field.widget, forms.CheckboxInput):
        return ["on"] if value else []
    values = value if isinstance(value, list | tuple) else [value]
    return [_text(bound.field.prepare_value(value)) for value in values if value is not None]


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def sent(prefix: str, *sources: Any) -> int:
    """How many rows there are under this name."""
    wanted = re.compile(rf"{re.escape(prefix)}-(\d{{1,4}})-")
    found = (wanted.match(name) for source in sources for name in source or ())
    return max((int(one[1]) + 1 for one in found if one), default=0)


def completed(name: str, rows: "Rows", data: Any, now: list[dict[str, Any]]) -> QueryDict:
    """The data, with a row for everything of a fixed list that was left out: then its errors name it."""
    count = sent(name, data)
    there = {data.get(f"{name}-{n}-{rows.fixed}") for n in range(count)}
    data = _copy(data)
    for row in now:
        key = str(row[rows.fixed])
        if key not in there:
            data[f"{name}-{count}-{rows.fixed}"] = key
            count += 1
    return data


def _copy(data: Any) -> Any:
    if isinstance(data, QueryDict):
        return data.copy()
    copied = QueryDict(mutable=True)
    for key, value in data.items():
        copied.setlist(key, value if isinstance(value, list) else [str(value)])
    return copied


# What a page without script asks for ----------------------------------------------------------------------------------


def rearranged(form: "type[WithRows]", data: QueryDict) -> QueryDict | None:
    """The data with one row more or less, where a button asked for that; otherwise None.

    The button's value is the list's name; `name:value` for a row that starts with that value in its first key,
    `name:2` for the row to take away.
    """
    for button, change in ((ADD, _with_row), (REMOVE, _without_row)):
        name, _colon, value = data.get(button, "").partition(":")
        rows = form.lists.get(name)
        if rows is not None and not rows.fixed:
            return change(name, rows, data.copy(), value)
    return None


def _with_row(name: str, rows: "Rows", data: QueryDict, value: str) -> QueryDict:
    count = sent(name, data)
    first = rows.form.keys[0] if rows.form.keys and value else next(iter(rows.form.base_fields))
    data[f"{name}-{count}-{first}"] = value
    return data


def _without_row(name: str, rows: "Rows", data: QueryDict, value: str) -> QueryDict:
    gone = int(value) if value.isdecimal() and len(value) < 5 else -1
    kept = [_row_at(name, data, n) for n in range(sent(name, data)) if n != gone]
    return replaced(name, data, kept)


def _row_at(name: str, data: QueryDict, n: int) -> dict[str, list[str]]:
    start = f"{name}-{n}-"
    return {key[len(start) :]: data.getlist(key) for key in data if key.startswith(start)}


def replaced(name: str, data: QueryDict, rows: Iterable[Mapping[str, list[str]]]) -> QueryDict:
    """The data with exactly these rows under the list's name."""
    wanted = re.compile(rf"{re.escape(name)}-\d{{1,4}}-")
    for key in [key for key in data if wanted.match(key)]:
        del data[key]
    for n, row in enumerate(rows):
        for field, values in row.items():
            data.setlist(f"{name}-{n}-{field}", values)
    return data


# For programs -------------------------------------------------------------------------------------------------------


def field_of(form: Any, key: str) -> Any:
    """The field that a name in the data is about, one of the form's own or of a row's; None where there is none."""
    if key in form.fields:
        return form.fields[key]
    at = AT_ROW.fullmatch(key)
    lists = getattr(form, "row_sets", {})
    return lists[at[1]].blank_row.fields.get(at[3]) if at and at[1] in lists else None


def merged(
    mine: list[dict[str, list[str]]], before: list[dict[str, list[str]]], theirs: list[dict[str, list[str]]]
) -> list[dict[str, list[str]]]:
    """My rows on what somebody else has saved meanwhile: what they added is there, what they took away is gone unless I wrote in it."""
    kept = [row for row in mine if row in theirs or row not in before]
    return kept + [row for row in theirs if row not in before and row not in mine]


def nested(errors: Mapping[str, Iterable[Any]], lists: Iterable[str]) -> dict[str, Any]:
    """A form's errors as a program reads them: those of a list as one object for each row, as far as the last wrong one. What is
    wrong with the list as a whole stands in its place where no row is wrong, otherwise among what is wrong with all of it.
    """
    found: dict[str, Any] = {}
    whole: dict[str, list[str]] = {}
    for key, sentences in errors.items():
        said, at = [str(sentence) for sentence in sentences], AT_ROW.fullmatch(key)
        if at is not None and at[1] in lists:
            rows = found.setdefault(at[1], [])
            rows += [{} for _n in range(int(at[2]) + 1 - len(rows))]
            rows[int(at[2])][at[3]] = said
        else:
            (whole if key in lists else found)[key] = said
    for name, said in whole.items():
        if name in found:
            found["__all__"] = [*found.get("__all__", []), *said]
        else:
            found[name] = said
    return found
