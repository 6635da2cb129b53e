"""What programs send, read so that nothing they send can be more than a 400."""

from typing import Any, NoReturn

from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class SafeJSONParser(JSONParser):
    """JSON; nested deeper than any form is refused instead of running out of stack."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply.")) from error


def flat(data: Any) -> QueryDict:
    """JSON as a form reads it: a list becomes several values, everything else one string.

    Raises ValidationError naming the field whose value is no plain text.
    """
    if isinstance(data, QueryDict):
        return data
    if not isinstance(data, dict):
        raise serializers.ValidationError({"detail": [_("A JSON object is expected.")]})
    found = QueryDict(mutable=True)
    for name, value in data.items():
        key = _text("detail", name)
        values = value if isinstance(value, list) else [value]
        if any(isinstance(one, dict | list) for one in values):
            raise serializers.ValidationError({key: [_("A plain value or a list of plain values is expected.")]})
        found.setlist(key, [_text(key, one) for one in values])
    return found


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
    return serializers.ValidationError({name: [str(e) for e in errors] for name, errors in form.errors.items()})


def refuse(name: str, sentence: str) -> NoReturn:
    raise serializers.ValidationError({name: [sentence]})
