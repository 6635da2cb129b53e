"""Asking and answering."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy as _

from lib.fields import RowsField, TextField, area
from people.models import User
from questions.mentions import mentioned
from questions.models import Message, of
from questions.registry import around, may_see


class MessageForm(forms.Form):
    """One question or answer. Whoever is ticked or named with @ is told; all of them have to be able to see the record."""

    text = TextField(
        label=_("Question or remark"),
        max_length=2000,
        widget=area(2),
        help_text=_("@ and a name or an account tells anyone who may see this page."),
    )
    tell = RowsField(User.objects.none(), code="username", label=_("Tell"), required=False)
    question = forms.IntegerField(label=_("Answer to"), required=False, min_value=1, max_value=2**62)

    def __init__(self, *args: Any, record: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record, self.user = record, user
        people = [person.pk for person in around(record) if person.pk != user.pk]
        self.fields["tell"].queryset = User.objects.filter(pk__in=people)  # type: ignore[attr-defined]

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        self.named = mentioned(text)
        self._refuse([person for person in self.named if not may_see(person, self.record)])
        return text

    def clean_tell(self) -> Any:
        """Around the record is not always able to see it: an owner who runs the system by now, say."""
        people = self.cleaned_data["tell"]
        self._refuse([person for person in people if not may_see(person, self.record)])
        return people

    def _refuse(self, blind: list[User]) -> None:
        if blind:
            raise ValidationError(
                gettext("This page is closed to %(names)s: they cannot be told here.")
                % {"names": "、".join(map(str, blind))}
            )

    def clean_question(self) -> Message | None:
        """The question that is answered, of this record; an answer is not answered itself."""
        key = self.cleaned_data["question"]
        found = of(self.record).filter(question=None, pk=key).first() if key else None
        if key and found is None:
            raise ValidationError(gettext("There is no such question here."))
        return found

    @property
    def told(self) -> list[User]:
        """Everyone to be told, each once, never the writer."""
        people = {person.pk: person for person in (*self.cleaned_data["tell"], *self.named)}
        people.pop(self.user.pk, None)
        return list(people.values())
