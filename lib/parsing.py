"""What programs send, read so that nothing they send can be more than a 400."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn, cast

from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from lib.row_data import nested


class SafeJSONParser(JSONParser):
    """JSON; nested deeper than any form is refused instead of running out of stack."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply.")) from error


def flat(data: Any, lists: Mapping[str, Any] | None = None) -> QueryDict:
    """JSON as a form reads it: a list becomes several values, everything else one string; the rows of the form's own `lists`
    become `list-0-field`; a row that is a plain value is its first field. A form sent as such may carry a list as JSON too.

    Raises ValidationError naming the field whose value is no plain text.
    """
    lists = lists or {}
    if isinstance(data, QueryDict):
        return _with_lists(data, lists)
    if not isinstance(data, dict):
        raise serializers.ValidationError({"detail": [_("A JSON object is expected.")]})
    found = QueryDict(mutable=True)
    for name, value in data.items():
        key = _text("detail", name)
        if key in lists:
            _lay_out(found, key, value, lists[key])
        else:
            _put(found, key, value)
    return found


def _put(found: QueryDict, key: str, value: Any) -> None:
    values = value if isinstance(value, list) else [value]
    if any(isinstance(value, dict | list) for value in values):
        refuse(key, _("A plain value or a list of plain values is expected."))
    found.setlist(key, [_text(key, value) for value in values])


def _lay_out(found: QueryDict, name: str, value: Any, own: Any) -> None:
    rows = [] if value is None else value
    first = next(iter(own.form.base_fields))
    if isinstance(rows, list):
        rows = [{first: row} if isinstance(row, str) else row for row in rows]
    if isinstance(rows, list) and len(rows) > own.most:
        refuse(name, _("At most %(most)s rows.") % {"most": own.most})
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        refuse(name, _("A list of rows is expected, each with its fields by name."))
    # An empty list empties; one that is left out leaves what is there.
    found[f"{name}-TOTAL_FORMS"] = str(len(rows))
    for n, row in enumerate(rows):
        for field, one in row.items():
            try:
                _put(found, f"{name}-{n}-{_text(name, field)}", one)
            except serializers.ValidationError as error:
                raise serializers.ValidationError(nested(cast("dict[str, list[str]]", error.detail), [name])) from error


def _with_lists(data: QueryDict, lists: Mapping[str, Any]) -> QueryDict:
    given = [name for name in lists if name in data]
    if not given:
        return data
    data = data.copy()
    for name in given:
        try:
            value = json.loads(data.pop(name)[-1] or "null")
        except (ValueError, RecursionError, TypeError):
            refuse(name, _("A list of rows is expected, each with its fields by name."))
        _lay_out(data, name, value, lists[name])
    return data


def _text(name: str, value: Any) -> str:
    """The value as text; half a character, which JSON can carry and no database can keep, is refused."""
    text = "" if value is None else str(value)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise serializers.ValidationError({name: [_("This is not readable text.")]}) from error
    return text


def refused(form: Any) -> serializers.ValidationError:
    """The form's errors as the API names them."""
    return serializers.ValidationError(nested(form.errors, getattr(form, "lists", {})))


def refuse(name: str, sentence: str) -> NoReturn:
    raise serializers.ValidationError({name: [sentence]})
