"""Columns that most tables of master data have."""

from typing import Any

from django.utils.translation import gettext_lazy as _, pgettext_lazy

from lib.register import Column

CODE: Column[Any] = Column(
    key="code",
    label=_("Code"),
    value=lambda row: row.code,
    order="code",
    cell="settings/_cell_code.html",
    nowrap=True,
    card="head",
)
NAME: Column[Any] = Column(
    key="name",
    label=pgettext_lazy("of a thing", "Name"),
    value=lambda row: row.name,
    order="name",
    width=30,
    card="text",
)
NAME_EN: Column[Any] = Column(
    key="name_en", label=_("English name"), value=lambda row: row.name_en, order="name_en", width=30, card="foot"
)
RETIRED: Column[Any] = Column(
    key="retired", label=_("Out of use"), value=lambda row: row.retired, on_page=False, width=10
)
