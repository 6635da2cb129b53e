"""Delivering what is owed: claim what is due, one message a person, send outside any transaction, write down the outcome.

A message is a bundle of deliveries. A bundle is made when its rows are first claimed and never changes, so a message that
has to be tried again carries the same id; the id of every notice in it stands in its headers. Killed between sending and
writing it down, the message is sent once more, with that id: at least once, never lost.
"""

import smtplib
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.db.models import F, QuerySet

from lib import moment
from notices.models import Delivery, DeliveryQuerySet, Notice
from notices.text import digest
from people.models import User

BATCH = 200
#: A worker stops sending when half of its lease is over, so no other takes over what it still holds.
LEASE = timedelta(minutes=20)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
GIVE_UP_AFTER = 12
#: Notices in one message.
LONGEST_DIGEST = 50


def wait_after(attempts: int) -> timedelta:
    """How long to wait after the n-th failed attempt: doubling from one minute to six hours."""
    return min(FIRST_WAIT * 2 ** max(attempts - 1, 0), LONGEST_WAIT)


def claim(now: datetime, limit: int = BATCH) -> list[UUID]:
    """Take a lease on what is due; a process killed while sending gives it back when the lease runs out.

    First the people are locked, then everything due to them is taken: two workers never write to one person at once, and
    nobody gets two messages for what one could say. Reminders that fall into someone's quiet hours are put off.
    Returns the ids of the bundles to send.
    """
    with transaction.atomic():
        people = _people(now, limit)
        if not people:
            return []
        rows = _due(now).filter(notice__recipient_id__in=people).order_by("next_try_at", "id")
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        found = list(rows.values_list("id", "bundle", "channel", "notice__recipient_id", "notice__level")[: 10 * limit])
        quiet = {pk: until for pk, person in people.items() if (until := person.quiet_until(now))}
        bundles: dict[UUID, list[UUID]] = {}
        opened: dict[tuple[int, str], UUID] = {}
        started: set[UUID] = set()
        put_off: dict[datetime, list[UUID]] = {}
        for pk, bundle, channel, recipient, level in found:
            if bundle is None and level != Notice.Level.RED and recipient in quiet:
                put_off.setdefault(quiet[recipient], []).append(pk)
                continue
            which = bundle or opened.setdefault((recipient, channel), pk)
            if bundle is None and len(bundles.get(which, ())) == LONGEST_DIGEST:
                which = opened[recipient, channel] = pk
            if bundle is None:
                started.add(which)
            bundles.setdefault(which, []).append(pk)
        for until, ids in put_off.items():
            Delivery.objects.filter(id__in=ids).update(next_try_at=until)
        for which in started:
            Delivery.objects.filter(id__in=bundles[which], bundle=None).update(bundle=which)
        claimed = [pk for ids in bundles.values() for pk in ids]
        Delivery.objects.filter(id__in=claimed).update(next_try_at=now + LEASE, attempts=F("attempts") + 1)
    return list(bundles)


def _due(now: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(status=Delivery.Status.PENDING, next_try_at__lte=now)


def _people(now: datetime, limit: int) -> dict[int, User]:
    """People the oldest deliveries are for, each locked by this worker; those another worker holds are passed over."""
    oldest = _due(now).order_by("next_try_at", "id").values_list("notice__recipient_id", flat=True)[: 10 * limit]
    people = User.objects.filter(pk__in=set(oldest)).select_related("unit").order_by("pk")
    if connection.features.has_select_for_update_skip_locked:
        people = people.select_for_update(skip_locked=True, no_key=True, of=("self",))
    return {person.pk: person for person in people[:limit]}


def deliver(*, now: datetime | None = None, limit: int = BATCH) -> dict[str, int]:
    """Send what is due, one claimed batch. Returns counts of deliveries sent, failed and given up."""
    counts = {"sent": 0, "failed": 0, "dead": 0}
    at = now or moment.now()
    bundles = claim(at, limit)
    if not bundles:
        return counts
    rows = Delivery.objects.filter(bundle__in=bundles, status=Delivery.Status.PENDING)
    messages: dict[UUID, list[Delivery]] = {}
    for row in rows.select_related("notice__recipient").order_by("notice__created_at", "id"):
        messages.setdefault(row.bundle or row.pk, []).append(row)
    post = Post()
    stop_at = moment.now() + LEASE / 2
    for bundle, deliveries in messages.items():
        if moment.now() > stop_at:
            break  # The rest comes back when the lease runs out, with the same ids.
        counts[_try(post, bundle, deliveries)] += len(deliveries)
    post.close()
    return counts


class Post:
    """One connection to the mail server for a whole batch, opened anew after a failure."""

    def __init__(self) -> None:
        self._connection: BaseEmailBackend | None = None

    def send(self, message: EmailMessage) -> None:
        if self._connection is None:
            self._connection = get_connection()
            self._connection.open()
        message.connection = self._connection
        try:
            message.send()
        except Exception:
            self.close()
            raise

    def close(self) -> None:
        kept, self._connection = self._connection, None
        if kept is not None:
            with suppress(OSError, smtplib.SMTPException):
                kept.close()


def message_of(bundle: UUID, deliveries: list[Delivery]) -> EmailMessage:
    """One e-mail for everything in the bundle. Its id is the bundle's, so a second copy can be recognised."""
    subject, body = digest([delivery.notice for delivery in deliveries])
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(">") or "localhost"
    headers = {
        "Message-ID": f"<{bundle}@{host}>",
        "Auto-Submitted": "auto-generated",
        "X-Notices": ", ".join(str(delivery.pk) for delivery in deliveries),
    }
    return EmailMessage(subject=subject, body=body, to=[deliveries[0].notice.recipient.email], headers=headers)


def _try(post: Post, bundle: UUID, deliveries: list[Delivery]) -> str:
    rows = Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries], status=Delivery.Status.PENDING)
    still = set(rows.values_list("pk", flat=True))
    deliveries = [delivery for delivery in deliveries if delivery.pk in still]
    if not deliveries:
        return "sent"  # voided since this batch was claimed: there is nothing left to say
    recipient = deliveries[0].notice.recipient
    if not recipient.is_active:
        _write_down(rows, status=Delivery.Status.VOID, error="no longer works here")
        return "dead"
    if not recipient.email:
        _write_down(rows, status=Delivery.Status.DEAD, error="no address")
        return "dead"
    try:
        post.send(message_of(bundle, deliveries))
    except Exception as error:  # noqa: BLE001  one message that cannot be written must not hold up the others
        dead = deliveries[0].attempts >= GIVE_UP_AFTER
        _write_down(
            rows,
            status=Delivery.Status.DEAD if dead else Delivery.Status.PENDING,
            next_try_at=moment.now() + wait_after(deliveries[0].attempts),
            error=f"{type(error).__name__}: {error}"[:2000],
        )
        return "dead" if dead else "failed"
    _write_down(rows, status=Delivery.Status.SENT, sent_at=moment.now(), error="")
    return "sent"


@transaction.atomic
def _write_down(rows: DeliveryQuerySet, **outcome: Any) -> None:
    """Keep what became of the message. What a move is voiding at this moment is left to it: a move may void the rows of
    one message in any order, and two who wait for each other would cost one of them its work.
    """
    rows.filter(pk__in=rows.held(skip_locked=True)).update(**outcome)


def send_again(ids: list[UUID]) -> int:
    """Put dead letters back into the queue, to be tried at once, in the message they were in. Returns how many."""
    return Delivery.objects.filter(pk__in=ids, status=Delivery.Status.DEAD).update(
        status=Delivery.Status.PENDING, attempts=0, next_try_at=moment.now(), error=""
    )
