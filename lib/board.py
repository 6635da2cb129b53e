"""A list as a board: one column per state, the newest few in each, with how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.functional import Promise

#: So many cards of a column; whoever wants more filters by its state.
SHOWN = 12


@dataclass(frozen=True)
class BoardColumn:
    """One column: its code, what it is called, its first rows, and how many there are in all."""

    code: str
    label: Promise | str
    rows: list[Any]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


def board(rows: "QuerySet[Any]", field: str, columns: Sequence[tuple[str, Promise | str]]) -> list[BoardColumn]:
    """The rows by the value of a column; two statements beside those of the rows themselves for each column that has any."""
    totals = dict(rows.order_by().values_list(field).annotate(n=Count("pk")))
    return [
        BoardColumn(
            code,
            label,
            list(rows.filter(**{field: code}).order_by("-created_at", "-pk")[:SHOWN]) if totals.get(code) else [],
            totals.get(code, 0),
        )
        for code, label in columns
    ]
