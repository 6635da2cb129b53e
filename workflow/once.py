"""Carrying out a form once, however often it is sent (two clicks, the back button, a program that tries again)."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any, NamedTuple, TypeVar
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from lib import moment
from workflow.models import SentForm

T = TypeVar("T")
FIELD, HEADER = "form_key", "Idempotency-Key"
KEPT = timedelta(days=3)


class AlreadyDone(Exception):
    """This very form was carried out before; `sent` says what came of it."""

    def __init__(self, sent: SentForm) -> None:
        self.sent = sent
        super().__init__(sent.number)


class Key(NamedTuple):
    """What a form or a request is known by: its key together with the address, so that one key serves one thing only.

    `body` is what a program sent, as a digest; "" for a page, which is the same form whatever was changed in it.
    """

    key: UUID
    body: str = ""


def page_key(request: Any) -> Key | None:
    """The key in the form; None for a form without one (or with nonsense: then it is carried out like any other)."""
    try:
        return Key(uuid5(UUID(request.POST.get(FIELD, "")), request.path))
    except ValueError:
        return None


def api_key(request: Any) -> Key | None:
    """The idempotency key of a program's request. Raises ValidationError when it is no UUID."""
    given = request.headers.get(HEADER, "")
    if not given:
        return None
    try:
        return Key(uuid5(UUID(given), request.path), _digest(request.data))
    except ValueError as error:
        raise ValidationError({HEADER: [_("Give a UUID.")]}) from error


def _digest(data: Any) -> str:
    """The same for the same request: every value as text, a file by its name and size."""
    values = dict(data.lists()) if hasattr(data, "lists") else data if isinstance(data, dict) else {"": data}
    said = {
        str(name): [
            f"{value.name}:{value.size}" if hasattr(value, "size") else repr(value)
            for value in (given if isinstance(given, list) else [given])
        ]
        for name, given in values.items()
    }
    return sha256(repr(sorted(said.items())).encode(errors="replace")).hexdigest()


def look(user: Any, key: Key | None) -> None:
    """Raises AlreadyDone when the form was carried out before, ValidationError when a program sent something else then."""
    sent = SentForm.objects.filter(user_id=user.pk, key=key.key).first() if key else None
    if sent is None or key is None:
        return
    if key.body != sent.body:
        raise ValidationError({HEADER: [_("This key was used for another request.")]})
    raise AlreadyDone(sent)


def once(user: Any, key: Key | None, act: Callable[[], T], *, url: str = "") -> T:
    """Carry out `act`, which returns the record it made; without a key each time, with one the first time only.

    `url` is the page that whoever sends it again is led to, when that is not the record's own. The key is written in the
    transaction of the act: either both stand or neither, as all of the act does. Raises AlreadyDone.
    """
    if key is None:
        with transaction.atomic():
            return act()
    look(user, key)
    try:
        with transaction.atomic():
            sent = SentForm.objects.create(user_id=user.pk, key=key.key, body=key.body, at=moment.now())
            made: Any = act()
            sent.number, sent.url = str(made)[:60], (url or made.get_absolute_url())[:200]
            sent.save(update_fields=["number", "url"])
    except IntegrityError:
        # The same form a moment ago, or a constraint of the act's own: only the first is ours to say.
        look(user, key)
        raise
    return made


def forget(now: Any = None) -> int:
    """Drop the keys of forms sent days ago. Returns how many."""
    return SentForm.objects.filter(at__lt=(now or moment.now()) - KEPT).delete()[0]
