"""Every move as an operation of its own in the API's description, with the fields of its form as a typed body.

One address serves all moves of a record; a description of it could only say "some object". The fields are those of the form that
pages use too. What a field offers may depend on the record and on who asks: `…/moves/` says that for one record.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from drf_spectacular.openapi import AutoSchema
from rest_framework.request import Request

from lib.fields import FilesField, YesNoField
from lib.rows import Rows
from workflow.move import Move

Endpoint = tuple[str, str, str, Callable[..., Any]]
PLACE = "/moves/{move}/"


def one_operation_per_move(endpoints: Iterable[Endpoint]) -> list[Endpoint]:
    """The addresses of the API with the one that makes a move written out, move by move."""
    found: list[Endpoint] = []
    for path, regex, method, callback in endpoints:
        if not path.endswith(PLACE):
            found.append((path, regex, method, callback))
            continue
        for name, move in callback.cls.machine.moves.items():  # type: ignore[attr-defined]
            concrete = path.replace(PLACE, f"/moves/{name}/")
            found.append((concrete, regex.replace(PLACE, f"/moves/{name}/"), method, _making(callback, move)))
    return found


def _making(callback: Any, move: Move[Any, Any]) -> Callable[..., Any]:
    """The view as the generator sees it, told which move it describes."""

    def view(request: Request, *args: Any, **kwargs: Any) -> Any:
        return callback(request, *args, **kwargs)

    view.cls, view.actions = callback.cls, callback.actions  # type: ignore[attr-defined]
    view.initkwargs = {**callback.initkwargs, "described": move}  # type: ignore[attr-defined]
    return view


class Schema(AutoSchema):
    """The usual description; that of a move is read from the move."""

    @property
    def _move(self) -> Move[Any, Any] | None:
        return getattr(self.view, "described", None)

    def get_request_serializer(self) -> Any:
        return body_of(self._move.form) if self._move else super().get_request_serializer()

    def get_summary(self) -> str | None:
        return str(self._move.label) if self._move else super().get_summary()

    def get_description(self) -> str:  # type: ignore[override]
        if self._move is None:
            said: str = super().get_description()
            return said
        return f"{self._move.form.__doc__ or ''}".strip()


def body_of(form: type[forms.Form]) -> dict[str, Any]:
    """What a move takes: by JSON its fields, by multipart its files too."""
    fields = {name: field for name, field in form.base_fields.items() if field is not None}
    typed = {name: shape(field) for name, field in fields.items()}
    typed |= {name: _rows(rows) for name, rows in getattr(form, "lists", {}).items()}
    needed = [name for name, field in fields.items() if field.required and not getattr(form, "partial", False)]
    needed += [name for name, rows in getattr(form, "lists", {}).items() if rows.needed or rows.fixed]
    body: dict[str, Any] = {"type": "object", "properties": typed, "additionalProperties": True}
    if needed:
        body["required"] = needed
    return {"application/json": body, "multipart/form-data": body}


def _rows(rows: Rows) -> dict[str, Any]:
    """A list of a form: an array of its rows."""
    fields = rows.form.base_fields
    item: dict[str, Any] = {"type": "object", "properties": {name: shape(field) for name, field in fields.items()}}
    item["additionalProperties"] = False
    if needed := [name for name, field in fields.items() if field.required]:
        item["required"] = needed
    return {"type": "array", "title": str(rows.label), "items": item, "maxItems": rows.most}


def shape(field: forms.Field) -> dict[str, Any]:
    """One field of a form as OpenAPI says it. Related records go in and come out by code."""
    said = _kind(field)
    if field.label:
        said["title"] = str(field.label)
    if field.help_text:
        said["description"] = str(field.help_text)
    return said


def _kind(field: forms.Field) -> dict[str, Any]:
    match field:
        case FilesField():
            return {"type": "array", "items": {"type": "string", "format": "binary"}}
        case forms.MultipleChoiceField() | forms.ModelMultipleChoiceField():
            return {"type": "array", "items": {"type": "string"}}
        case forms.ModelChoiceField():
            return {"type": "string"}
        case forms.ChoiceField():
            return _choice(field)
        case forms.BooleanField():
            return {"type": "boolean"}
        case forms.IntegerField():
            bounds = {"minimum": field.min_value, "maximum": field.max_value}
            return {"type": "integer"} | {name: value for name, value in bounds.items() if value is not None}
        case forms.DateField():
            return {"type": "string", "format": "date"}
        case forms.DateTimeField():
            return {"type": "string", "format": "date-time"}
        case forms.CharField() if field.max_length is not None:
            return {"type": "string", "maxLength": field.max_length}
    return {"type": "string"}


def _choice(field: forms.ChoiceField) -> dict[str, Any]:
    if isinstance(field, YesNoField):
        return {"type": "boolean"}
    codes = [str(value) for value, _label in _plain(field.choices) if value != ""]
    return {"type": "string", "enum": codes} if codes else {"type": "string"}


def _plain(choices: Any) -> list[tuple[Any, Any]]:
    """The choices without their groups."""
    found: list[tuple[Any, Any]] = []
    for value, label in choices:
        found += list(label) if isinstance(label, list | tuple) else [(value, label)]
    return found
