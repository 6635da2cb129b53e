"""Owing a notice to people: rows only, nothing is sent here."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from django.db import transaction

from lib import moment
from lib.bulk import dumped, insert_missing
from notices.models import Delivery, Notice


class Owed(NamedTuple):
    """A notice to be written: who, which text (`templates/notices/<kind>.*`), for which occasion (`key`)."""

    recipient_id: int
    kind: str
    key: str
    url: str = ""
    level: str = Notice.Level.INFO
    facts: Mapping[str, Any] = MappingProxyType({})
    needs_answer: bool = False
    topic: str = ""


#: Floors above that wait for an acknowledgement: called with the notice and the time, inside the transaction.
ANSWERED: list[Callable[[Notice, datetime], None]] = []


NOTICE = ("id", "recipient_id", "kind", "key", "topic", "level", "facts", "url", "needs_answer")
DELIVERY = ("id", "notice_id", "channel")


def write(owed: Iterable[Owed], *, at: datetime | None = None, channels: tuple[str, ...] = ("email",)) -> int:
    """Insert the notices and their deliveries; what already stands is left as it is. Two statements, however many.

    Returns how many notices were asked for (after removing doubles).
    """
    when = at or moment.now()
    rows: dict[str, tuple[Any, ...]] = {}
    texts: dict[int, str] = {}
    kept = list(owed)
    for one in kept:
        identity = Notice.identity(one.recipient_id, one.kind, one.key)
        # Many people are told the same; their facts are one object, put into words once.
        facts = texts.get(id(one.facts)) or texts.setdefault(id(one.facts), dumped(dict(one.facts)))
        rows[identity] = (
            identity,
            one.recipient_id,
            one.kind,
            one.key,
            one.topic,
            str(one.level),
            facts,
            one.url,
            one.needs_answer,
        )
    insert_missing(Notice, NOTICE, list(rows.values()), same={"created_at": when})
    insert_missing(
        Delivery,
        DELIVERY,
        [(Delivery.identity(identity, channel), identity, channel) for identity in rows for channel in channels],
        same={"status": str(Delivery.Status.PENDING), "attempts": 0, "next_try_at": when, "error": ""},
    )
    return len(rows)


def tell(
    people: Iterable[Any],
    kind: str,
    key: str,
    *,
    url: str = "",
    level: str = Notice.Level.INFO,
    facts: dict[str, Any] | None = None,
    needs_answer: bool = False,
    topic: str = "",
) -> int:
    """Owe the same notice to several people (users; None is skipped)."""
    return write(
        Owed(person.pk, kind, key, url, level, facts or {}, needs_answer, topic)
        for person in people
        if person is not None
    )


def tell_people(people: Iterable[Any], kind: str, key: str, url: str, facts: dict[str, Any]) -> None:
    """What the floor of the people says about deputies, addresses, roles and leavers."""
    tell(people, kind, f"{key[:100]}:{moment.now():%Y%m%d%H%M%S}", url=url, facts=facts)


@transaction.atomic(savepoint=False)
def void(*topics: str, recipient_id: int | None = None) -> int:
    """Drop what has not been sent yet because its reason is gone (for one person, or all). Returns how many deliveries."""
    if not topics:
        return 0
    waiting = Delivery.objects.filter(status=Delivery.Status.PENDING, notice__topic__in=topics)
    if recipient_id is not None:
        waiting = waiting.filter(notice__recipient_id=recipient_id)
    found = waiting.held()
    return Delivery.objects.filter(pk__in=found).update(status=Delivery.Status.VOID) if found else 0


@transaction.atomic
def answer(notice: Notice, *, at: datetime) -> bool:
    """Acknowledge a notice that asks for it. False when that was done before."""
    fresh = Notice.objects.filter(pk=notice.pk, needs_answer=True, answered_at=None)
    if not fresh.update(answered_at=at, read_at=notice.read_at or at):
        return False
    for tell_above in ANSWERED:
        tell_above(notice, at)
    return True
