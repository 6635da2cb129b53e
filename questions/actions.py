"""Writing down a question or an answer, and owing the notices of it."""

from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from lib import moment
from notices.actions import tell
from people.models import User
from questions.models import Message
from questions.registry import may_see
from search.index import mark


@transaction.atomic
def write(record: Any, *, by: Any, text: str, told: Iterable[User], question: Message | None = None) -> Message:
    """Keep what was said. Told are those named and ticked and, of an answer, everyone in that conversation who still may see it."""
    message = Message.objects.create(
        subject_type=ContentType.objects.get_for_model(record),
        subject_id=record.pk,
        question=question,
        text=text,
        by_id=by.pk,
        at=moment.now(),
    )
    named = {person.pk: person for person in told}
    message.told.set(named.values())
    mark(record)
    owed = {**_talking(record, question), **named}
    owed.pop(by.pk, None)
    facts = {"number": str(record), "by": by.in_both(), "text": text[:300], "answer": question is not None}
    tell(owed.values(), "question", f"question:{message.pk}", url=address(message, record), facts=facts)
    return message


def address(message: Message, record: Any) -> str:
    """Where it stands on the record's page."""
    return f"{record.get_absolute_url()}#question-{message.pk}"


def _talking(record: Any, question: Message | None) -> dict[int, User]:
    """Who asked, was asked or answered in this conversation, is still here and still sees the record."""
    if question is None:
        return {}
    said = [question, *question.answers.select_related("by")]
    people = {message.by_id: message.by for message in said} | {person.pk: person for person in question.told.all()}
    return {pk: person for pk, person in people.items() if person.is_active and may_see(person, record)}
