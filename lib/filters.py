"""The filters of lists, made of the product's own fields; known to programs by codes."""

from typing import Any

import django_filters as filters
from django import forms
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError

from lib.fields import Chips, DateField, RowField, RowsField, TextField

#: What every list takes besides its filters.
PAGING = {"cursor", "page_size", "format"}


class TextFilter(filters.CharFilter):
    """Text that is looked for; what no database can keep is named on the form."""

    field_class = TextField


class DateFilter(filters.DateFilter):
    """A day, with the bounds of every date."""

    field_class = DateField


class RowFilter(filters.ModelChoiceFilter):
    """Rows that belong to one row of another table, which pages and programs name by its code."""

    field_class = RowField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("to_field_name", "code")
        super().__init__(*args, **kwargs)


class ManyFilter(filters.MultipleChoiceFilter):
    """One of several codes; several are asked for by the name repeated."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("widget", Chips())
        super().__init__(*args, distinct=False, **kwargs)


class RowsFilter(filters.ModelMultipleChoiceFilter):
    """Rows that belong to one of several rows of another table, named by their codes."""

    field_class = RowsField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("to_field_name", "code")
        super().__init__(*args, distinct=False, **kwargs)

    def get_filter_predicate(self, value: Any) -> dict[str, Any]:
        """The row itself; the library would look for its code in the column of its key."""
        return {str(self.field_name): value}


class YesFilter(filters.BooleanFilter):
    """ "true" or "false"; the page offers only yes and no matter."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Select(choices=[("", "—"), ("true", _("yes")), ("false", _("no"))]))
        super().__init__(*args, **kwargs)


class FilterSet(filters.FilterSet):
    """The base of every list's filters."""


def checked(chosen: filters.FilterSet, data: Any, *also: str) -> Any:
    """The rows, for a program: a filter it misspelt, or a value that makes no sense, is named instead of ignored.

    Raises ValidationError (400).
    """
    unknown = sorted(set(data) - set(chosen.filters) - PAGING - set(also))
    if unknown:
        known = ", ".join(sorted(chosen.filters))
        raise ValidationError(
            {name: [_("There is no such filter; there are: %(known)s.") % {"known": known}] for name in unknown}
        )
    if not chosen.is_valid():
        raise ValidationError(chosen.errors)
    return chosen.qs
