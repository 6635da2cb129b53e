"""A filter that is on or off."""

from typing import Any

import django_filters as filters
from django import forms
from django.utils.translation import gettext_lazy as _


class YesFilter(filters.BooleanFilter):
    """ "true" or "false"; the page offers only yes and no matter."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Select(choices=[("", "—"), ("true", _("yes")), ("false", _("no"))]))
        super().__init__(*args, **kwargs)
