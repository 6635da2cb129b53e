"""The base of every form of master data."""

from typing import Any, TypeVar

from django import forms
from django.db.models import Model
from django.utils.translation import gettext

from lib.fields import form_field
from workflow.forms import remember_what_was_seen

M = TypeVar("M", bound=Model)
#: What stands in an address where the code of a row would.
RESERVED = frozenset({"new", "export", ".", ".."})


class RowForm(forms.ModelForm[M]):
    """A row's form knows who fills it in. A code that trails and programs know a row by is given once."""

    fixed: tuple[str, ...] = ("code",)

    class Meta:
        formfield_callback = form_field

    def __init__(self, *args: Any, by: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        if self.instance.pk:
            remember_what_was_seen(self)
        for name in self.fixed:
            if name in self.fields:
                self.fields[name].disabled = bool(self.instance.pk)
        self.prepare()

    def prepare(self) -> None:
        """Choices that depend on the row or the person."""

    def clean(self) -> dict[str, Any]:
        """What this person did not touch stays as somebody else has saved it meanwhile."""
        data = super().clean() or {}
        if self.instance.pk:
            for name in set(data) - set(self.changed_data):
                if name in self._meta.fields:  # type: ignore[operator]
                    data[name] = getattr(self.instance, name)
        if data.get(self.fixed[0]) in RESERVED:
            self.add_error(self.fixed[0], gettext("This word is an address of the pages: choose another."))
        return data
