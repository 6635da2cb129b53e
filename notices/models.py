"""What is owed to a person: a notice, and one delivery per channel outside the application."""

import hashlib
import uuid

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

KEY = uuid.UUID("8f3cbb0e-6f0f-4b57-9a51-2485a0d1c7e4").bytes


def named(name: str) -> str:
    """The same id for the same name, always, as 32 hexadecimal digits."""
    return hashlib.blake2b(name.encode(), digest_size=16, key=KEY).hexdigest()


class Notice(models.Model):
    """One thing a person is told. The id follows from recipient, kind and key, so telling twice tells once."""

    class Level(models.TextChoices):
        INFO = "info", _("For information")
        AMBER = "amber", _("Soon due")
        RED = "red", _("Late")

    id = models.UUIDField(primary_key=True, editable=False)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    #: What it belongs to (a clock), so that everything of it can be voided together.
    topic = models.CharField(max_length=40, blank=True, default="")
    level = models.CharField(max_length=5, choices=Level.choices, default=Level.INFO)
    facts = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    url = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    needs_answer = models.BooleanField(default=False)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = [
            models.Index(fields=["recipient", "-created_at", "-id"], name="inbox"),
            models.Index(fields=["recipient"], condition=Q(read_at=None), name="inbox_unread"),
            models.Index(fields=["kind", "key"], name="notice_receipts"),
            models.Index(fields=["topic"], condition=~Q(topic=""), name="notice_topic"),
            models.Index(
                fields=["recipient"], condition=Q(needs_answer=True, answered_at=None), name="inbox_unanswered"
            ),
        ]
        constraints = [models.UniqueConstraint(fields=["recipient", "kind", "key"], name="told_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    @staticmethod
    def identity(recipient_id: int, kind: str, key: str) -> str:
        return named(f"{recipient_id}:{kind}:{key}")


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def held(self, *, skip_locked: bool = False) -> list[uuid.UUID]:
        """Lock the rows, in the order of their ids; without waiting for any, where those held by others may be left out."""
        rows = self.select_for_update(no_key=True, of=("self",), skip_locked=skip_locked)
        return list(rows.order_by("pk").values_list("pk", flat=True))


class Delivery(models.Model):
    """One notice over one channel: what was tried, when it is tried again, the last error."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting")
        SENT = "sent", _("Sent")
        DEAD = "dead", _("Given up")
        VOID = "void", _("No longer needed")

    id = models.UUIDField(primary_key=True, editable=False)
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=10, default="email")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PENDING)
    #: The message it travels in, with others to the same person; set when first claimed and never changed, so that a
    #: message tried again is the same message.
    bundle = models.UUIDField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["next_try_at", "id"]
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(status="pending"), name="delivery_due"),
            models.Index(fields=["-next_try_at", "-id"], condition=Q(status="dead"), name="delivery_dead"),
        ]
        constraints = [models.UniqueConstraint(fields=["notice", "channel"], name="delivered_once_per_channel")]

    def __str__(self) -> str:
        return f"{self.channel} {self.status}"

    @staticmethod
    def identity(notice_id: str, channel: str) -> str:
        return named(f"{notice_id}:{channel}")
