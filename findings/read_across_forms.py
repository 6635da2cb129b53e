"""Reporting read-across done, and verifying it: their forms and facts."""

from datetime import date
from typing import Any, NotRequired, TypedDict

from django.utils.translation import gettext_lazy as _

from findings import facts
from findings.file_fields import FilesMixin
from lib import moment
from lib.fields import DateField, FilesField, RowField, TextField, YesNoField, area
from people.models import User
from workflow.forms import MoveForm, ReasonForm


class Done(facts.Files):
    done_on: date
    result: str


class Verdict(TypedDict):
    accept: bool
    reason: NotRequired[str]


class NewOwner(TypedDict):
    owner: User
    reason: str


class DoneForm(FilesMixin):
    """What was done at this site, with the proof."""

    done_on = DateField(label=_("Done on"), latest=moment.today)
    result = TextField(label=_("What was done"), max_length=2000, widget=area())
    files = FilesField(label=_("Evidence"))  # type: ignore[assignment]

    def prepare(self) -> None:
        self.fields["files"].required = True
        self.fields["result"].initial = self.subject.result


class VerifyForm(MoveForm):
    """Seen and right, or back with the reason."""

    accept = YesNoField(label=_("Decision"), yes=_("Accept"), no=_("Send back"))
    reason = TextField(label=_("Remark, or why it is sent back"), max_length=300, required=False, widget=area(2))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("accept") is False and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Say why it is sent back."))
        return data


class OwnerForm(ReasonForm):
    """Somebody else does it there."""

    owner = RowField(User.objects.none(), code="username", label=_("Who does it"))
    field_order = ["owner", "reason"]

    def prepare(self) -> None:
        people = User.objects.at_work().exclude(pk=self.subject.owner_id).select_related("unit")
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]
