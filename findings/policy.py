"""The rules of the clocks as versioned rows: policy → step → rung (architecture §4, domain §4 A1–A7)."""

from datetime import datetime, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audits.models import Customer
from findings.states import Grade, Source, Step
from people.models import Named


class Policy(Named):
    """One version of a rule set. A running clock keeps the version it started under."""

    code = models.CharField(_("Code"), max_length=30)
    version = models.PositiveSmallIntegerField(_("Version"), default=1)
    valid_from = models.DateTimeField(_("Valid from"))
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, verbose_name=_("Only for customer"))
    grade = models.CharField(_("Only for grade"), max_length=12, blank=True, choices=Grade.choices)
    source = models.CharField(_("Only for source"), max_length=14, blank=True, choices=Source.choices)

    class Meta:
        ordering = ["code", "-version"]
        verbose_name = _("clock policy")
        verbose_name_plural = _("clock policies")
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="policy_version_once")]

    def specificity(self) -> int:
        """The customer weighs more than the grade, the grade more than the source."""
        return 4 * bool(self.customer_id) + 2 * bool(self.grade) + bool(self.source)


class PolicyStep(models.Model):
    """One clock of a policy: how much time, in which unit."""

    class Unit(models.TextChoices):
        HOURS = "hours", _("hours by the wall clock")
        DAYS = "days", _("calendar days, to the end of the day")

    policy = models.ForeignKey(Policy, models.CASCADE, related_name="steps")
    step = models.CharField(_("Step"), max_length=10, choices=Step.choices)
    amount = models.PositiveSmallIntegerField(_("Amount"))
    unit = models.CharField(_("Unit"), max_length=5, choices=Unit.choices)

    class Meta:
        ordering = ["policy", "id"]
        verbose_name = _("policy step")
        verbose_name_plural = _("policy steps")
        constraints = [
            models.UniqueConstraint(fields=["policy", "step"], name="policy_step_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="policy_step_takes_time"),
        ]

    def __str__(self) -> str:
        return f"{self.policy.code} v{self.policy.version} {self.step}"


class PolicyRung(models.Model):
    """One rung of a ladder: when (minutes from the due time, negative before), who is told, whether it is recorded."""

    class Level(models.TextChoices):
        AMBER = "amber", _("Reminder")
        RED = "red", _("Escalation")

    step = models.ForeignKey(PolicyStep, models.CASCADE, related_name="rungs")
    position = models.PositiveSmallIntegerField(_("Position"))
    offset_minutes = models.IntegerField(_("Minutes from the due time"))
    recipients = models.JSONField(_("Who is told"), default=list, encoder=DjangoJSONEncoder)
    level = models.CharField(_("Level"), max_length=5, choices=Level.choices)
    ledger = models.BooleanField(_("Enters the ledger"), default=False)
    repeat_minutes = models.PositiveIntegerField(_("Repeats after (minutes)"), null=True, blank=True)

    class Meta:
        ordering = ["step", "position"]
        verbose_name = _("rung")
        verbose_name_plural = _("rungs")
        constraints = [
            models.UniqueConstraint(fields=["step", "position"], name="rung_position_once"),
            models.CheckConstraint(
                condition=Q(repeat_minutes=None) | Q(repeat_minutes__gte=60), name="rung_repeats_hourly_at_most"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} #{self.position}"


def choose(*, customer_id: int | None, grade: str, source: str, at: datetime) -> Policy:
    """The policy in force at `at` (aware) for such a finding: the most specific one, in its newest version.

    Raises LookupError when the policy table is empty (a deploy check tells the administrator beforehand).
    """
    found = Policy.objects.filter(
        Q(customer=None) | Q(customer_id=customer_id), grade__in=["", grade], source__in=["", source],
        valid_from__lte=at,
    )
    best = max(found, key=lambda policy: (policy.specificity(), policy.valid_from, policy.version), default=None)
    if best is None:
        raise LookupError("no clock policy is in force")
    return best


def rung_time(rungs: list[PolicyRung], due_at: datetime, index: int) -> datetime | None:
    """When the rung with this index (0 first) fires; past the last one, the last repeats. None: the ladder ends."""
    if not rungs:
        return None
    if index < len(rungs):
        return due_at + timedelta(minutes=rungs[index].offset_minutes)
    last = rungs[-1]
    if not last.repeat_minutes:
        return None
    again = last.offset_minutes + last.repeat_minutes * (index - len(rungs) + 1)
    return due_at + timedelta(minutes=again)


def rung_at(rungs: list[PolicyRung], index: int) -> PolicyRung:
    return rungs[min(index, len(rungs) - 1)]


def default_rows() -> list[dict[str, Any]]:
    """The default 2485 (domain §4 A1–A7, A24, A32): contents of the first data migration and of a fresh test."""
    hour, day, week = 60, 1440, 10080

    def ladder(before: int, superior: int, leader: int, top: int, ledger: bool) -> list[dict[str, Any]]:
        owner = ["owner"]
        return [
            {"offset_minutes": -before, "recipients": owner, "level": "amber"},
            {"offset_minutes": 0, "recipients": [*owner, "closure_manager"], "level": "red", "ledger": ledger},
            {"offset_minutes": superior, "recipients": [*owner, "superior"], "level": "red"},
            {"offset_minutes": leader, "recipients": [*owner, "superior", "leader"], "level": "red"},
            {"offset_minutes": top, "recipients": [*owner, "superior", "leader", "management"], "level": "red",
             "repeat_minutes": week},
        ]

    review = [
        {"offset_minutes": -4 * hour, "recipients": ["closure_manager"], "level": "amber"},
        {"offset_minutes": 0, "recipients": ["closure_manager"], "level": "red"},
        {"offset_minutes": day, "recipients": ["closure_manager", "leader"], "level": "red"},
        {"offset_minutes": 3 * day, "recipients": ["closure_manager", "leader", "management"], "level": "red",
         "repeat_minutes": week},
    ]

    def steps(ledger: bool, observation: bool) -> list[dict[str, Any]]:
        close = {"step": "close", "amount": 5, "unit": "days", "rungs": ladder(day, day, 2 * day, 5 * day, ledger)}
        tail = [close, {"step": "review", "amount": 24, "unit": "hours", "rungs": review}]
        if observation:
            return tail
        return [
            {"step": "contain", "amount": 24, "unit": "hours",
             "rungs": ladder(4 * hour, 4 * hour, day, 3 * day, ledger)},
            {"step": "analyse", "amount": 48, "unit": "hours",
             "rungs": ladder(8 * hour, 8 * hour, day, 3 * day, ledger)},
            *tail,
        ]

    return [
        {"code": "2485", "name": "2485原则", "name_en": "2485 rule", "steps": steps(True, False)},
        {"code": "2485-OBS", "name": "观察项：5天答复", "name_en": "Observation: answer in 5 days",
         "grade": "observation", "steps": steps(True, True)},
        {"code": "2485-SELF", "name": "自查问题：不问责", "name_en": "Self-inspection: outside accountability",
         "source": "self", "steps": steps(False, False)},
        {"code": "2485-SELF-OBS", "name": "自查观察项", "name_en": "Self-inspection observation",
         "source": "self", "grade": "observation", "steps": steps(False, True)},
    ]
