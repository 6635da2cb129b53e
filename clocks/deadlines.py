"""One clock of a record, and every time its due time was moved."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clocks.policy import PolicyStep
from clocks.queries import DeadlineQuerySet

USER = settings.AUTH_USER_MODEL


def owed_at(now_owes: int | None, before: list[Any] | None, at: datetime) -> int | None:
    """Who owed a clock at `at`, by who owes it now and who did until when."""
    for until, person in before or ():
        if at < datetime.fromisoformat(until):
            return int(person) if person is not None else None
    return now_owes


class Deadline(models.Model):
    """One clock: started and due once, answered by what its kind says, accepted by the reviewer.

    `due_at` never moves except by a move the policy names, or where an administrator applies a changed policy; every
    such change is a DueChange. `base_due_at` keeps what the policy alone gave, `trace` every interval counted or skipped
    where working time counts. `owes` is who has to act, kept up by every move. `rung` counts the rungs that have fired,
    `ladder_from` how many had before the ladder began anew; `next_alarm_at` is the one column the sweep compares.
    """

    #: The record it belongs to (see `clocks.subjects`); none for the engine's own.
    subject_type = models.ForeignKey(ContentType, models.PROTECT, null=True, related_name="+")
    subject_id = models.BigIntegerField(null=True)
    subject = GenericForeignKey("subject_type", "subject_id")
    step = models.CharField(max_length=24)
    part = models.CharField(max_length=24, default="", blank=True)
    cycle = models.PositiveSmallIntegerField()
    policy_step = models.ForeignKey(PolicyStep, models.PROTECT, related_name="+")
    zone = models.CharField(max_length=40)
    owes = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    #: Who owed it until when, the oldest first: [[ISO time, person's id], …]; None while it never changed hands. What was
    #: missed is held against whoever owed it then, also when the sweep comes late.
    owed_before = models.JSONField(null=True)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    base_due_at = models.DateTimeField()
    customer_due_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField()
    #: The due time before any exemption: it decides the month a report counts the clock in (domain §2.11).
    original_due_at = models.DateTimeField()
    #: The due time the answer is judged by: an exemption counts as one only when it was applied for before the breach.
    judged_due_at = models.DateTimeField()
    trace = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    exempted_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    rung = models.PositiveIntegerField(default=0)
    ladder_from = models.PositiveIntegerField(default=0)
    next_alarm_at = models.DateTimeField(null=True)

    objects = DeadlineQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        verbose_name = _("clock")
        verbose_name_plural = _("clocks")
        indexes = [
            models.Index(fields=["next_alarm_at", "id"], condition=Q(next_alarm_at__isnull=False), name="alarm_due"),
            models.Index(fields=["step", "original_due_at"], name="clock_by_month"),
            models.Index(
                fields=["due_at"], condition=Q(answered_at=None, stopped_at=None), name="clock_running_by_due"
            ),
            models.Index(
                fields=["owes", "due_at"], condition=Q(answered_at=None, stopped_at=None), name="clock_owed_by"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["subject_type", "subject_id", "step", "part", "cycle"], name="one_clock"),
            models.UniqueConstraint(
                fields=["step"], condition=Q(subject_id=None, stopped_at=None), name="one_clock_of_the_engine"
            ),
            models.CheckConstraint(
                condition=Q(subject_type=None, subject_id=None)
                | Q(subject_type__isnull=False, subject_id__isnull=False),
                name="clock_has_a_whole_subject",
            ),
            models.CheckConstraint(condition=Q(due_at__gt=F("started_at")), name="due_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_type_id}:{self.subject_id} {self.step} {self.cycle}"

    @property
    def topic(self) -> str:
        """What the notices of this clock carry, so that they can be voided together."""
        return f"clock:{self.pk}"

    @property
    def running(self) -> bool:
        return self.answered_at is None and self.stopped_at is None

    @property
    def late(self) -> bool | None:
        """Whether the answer came too late; None while there is none, or when the clock was stopped before it ran out."""
        if self.answered_at is not None:
            return self.answered_at > self.judged_due_at
        return True if self.stopped_at is not None and self.stopped_at > self.judged_due_at else None

    def owed_at(self, at: datetime) -> int | None:
        """The id of whoever owed it at `at` (aware)."""
        return owed_at(self.owes_id, self.owed_before, at)

    def overdue(self, now: datetime) -> bool:
        return self.running and now > self.due_at


class DueChange(models.Model):
    """One change of a due time: by which move, from when to when, and why. Append-only; part of the clock's "why"."""

    class Cause(models.TextChoices):
        PAUSED = "paused", _("paused by an approved exemption")
        RESUMED = "resumed", _("resumed: the exemption was ended")
        POLICY = "policy", _("a changed policy was applied")
        CALENDAR = "calendar", _("a changed calendar was applied")
        DISPUTE = "dispute", _("counted anew for another owner: a dispute was upheld")

    deadline = models.ForeignKey(Deadline, models.CASCADE, related_name="changes")
    cause = models.CharField(max_length=8, choices=Cause.choices)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    before = models.DateTimeField()
    after = models.DateTimeField()
    #: For a pause the kind of exemption; the words are made when it is read.
    kind = models.CharField(max_length=10, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["at", "id"]
        verbose_name = _("change of a due time")
        verbose_name_plural = _("changes of due times")
