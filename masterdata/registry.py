"""The tables of master data that the product keeps on pages of its own: each app says it of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from auditlog.registry import auditlog
from django.db.models import Model, QuerySet
from django.utils.functional import Promise

from lib.register import Register


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table of master data: a list, a form, a history, over pages and API alike."""

    #: Its name in addresses; the register's own.
    register: Register[Any]
    model: type[Model]
    #: The rows with what the columns read.
    rows: Callable[[], "QuerySet[Any]"]
    #: The form of a row: `form(data, instance=…, by=…)`; saving it is all that has to be done.
    form: type[Any]
    #: What a new row is called on its button.
    new: Promise | str
    #: Who keeps it.
    permission: str
    #: The column that names a row in addresses and to programs.
    code: str = "code"
    #: What the box of words looks in.
    search: tuple[str, ...] = ("code", "name", "name_en", "pinyin")
    #: Rows are taken out of use instead of being deleted; without it they are deleted.
    retires: bool = True
    #: What the list shows unless it is asked for what is out of use too.
    in_use: tuple[tuple[str, bool], ...] = (("retired", False),)
    #: Whether rows that do not retire may be deleted.
    deletes: bool = True
    #: Whether this person may change this row, beside the permission for the table.
    may_edit: Callable[[Any, Any], bool] = lambda _user, _row: True
    #: Which columns of other tables follow when one row turns out to be another ("audit", "matrixrow"); empty: not offered.
    merges: tuple[str, ...] = ()
    #: Columns whose changes are nobody's business.
    unlogged: tuple[str, ...] = ("pinyin", "twin")
    #: A template beneath the form, for what can be done with a row besides.
    beside: str = ""

    @property
    def key(self) -> str:
        return self.register.name


TABLES: dict[str, Table] = {}
#: Codes that a history keeps, and what they are called; each app adds its own.
WORDS: dict[str, Promise | str] = {}
#: Called before one row turns out to be another: (row, into, by). Floors above move what has a trail; how many they moved.
MERGING: list[Callable[[Any, Any, Any], int]] = []


def register(table: Table) -> None:
    """Keep this table on pages, and every change of its rows in its history. Raises ValueError when the name is taken."""
    if table.key in TABLES:
        raise ValueError(f"{table.key} is registered already")
    TABLES[table.key] = table
    known = {field.name for field in table.model._meta.get_fields()}
    auditlog.register(table.model, exclude_fields=[name for name in table.unlogged if name in known])
