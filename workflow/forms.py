"""The base of every move's form: its cleaned data become the move's facts."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext, gettext_lazy as _

from lib import moment
from lib.fields import DateTimeField, TextField, area
from lib.rows import WithRows


class MoveForm(WithRows):
    """`subject` is what is moved, `user` who moves it; `seen` is the version the person looked at."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)
    #: Shown above the fields.
    intro: Any = ""
    #: A program that leaves fields out leaves them as they are; otherwise what is left out is empty.
    partial = False

    def __init__(self, *args: Any, subject: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.subject, self.user = subject, user
        self.fields["seen"].initial = subject.version
        self.prepare()

    def prepare(self) -> None:
        """Choices and starting values that depend on the subject or the person."""

    def facts(self) -> dict[str, Any]:
        """The keyword arguments of the move."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"seen", "event_at"}}

    def say(self, error: ValidationError | list[str]) -> None:
        """Write sentences of the door on the form; one that knows where it is cured links to it."""
        self.refusals = list(error) if isinstance(error, list) else error.messages
        self.add_error(NON_FIELD_ERRORS, error)


def remember_what_was_seen(form: forms.BaseForm) -> None:
    """Send every field's starting value along, so that a late form overwrites only what its writer touched.

    Programs send none, and are taken at their word.
    """
    if not form.is_bound or any(name.startswith("initial-") for name in form.data):
        if isinstance(form, WithRows):
            form.remembers = True
        for name, field in form.fields.items():
            field.show_hidden_initial = name != "seen" and not isinstance(field, forms.FileField)


class EventTimeMixin(forms.Form):
    """When it really happened; earlier than now means back-filled, and the page shows both times."""

    event_at = DateTimeField(
        label=_("When it happened"),
        required=False,
        past=True,
        help_text=_("Leave empty for now. An earlier time is kept beside the time of entry."),
    )

    def clean_event_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["event_at"]
        if at and at < moment.now() - timedelta(days=60):
            raise ValidationError(gettext("This is more than 60 days ago."))
        return at


class ReasonForm(MoveForm):
    """A move that needs a reason (domain §5.3)."""

    reason = TextField(label=_("Reason"), max_length=300, min_length=2, widget=area())


class PlainForm(MoveForm):
    """A move that needs nothing but the decision."""


class RemarkForm(MoveForm):
    remark = TextField(label=_("Remark"), max_length=500, required=False, widget=area(2))
