"""Fields and the base form of moves that bring evidence."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from findings.storage import store
from workflow.files import check
from workflow.forms import MoveForm


def area(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once, each checked by its content."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", FilesInput())
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        uploads = data if isinstance(data, list | tuple) else [data]
        files = [super(FilesField, self).clean(one, initial) for one in uploads if one or self.required]
        if len(files) > 12:
            raise ValidationError(gettext("At most 12 files at once."))
        for file in files:
            if file:
                check(file)
        return [file for file in files if file]


class FilesMixin(MoveForm):
    """A move with evidence: the files are stored before the move and handed on as facts."""

    def facts(self) -> dict[str, Any]:
        facts = super().facts()
        facts["files"] = [store(upload) for upload in facts.pop("files")]
        return facts
