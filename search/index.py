"""Keeping the index: what changed is noted with the change, and written into the index before anybody searches."""

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from lib.fields import UNPRINTABLE
from search.grams import grams
from search.models import Entry, Stale
from search.sources import NAMED_BY, SOURCES, Source, Text, of

#: So many entries are written by one statement.
BATCH = 500
#: Whoever searches brings so many changed records up to date first; the rest is the task's.
AT_ONCE = 50
#: A tsvector knows 16,383 places, and each sign takes two: beyond, no phrase is found. What is called by name comes first.
LONGEST_PLAIN = 7_500
#: The advisory lock of whoever writes the index.
LOCK = 248_508
KEPT = ("title", "plain", "title_grams", "grams")


def mark(record: Any) -> None:
    """The record's entry is older than the record. Inside the transaction of the change."""
    source = of(record)
    if source is not None:
        Stale.objects.create(kind=source.kind, object_id=record.pk)


def mark_all(kind: str, rows: "QuerySet[Any]") -> None:
    """The same for many records at once."""
    keys = rows.order_by().values_list("pk", flat=True)
    Stale.objects.bulk_create((Stale(kind=kind, object_id=key) for key in keys.iterator()), batch_size=BATCH)


def is_renamed(record: Any) -> bool:
    """Whether the record is called otherwise than its entry says; one without an entry names nothing yet."""
    source = of(record)
    if source is None:
        return True
    kept = Entry.objects.filter(kind=source.kind, object_id=record.pk).values_list("title_grams", flat=True).first()
    return kept is not None and kept != _title_grams(source.text(record))


def saved(record: Any, *, added: bool = False, update_fields: Any = None) -> None:
    """After a save, unless it changed nothing that can be found (a log-in, say): the record itself and, where it is called
    otherwise now, whatever names it.
    """
    source = of(record)
    if source is not None and source.watched and update_fields and source.watched.isdisjoint(update_fields):
        return
    naming = NAMED_BY.get(type(record), ())
    if naming and not added and is_renamed(record):
        for kind, rows in naming:
            mark_all(kind, rows(record))
    mark(record)


def catch_up(most: int = AT_ONCE) -> int:
    """Write the entries of changed records anew, the oldest change first; how many notes were done.

    May run twice and side by side: one at a time writes, the others leave it to that one. Were two to write the same record,
    the one that read it first could write last, and the older words would stay.
    """
    if not Stale.objects.exists():
        return 0
    with transaction.atomic():
        if not _alone():
            return 0
        rows = list(Stale.objects.order_by("pk")[:most])
        for kind, source in SOURCES.items():
            write(source, {row.object_id for row in rows if row.kind == kind})
        # By key: what was noted meanwhile stays for the next time.
        Stale.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def _alone() -> bool:
    """Whether nobody else writes the index until this transaction ends; on SQLite a transaction that writes is alone anyway."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def write(source: Source, keys: Iterable[int]) -> None:
    """The entries of these records as the records are now; none for those that are gone."""
    wanted = set(keys)
    if not wanted:
        return
    entries = [_entry(source, row.pk, source.text(row)) for row in source.rows(wanted)]
    gone = wanted - {entry.object_id for entry in entries}
    if gone:
        Entry.objects.filter(kind=source.kind, object_id__in=gone).delete()
    Entry.objects.bulk_create(
        entries, BATCH, update_conflicts=True, unique_fields=["kind", "object_id"], update_fields=list(KEPT)
    )


def _title_grams(text: Text) -> str:
    return grams(" \n ".join((text.title, *text.names)))


def _entry(source: Source, key: int, text: Text) -> Entry:
    # The same text twice (the problem in our words and the customer's) is said once.
    plain = "\n".join(dict.fromkeys(_clean(part) for part in text.says if part))[:LONGEST_PLAIN]
    return Entry(
        kind=source.kind,
        object_id=key,
        title=_clean(text.title)[:200],
        plain=plain,
        title_grams=_title_grams(text),
        grams=grams("\n".join((*text.also, plain))),
    )


def _clean(text: str) -> str:
    return UNPRINTABLE.sub("", text)


def rebuild() -> int:
    """Every entry anew, batch by batch; how many there are."""
    count = 0
    for source in SOURCES.values():
        keys = list(source.model._default_manager.order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(keys), BATCH):
            with transaction.atomic():
                write(source, keys[start : start + BATCH])
        Entry.objects.filter(kind=source.kind).exclude(
            object_id__in=source.model._default_manager.values("pk")
        ).delete()
        count += len(keys)
    return count
