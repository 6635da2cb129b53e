"""The append-only, hash-chained trail of a record."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

GENESIS = "0" * 64


class TrailEvent(models.Model):
    """One thing that happened. `at` is when the server wrote it, `event_at` when it is said to have happened.

    The two differ only for back-filled entries. Each event carries the hash of the one before it in the same trail,
    so that a changed or missing row shows (`manage.py verify_trail`). The database refuses updates and deletions.
    """

    position = models.PositiveIntegerField()
    move = models.CharField(max_length=40)
    source = models.CharField(max_length=30, blank=True)
    target = models.CharField(max_length=30, blank=True)
    #: The record beside it that this was about, such as "dispute:12"; empty: the record itself.
    about = models.CharField(max_length=40, blank=True, default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, verbose_name=_("By"))
    on_behalf_of = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField()
    event_at = models.DateTimeField()
    facts = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    before = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        abstract = True

    @property
    def back_filled(self) -> bool:
        return (self.at - self.event_at).total_seconds() > 60

    def subject_id(self) -> int:
        raise NotImplementedError

    @classmethod
    def subject_model(cls) -> type[models.Model]:
        raise NotImplementedError

    def digest(self) -> str:
        """SHA-256 over everything the event says and the hash before it."""
        said = [
            self.subject_id(),
            self.position,
            self.move,
            self.source,
            self.target,
            self.by_id,
            self.on_behalf_of_id,
            _utc(self.at),
            _utc(self.event_at),
            self.facts,
            self.before,
        ]
        if self.about:
            # Left out where there is none: so the hashes of events from before records stood beside still hold.
            said.append(self.about)
        text = json.dumps(said, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


#: What a row is called by in the trail and by programs, whichever of these it has; they never change with a name.
CODES = ("code", "username", "number")


def about(record: models.Model) -> str:
    """What a trail, or a file, calls a record beside its subject, such as "dispute:12"."""
    return f"{record._meta.model_name}:{record.pk}"


def code_column(model: type[models.Model]) -> str:
    """Which of them the rows of this model have."""
    return next(name for name in CODES if hasattr(model, name))


def code_of(row: models.Model) -> str:
    """What a row is called in the trail and by programs: its code, username or number; its key where it has none."""
    for name in CODES:
        if found := getattr(row, name, ""):
            return str(found)
    return str(row.pk)


@dataclass(frozen=True)
class Change:
    """One changed column as people read it."""

    field: str
    label: str
    before: str
    after: str


def explain(events: Sequence[TrailEvent]) -> dict[int, list[Change]]:
    """What each event changed, in the reader's language, by the event's key; one statement per kind of related row."""
    wanted: dict[type[models.Model], set[str]] = {}
    for event in events:
        for name, pair in event.facts.get("changed", {}).items():
            related = event.subject_model()._meta.get_field(name).related_model
            if isinstance(related, type):
                wanted.setdefault(related, set()).update(one for one in pair if one)
    names = {related: called(related, codes) for related, codes in wanted.items()}
    return {event.pk: list(_changes(event, names)) for event in events}


def called(model: type[models.Model], codes: Iterable[str]) -> dict[str, str]:
    """What the rows with these codes are called today, in the reader's language."""
    column = code_column(model)
    rows = model._default_manager.filter(**{f"{column}__in": set(codes)})
    return {str(getattr(row, column)): str(row) for row in rows}


def _changes(event: TrailEvent, names: dict[type[models.Model], dict[str, str]]) -> Iterator[Change]:
    for name, (old, new) in event.facts.get("changed", {}).items():
        field: Any = event.subject_model()._meta.get_field(name)
        known = names.get(field.related_model, {}) if field.related_model else _words(field)
        yield Change(name, str(field.verbose_name), known.get(old, old), known.get(new, new))


def _words(field: Any) -> dict[str, str]:
    if isinstance(field, models.BooleanField):
        return {"True": str(_("yes")), "False": str(_("no"))}
    return {str(value): str(label) for value, label in field.choices or []}


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def plain(value: Any) -> Any:
    """The value as JSON keeps it, so that what is hashed is what is read back."""
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def seal(event: TrailEvent, last: TrailEvent | None) -> TrailEvent:
    """Place the event after `last` and give it its hash."""
    event.position = last.position + 1 if last else 1
    event.before = last.hash if last else GENESIS
    event.hash = event.digest()
    return event


def broken(events: Iterable[TrailEvent]) -> list[str]:
    """What is wrong with one trail in order of position; empty when it is whole."""
    faults: list[str] = []
    before, position = GENESIS, 1
    for event in events:
        if event.position != position or event.before != before:
            faults.append(f"{event.subject_id()}: position {position}: an event is missing or moved")
        if event.digest() != event.hash:
            faults.append(f"{event.subject_id()}: position {event.position}: the event was changed")
        before, position = event.hash, event.position + 1
    return faults
