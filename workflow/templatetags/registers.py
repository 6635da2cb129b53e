"""A register as a table of the page."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import template
from django.utils.timezone import is_aware
from django.utils.translation import gettext as _

from lib.listing import Listing
from lib.register import Column, Register, Sorting, choices, heads
from workflow.templatetags.ui import at, in_zone

register = template.Library()


@dataclass(frozen=True)
class Cell:
    """One cell: its column's label, what it says, and how it is drawn."""

    label: str
    value: Any
    link: str
    badge: str
    template: str
    nowrap: bool
    card: str


@register.inclusion_tag("components/register.html", takes_context=True)
def register_table(context: Any, kept: Register[Any], rows: Iterable[Any], by: Sorting[Any] | None = None) -> Any:
    """The rows under the register's columns, or those that were chosen; with `by` its heads sort the list. A list with `ticks`
    in its context has a box before every row, one with `glance` a button that shows the row beside the list.
    """
    listing = context.get("listing")
    columns = listing.columns if listing else kept.shown
    own = {
        "register": kept,
        "heads": heads(columns, by or Sorting()),
        "lines": _lines(kept, columns, rows),
        "sortable": by is not None,
        "as_cards": any(column.card for column in columns),
    }
    return context.flatten() | own


@register.inclusion_tag("components/sort.html")
def sort_choice(kept: Register[Any], by: Sorting[Any]) -> Any:
    """What the list is sorted by, as a field of its filter."""
    return {"choices": choices(kept), "chosen": by.text}


@register.inclusion_tag("lists/columns.html")
def column_choice(listing: Listing) -> Any:
    """Which columns the list shows, as boxes of its form."""
    shown = {column.key for column in listing.columns}
    usual = {column.key for column in listing.register.shown}
    return {
        "columns": [(column, column.key in shown, column.key in usual) for column in listing.register.columns],
    }


def _lines(kept: Register[Any], columns: list[Column[Any]], rows: Iterable[Any]) -> Iterator[tuple[Any, list[Cell]]]:
    for row in rows:
        zone = kept.zone(row).key if kept.zone else ""
        yield row, [_cell(column, row, zone) for column in columns]


def _cell(column: Column[Any], row: Any, zone: str) -> Cell:
    value = "" if column.cell else _said(column.value(row), zone)
    link = row.get_absolute_url() if column.link else ""
    badge = column.badge(row) if column.badge else ""
    return Cell(str(column.label), value, link, badge, column.cell, column.nowrap, column.card)


def _said(value: Any, zone: str) -> Any:
    if isinstance(value, datetime) and is_aware(value):
        return in_zone(value, zone) if zone else at(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return value.isoformat() if isinstance(value, date) else value
