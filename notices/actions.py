"""Owing a notice to people: rows only, nothing is sent here."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from notices.models import Delivery, Notice
from workflow import moment
from workflow.bulk import insert_missing


@dataclass(frozen=True)
class Owed:
    """A notice to be written: who, which text (`templates/notices/<kind>.*`), for which occasion (`key`)."""

    recipient_id: int
    kind: str
    key: str
    url: str = ""
    level: str = Notice.Level.INFO
    facts: dict[str, Any] = field(default_factory=dict)
    needs_answer: bool = False


def write(owed: Iterable[Owed], *, at: datetime | None = None, channels: tuple[str, ...] = ("email",)) -> int:
    """Insert the notices and their deliveries; what already stands is left as it is. Two statements, however many.

    Returns how many notices were asked for (after removing doubles).
    """
    when = at or moment.now()
    rows: dict[UUID, Notice] = {}
    for one in owed:
        identity = Notice.identity(one.recipient_id, one.kind, one.key)
        rows[identity] = Notice(
            id=identity,
            recipient_id=one.recipient_id,
            kind=one.kind,
            key=one.key,
            level=one.level,
            facts=one.facts,
            url=one.url,
            needs_answer=one.needs_answer,
            created_at=when,
        )
    if not rows:
        return 0
    insert_missing(list(rows.values()))
    insert_missing(
        [
            Delivery(id=Delivery.identity(identity, channel), notice_id=identity, channel=channel, next_try_at=when)
            for identity in rows
            for channel in channels
        ]
    )
    return len(rows)


def tell(
    people: Iterable[Any], kind: str, key: str, *, url: str = "", level: str = Notice.Level.INFO,
    facts: dict[str, Any] | None = None, needs_answer: bool = False,
) -> int:
    """Owe the same notice to several people (users; None is skipped)."""
    return write(
        Owed(person.pk, kind, key, url, level, facts or {}, needs_answer) for person in people if person is not None
    )


def void(kind: str, key_prefix: str, *, recipient_id: int | None = None) -> int:
    """Drop what has not been sent yet because its reason is gone (for one person, or all). Returns how many deliveries."""
    waiting = Delivery.objects.filter(
        status=Delivery.Status.PENDING, notice__kind=kind, notice__key__startswith=key_prefix
    )
    if recipient_id is not None:
        waiting = waiting.filter(notice__recipient_id=recipient_id)
    return waiting.update(status=Delivery.Status.VOID)
