"""The small records beside an audit or a finding as people and programs see them: a card on its page, a list in its API."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.text import capfirst
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from workflow import door, moves
from workflow.fsm import Child
from workflow.moves import Moves
from workflow.schema import ACTS, IDEMPOTENCY, READS, MoveSerializer, StandingSerializer
from workflow.trail import code_column


@dataclass(frozen=True)
class Card:
    """One record as its parent's page shows it: what it says, column by column, and what this person may do with it."""

    record: Child
    title: str
    facts: list[tuple[str, Any]]
    #: What can still be done with it; nothing once it is over.
    buttons: list[dict[str, Any]]


def rows(machine: door.Machine[Any], parent: Any) -> list[Any]:
    """The records of this kind beside the parent, the newest first, with the rows they name. One statement."""
    model: type[Child] = machine.model
    related = [name for name in model.shows if model._meta.get_field(name).is_relation]
    found = model._default_manager.filter(**{machine.subject_field: parent}).select_related(*related)
    kept = list(found)
    for record in kept:
        setattr(record, machine.subject_field, parent)
    return kept


def record_of(machine: door.Machine[Any], parent: Any, pk: Any) -> Any:
    """The record of this kind beside the parent, by its key or its number. Raises Http404 for one that is not there."""
    known = {"pk": int(pk)} if re.fullmatch(r"[0-9]{1,18}", str(pk)) else {"number": pk}
    record = get_object_or_404(machine.model, **{**known, machine.subject_field: parent})
    setattr(record, machine.subject_field, parent)
    return record


def cards(parent: Any, user: Any) -> list[Card]:
    """All small records beside the parent, kind by kind. A constant number of statements for each kind."""
    return [card(machine, record, user) for machine in door.children(parent) for record in rows(machine, parent)]


def card(machine: door.Machine[Any], record: Child, user: Any) -> Card:
    title = capfirst(str(record._meta.verbose_name))
    return Card(record, title, facts(record, user), moves.buttons(machine, record, user))


def _hidden(value: Any, user: Any) -> bool:
    """A record that this reader may not see: nothing names it."""
    rows = type(value)._default_manager.all() if isinstance(value, Model) else None
    return hasattr(rows, "visible_to") and not rows.visible_to(user).filter(pk=value.pk).exists()  # type: ignore[union-attr]


def facts(record: Child, user: Any) -> list[tuple[str, Any]]:
    """What the record says, with the names of its columns; what is empty, or not this reader's to see, is left out."""
    found = []
    for name in record.shows:
        field: Any = record._meta.get_field(name)
        value = getattr(record, f"get_{name}_display")() if field.choices else getattr(record, name)
        if value not in {None, ""} and not _hidden(value, user):
            found.append((str(field.verbose_name), value))
    return found


def page(request: HttpRequest, parent: Any, place: str, pk: int, move: str) -> HttpResponse:
    """The form of a move of a record beside the parent. Raises Http404 for one that is not there."""
    machine = next((child for child in door.children(parent) if child.model.place == place), None)
    if machine is None:
        raise Http404
    record = record_of(machine, parent, pk)
    shown = card(machine, record, request.user)
    return moves.page(request, record, move, moves=moves.MOVES[machine.model], card=shown)


# For programs --------------------------------------------------------------------------------------------------------


class ChildSerializer(serializers.Serializer[Any]):
    """A small record: its number, where it stands, and what it says; related rows by their codes."""

    id = serializers.IntegerField(help_text="What its address says, beside its number")
    number = serializers.CharField()
    state = serializers.CharField()
    version = serializers.IntegerField()

    def to_representation(self, record: Any) -> dict[str, Any]:
        said: dict[str, Any] = super().to_representation(record)
        user = self.context["request"].user
        named = {name for name in record.shows if record._meta.get_field(name).is_relation}
        return said | {name: None for name in named if _hidden(getattr(record, name), user)}


@cache
def serializer_of(model: type[Child]) -> type[ChildSerializer]:
    """The serializer of the columns that the model shows."""
    fields = {name: _field(model._meta.get_field(name), name) for name in model.shows}
    return type(f"{model.__name__}Serializer", (ChildSerializer,), {"__doc__": model.__doc__, **fields})


def _field(column: Any, name: str) -> serializers.Field[Any, Any, Any, Any]:
    if column.is_relation:
        source = f"{name}.{code_column(column.related_model)}"
        return serializers.CharField(source=source, default=None, allow_null=True)
    kind = column.get_internal_type()
    if kind == "DateTimeField":
        return serializers.DateTimeField(allow_null=column.null)
    if kind == "DateField":
        return serializers.DateField(allow_null=column.null)
    return serializers.CharField(allow_blank=column.blank)


class ChildViewSet(viewsets.GenericViewSet[Any]):
    """The records of one kind beside a parent; subclasses name the machine, its moves and how the parent is found."""

    machine: door.Machine[Any]
    known: Moves
    #: Which move a description of the API is about (see `workflow.openapi`).
    described: Any = None
    lookup_field = "pk"
    lookup_value_regex = "[^/]{1,60}"

    def parent(self, number: str) -> Any:
        raise NotImplementedError

    def _record(self, number: str, pk: str) -> Any:
        return record_of(self.machine, self.parent(number), pk)

    def list(self, request: Request, number: str) -> Response:
        found = rows(self.machine, self.parent(number))
        return Response(self.get_serializer(found, many=True).data)

    def retrieve(self, request: Request, number: str, pk: str) -> Response:
        return Response(self.get_serializer(self._record(number, pk)).data)

    @extend_schema(responses={200: MoveSerializer(many=True), **READS})
    @action(detail=True, methods=["get"], pagination_class=None)
    def moves(self, request: Request, number: str, pk: str) -> Response:
        """What the caller may do now, with the fields each move takes and what there is to choose from."""
        record = self._record(number, pk)
        names = door.available(self.machine, record, request.user)
        return Response(moves.describe(self.known, record, request.user, names))

    @extend_schema(parameters=[IDEMPOTENCY], responses={200: StandingSerializer, **ACTS})
    @action(detail=True, methods=["post"], url_path="moves/(?P<move>[a-z_]+)")
    def move(self, request: Request, number: str, pk: str, move: str) -> Response:
        return Response(moves.api(request, self._record(number, pk), move, moves=self.known))
