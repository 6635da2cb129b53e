"""The base of every form of master data."""

from typing import Any, TypeVar

from django import forms
from django.db.models import Model

from lib.fields import form_field

M = TypeVar("M", bound=Model)


class RowForm(forms.ModelForm[M]):
    """A row's form knows who fills it in. A code that trails and programs know a row by is given once."""

    fixed: tuple[str, ...] = ("code",)

    class Meta:
        formfield_callback = form_field

    def __init__(self, *args: Any, by: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        for name in self.fixed:
            if name in self.fields:
                self.fields[name].disabled = bool(self.instance.pk)
        self.prepare()

    def prepare(self) -> None:
        """Choices that depend on the row or the person."""
