"""The base of every page of the administration: the product's own fields."""

from typing import Any, TypeVar

from django.contrib import admin
from django.db import models

from lib.fields import DateField, TextField

M = TypeVar("M", bound=models.Model)


class Fields:
    """Text that can be stored and printed, dates within reach; mixed into every page and every table inside one."""

    def formfield_for_dbfield(self, column: Any, request: Any, **kwargs: Any) -> Any:
        own = {models.CharField: TextField, models.TextField: TextField, models.DateField: DateField}.get(type(column))
        if own is not None and not column.choices:
            kwargs.setdefault("form_class", own)
        return super().formfield_for_dbfield(column, request, **kwargs)  # type: ignore[misc]


class Fixed:
    """A code that trails, tokens and programs know a row by is given once and never changed."""

    fixed: tuple[str, ...] = ()

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        given = super().get_readonly_fields(request, obj)  # type: ignore[misc]
        return [*given, *self.fixed] if obj is not None else given


class Page(Fixed, Fields, admin.ModelAdmin[M]):  # type: ignore[misc]
    """A page of the administration."""


class Table(Fields, admin.TabularInline[Any, M]):  # type: ignore[misc]
    """A table inside a page of the administration."""
