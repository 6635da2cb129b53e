"""Delivering what is owed: claim a few rows, send outside any transaction, write down what came of it."""

import smtplib
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.models import F
from django.template import TemplateDoesNotExist

from notices.models import Delivery
from notices.text import lines, link
from workflow import moment

BATCH = 50
#: Longer than a whole batch of messages that each run into the mail server's timeout.
LEASE = timedelta(minutes=20)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
GIVE_UP_AFTER = 12


def wait_after(attempts: int) -> timedelta:
    """How long to wait after the n-th failed attempt: doubling from one minute to six hours."""
    return min(FIRST_WAIT * 2 ** max(attempts - 1, 0), LONGEST_WAIT)


def claim(now: datetime, limit: int = BATCH) -> list[UUID]:
    """Take a lease on deliveries that are due; a process killed while sending gives them back when it runs out."""
    with transaction.atomic():
        due = Delivery.objects.filter(status=Delivery.Status.PENDING, next_try_at__lte=now).order_by("next_try_at", "id")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        ids = list(due.values_list("id", flat=True)[:limit])
        Delivery.objects.filter(id__in=ids).update(next_try_at=now + LEASE, attempts=F("attempts") + 1)
    return ids


def send(delivery: Delivery) -> None:
    """Send one e-mail. The message id is the delivery's own, so a second copy can be recognised."""
    notice = delivery.notice
    subject, body = lines(notice)
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(">") or "localhost"
    EmailMessage(
        subject=subject,
        body=f"{body}\n\n{link(notice)}\n",
        to=[notice.recipient.email],
        headers={"Message-ID": f"<{delivery.pk}@{host}>", "Auto-Submitted": "auto-generated"},
    ).send()


def deliver(*, now: datetime | None = None, limit: int = BATCH) -> dict[str, int]:
    """Send what is due, one claimed batch. Returns counts of sent, failed and given up."""
    counts = {"sent": 0, "failed": 0, "dead": 0}
    for delivery in Delivery.objects.filter(id__in=claim(now or moment.now(), limit)).select_related(
        "notice__recipient"
    ):
        counts[_try(delivery)] += 1
    return counts


def _try(delivery: Delivery) -> str:
    rows = Delivery.objects.filter(pk=delivery.pk, status=Delivery.Status.PENDING)
    if not delivery.notice.recipient.email or not delivery.notice.recipient.is_active:
        rows.update(status=Delivery.Status.VOID, error="no address")
        return "dead"
    try:
        send(delivery)
    except (OSError, smtplib.SMTPException, ValueError, TemplateDoesNotExist) as error:
        dead = delivery.attempts >= GIVE_UP_AFTER
        rows.update(
            status=Delivery.Status.DEAD if dead else Delivery.Status.PENDING,
            next_try_at=moment.now() + wait_after(delivery.attempts),
            error=f"{type(error).__name__}: {error}"[:2000],
        )
        return "dead" if dead else "failed"
    rows.update(status=Delivery.Status.SENT, sent_at=moment.now(), error="")
    return "sent"
