"""Carrying out a form once, however often it is sent (two clicks, the back button, a program that tries again)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from workflow import moment
from workflow.models import SentForm

T = TypeVar("T")
FIELD, HEADER = "form_key", "Idempotency-Key"
KEPT = timedelta(days=3)


class AlreadyDone(Exception):
    """This very form was carried out before; `sent` says what came of it."""

    def __init__(self, sent: SentForm) -> None:
        self.sent = sent
        super().__init__(sent.number)


def page_key(request: Any) -> UUID | None:
    """The key in the form; None for a form without one (or with nonsense: then it is carried out like any other)."""
    try:
        return UUID(request.POST.get(FIELD, ""))
    except ValueError:
        return None


def api_key(request: Any) -> UUID | None:
    """The idempotency key of a program's request. Raises ValidationError when it is no UUID."""
    given = request.headers.get(HEADER, "")
    if not given:
        return None
    try:
        return UUID(given)
    except ValueError as error:
        raise ValidationError({HEADER: [_("Give a UUID.")]}) from error


def look(user: Any, key: UUID | None) -> None:
    """Raises AlreadyDone when the form was carried out before."""
    sent = SentForm.objects.filter(user_id=user.pk, key=key).first() if key else None
    if sent is not None:
        raise AlreadyDone(sent)


def once(user: Any, key: UUID | None, act: Callable[[], T]) -> T:
    """Carry out `act`, which returns the record it made; without a key each time, with one the first time only.

    The key is written in the transaction of the act: either both stand or neither. Raises AlreadyDone.
    """
    if key is None:
        return act()
    look(user, key)
    try:
        with transaction.atomic():
            sent = SentForm.objects.create(user_id=user.pk, key=key, at=moment.now())
            made: Any = act()
            sent.number, sent.url = str(made)[:60], made.get_absolute_url()[:200]
            sent.save(update_fields=["number", "url"])
    except IntegrityError:
        # The same form a moment ago, or a constraint of the act's own: only the first is ours to say.
        look(user, key)
        raise
    return made


def forget(now: Any = None) -> int:
    """Drop the keys of forms sent days ago. Returns how many."""
    return SentForm.objects.filter(at__lt=(now or moment.now()) - KEPT).delete()[0]
