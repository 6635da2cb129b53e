"""Pages of a list by key: no counting, no offset, the same cost on the first page and the thousandth."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation, ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework import pagination, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from workflow.errors import GateClosed, StaleState

PER_PAGE = 50


@dataclass(frozen=True)
class Page:
    """One page of rows, and the cursor of the next one or ""."""

    rows: list[Any]
    next: str
    first: bool

    def __iter__(self) -> Any:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def encode(values: Sequence[Any]) -> str:
    text = json.dumps([str(value) for value in values])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str) -> list[str] | None:
    """The key in the cursor, or None when the cursor is nonsense."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        return None
    return values if isinstance(values, list) and all(isinstance(value, str) for value in values) else None


def after(order: Sequence[str], values: Sequence[str]) -> Q:
    """The rows that come after `values` in `order` (a leading "-" means descending; no column may be null)."""
    condition = Q()
    for index, name in enumerate(order):
        equal = Q(**{order[i].lstrip("-"): values[i] for i in range(index)})
        beyond = Q(**{f"{name.lstrip('-')}__{'lt' if name.startswith('-') else 'gt'}": values[index]})
        condition |= equal & beyond
    return condition


def page(rows: QuerySet[Any], order: Sequence[str], cursor: str, size: int = PER_PAGE) -> Page:
    """The page of `rows` after `cursor`; a cursor that makes no sense gives the first page."""
    rows = rows.order_by(*order)
    values = decode(cursor) if cursor else None
    usable = values is not None and len(values) == len(order)
    found: list[Any] = []
    if usable and values is not None:
        try:
            found = list(rows.filter(after(order, values))[: size + 1])
        except (ValueError, TypeError, ArithmeticError, ValidationError):
            usable = False
    if not usable:
        found = list(rows[: size + 1])
    more = len(found) > size
    last = found[size - 1] if more else None
    key = [getattr(last, name.lstrip("-")) for name in order] if last is not None else []
    return Page(found[:size], encode(key) if more else "", not usable)


class ApiPagination(pagination.CursorPagination):
    """The same idea for the API; a view set names its own ordering."""

    ordering = "-id"
    page_size_query_param = "page_size"
    max_page_size = 200


def api_errors(error: Exception, context: dict[str, Any]) -> Response | None:
    """404 / 403 / 409 / 400 with one sentence or the fields named, as the pages answer."""
    if isinstance(error, StaleState):
        return Response({"detail": error.message, "code": "stale"}, status=status.HTTP_409_CONFLICT)
    if isinstance(error, GateClosed):
        return Response({"missing": error.missing, "code": "gate"}, status=status.HTTP_400_BAD_REQUEST)
    if isinstance(error, PermissionDenied) and error.args:
        return Response({"detail": str(error), "code": "forbidden"}, status=status.HTTP_403_FORBIDDEN)
    if isinstance(error, SuspiciousOperation):
        return Response({"detail": _("The request is too large."), "code": "too_large"}, status.HTTP_400_BAD_REQUEST)
    return exception_handler(error, context)
