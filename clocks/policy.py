"""The rules of the clocks as versioned rows: policy → step → rung (architecture §4, domain §4 A1–A7)."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext, gettext_lazy as _

from clocks import subjects
from customers.models import AuditKind, Customer
from lib import moment
from people.naming import Named


class Policy(Named):
    """One version of a rule set. A running clock keeps the version it started under (domain §4 A35).

    Without a valid-from time it is a draft: it can be edited and its effect looked at, and no clock starts under it.
    What it is narrowed to and its switches for findings are named by the app of the records it covers (`clocks.subjects`).
    """

    #: What the policy of the engine's own clock covers.
    SYSTEM = "system"

    class PrelimCause(models.TextChoices):
        OFF = "off", _("Not asked for")
        WARN = "warn", _("Asked for; missing is shown")
        REQUIRED = "required", _("Required with the containment")

    class Origin(models.TextChoices):
        ISSUED = "issued", _("when the finding is issued")
        RECORDED = "recorded", _("when the finding was recorded")
        CLOSING = "closing", _("when the closing meeting ended")

    class Ends(models.TextChoices):
        SUBMITTED = "submitted", _("the owner's submission, once accepted")
        CLOSED = "closed", _("the internal closure")
        CUSTOMER = "customer", _("the customer's agreement")

    code = models.CharField(_("Code"), max_length=30)
    version = models.PositiveSmallIntegerField(_("Version"), default=1)
    valid_from = models.DateTimeField(_("Valid from"), null=True, blank=True)
    #: The key of a kind of record in `clocks.subjects`.
    covers = models.CharField(_("Covers"), max_length=16, default="finding")
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, verbose_name=_("Only for customer"))
    kind = models.ForeignKey(AuditKind, models.PROTECT, null=True, blank=True, verbose_name=_("Only for kind of audit"))
    grade = models.CharField(_("Only for grade"), max_length=12, blank=True)
    source = models.CharField(_("Only for source"), max_length=14, blank=True)
    prelim_cause = models.CharField(
        _("Preliminary cause at 24 h"), max_length=8, choices=PrelimCause.choices, default=PrelimCause.WARN
    )
    origin = models.CharField(_("The clocks start"), max_length=8, choices=Origin.choices, default=Origin.ISSUED)
    close_ends = models.CharField(
        _("What ends the closure's clock"), max_length=9, choices=Ends.choices, default=Ends.SUBMITTED
    )
    dispute_hours = models.PositiveSmallIntegerField(
        _("Dispute within (hours)"), default=24, validators=[MinValueValidator(1), MaxValueValidator(720)]
    )
    exemption_days = models.PositiveSmallIntegerField(
        _("Longest exemption (days)"), default=365, validators=[MinValueValidator(1), MaxValueValidator(1095)]
    )
    exemption_renewals = models.PositiveSmallIntegerField(_("Renewals of an exemption"), default=2)
    exemption_top = models.JSONField(
        _("Exemptions that management decides too"),
        default=list,
        blank=True,
        help_text=_('Such as ["investment", "relocation", "other"].'),
    )

    class Meta:
        ordering = ["code", "-version"]
        verbose_name = _("clock policy")
        verbose_name_plural = _("clock policies")
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="policy_version_once")]

    def specificity(self) -> int:
        """The customer weighs more than the kind of audit, that more than the grade, the grade more than the source."""
        return 8 * bool(self.customer_id) + 4 * bool(self.kind_id) + 2 * bool(self.grade) + bool(self.source)

    @property
    def covers_label(self) -> str:
        return str(subjects.label(self.covers))

    @property
    def grade_label(self) -> str:
        return subjects.choice_label("grade", self.grade)

    @property
    def source_label(self) -> str:
        return subjects.choice_label("source", self.source)

    @property
    def is_draft(self) -> bool:
        return self.valid_from is None

    @property
    def is_to_come(self) -> bool:
        """Its day is named and has not come: nothing starts under it yet, and it can still be taken back."""
        return self.valid_from is not None and self.valid_from > moment.now()


class PolicyStep(models.Model):
    """One clock of a policy: how much time, counted how, and what may move its due time."""

    class Unit(models.TextChoices):
        HOURS = "hours", _("hours")
        DAYS = "days", _("days")
        DATE = "date", _("on the date given")

    class Count(models.TextChoices):
        WALL = "wall", _("by wall clock and calendar")
        WORKING = "working", _("in the plant's working time")

    class Ends(models.TextChoices):
        EXACT = "exact", _("to the minute")
        DAY = "day", _("at the end of the day")

    policy = models.ForeignKey(Policy, models.CASCADE, related_name="steps")
    step = models.CharField(_("Clock"), max_length=24)
    amount = models.PositiveSmallIntegerField(_("Amount"), validators=[MaxValueValidator(2000)])
    unit = models.CharField(_("Unit"), max_length=5, choices=Unit.choices)
    count = models.CharField(_("Counted"), max_length=7, choices=Count.choices, default=Count.WALL)
    ends = models.CharField(_("Ends"), max_length=5, choices=Ends.choices, default=Ends.EXACT)
    off_holidays = models.BooleanField(_("Never due on a day off"), default=False)
    moved_by = models.JSONField(_("Moves that may pause it"), default=list, blank=True)

    class Meta:
        ordering = ["policy", "id"]
        verbose_name = _("policy step")
        verbose_name_plural = _("policy steps")
        constraints = [
            models.UniqueConstraint(fields=["policy", "step"], name="policy_step_once"),
            models.CheckConstraint(condition=Q(amount__gt=0) | Q(unit="date"), name="policy_step_takes_time"),
        ]

    def __str__(self) -> str:
        return f"{self.policy.code} v{self.policy.version} {self.step}"

    def clean(self) -> None:
        if self.unit != self.Unit.DATE and not self.amount:
            raise ValidationError({"amount": _("Give more than nothing.")})


class PolicyRung(models.Model):
    """One rung of a ladder: when, who is told, whether it is recorded.

    When: minutes from the due time (negative before), or a percentage of the time between start and due time.
    """

    class Level(models.TextChoices):
        AMBER = "amber", _("Reminder")
        RED = "red", _("Escalation")

    step = models.ForeignKey(PolicyStep, models.CASCADE, related_name="rungs")
    position = models.PositiveSmallIntegerField(_("Position"))
    offset_minutes = models.IntegerField(_("Minutes from the due time"), null=True, blank=True)
    percent = models.PositiveSmallIntegerField(
        _("Percent of the time"), null=True, blank=True, validators=[MaxValueValidator(1000)]
    )
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
                condition=Q(repeat_minutes=None) | Q(repeat_minutes__gte=5), name="rung_does_not_race"
            ),
            models.CheckConstraint(
                condition=Q(offset_minutes=None, percent__isnull=False) | Q(offset_minutes__isnull=False, percent=None),
                name="rung_by_offset_or_percent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} #{self.position}"

    def at(self, started_at: datetime, due_at: datetime) -> datetime:
        """When the rung fires (the first time, for one that repeats)."""
        if self.percent is not None:
            return started_at + (due_at - started_at) * self.percent / 100
        return due_at + timedelta(minutes=self.offset_minutes or 0)


#: Management, told by the weekly sum of what stays late instead of a message for every rung of every clock.
WEEKLY = "management_weekly"


def choose(
    *,
    covers: str,
    at: datetime,
    customer_id: int | None = None,
    kind_id: int | None = None,
    grade: str = "",
    source: str = "",
) -> Policy:
    """The policy in force at `at` (aware) for such a record: the most specific one, in its newest version.

    Raises LookupError when the policy table is empty (a deploy check tells the administrator beforehand).
    """
    best = winner(
        Policy.objects.filter(valid_from__lte=at, covers=covers),
        customer_id=customer_id,
        kind_id=kind_id,
        grade=grade,
        source=source,
    )
    if best is None:
        raise LookupError("no clock policy is in force")
    return best


def newest(policies: Iterable[Policy]) -> list[Policy]:
    """Of every code the version whose time began last; a draft is newer than any."""
    never = datetime.max.replace(tzinfo=UTC)
    found: dict[str, Policy] = {}
    for one in sorted(policies, key=lambda each: (each.valid_from or never, each.version)):
        found[one.code] = one
    return list(found.values())


def winner(
    policies: Iterable[Policy],
    *,
    customer_id: int | None = None,
    kind_id: int | None = None,
    grade: str = "",
    source: str = "",
) -> Policy | None:
    """Of every code the newest version counts (a draft is newer than any); of those that apply, the most specific one."""
    never = datetime.max.replace(tzinfo=UTC)
    found = [
        policy
        for policy in newest(policies)
        if policy.customer_id in {None, customer_id}
        and policy.kind_id in {None, kind_id}
        and policy.grade in {"", grade}
        and policy.source in {"", source}
    ]
    return max(found, key=lambda one: (one.specificity(), one.valid_from or never, one.version), default=None)


def rung_time(rungs: list[PolicyRung], started_at: datetime, due_at: datetime, index: int) -> datetime | None:
    """When the rung with this index (0 first) fires; past the last one, the last repeats. None: there is no ladder.

    A longer or shorter time than the policy's may carry a percentage past an offset that stands after it: then it fires
    together with that one, so no rung ever waits for an earlier one.
    """
    if not rungs:
        return None
    if index < len(rungs):
        rung = rungs[index]
        at = rung.at(started_at, due_at)
        for later in rungs[index + 1 :]:
            if (later.percent is None) is not (rung.percent is None):
                at = min(at, later.at(started_at, due_at))
        return at
    last = rungs[-1]
    if not last.repeat_minutes:
        return None
    return last.at(started_at, due_at) + timedelta(minutes=last.repeat_minutes * (index - len(rungs) + 1))


def rung_at(rungs: list[PolicyRung], index: int) -> PolicyRung:
    return rungs[min(index, len(rungs) - 1)]


def problems(policy: Policy, name: Callable[[str], str] = str) -> list[str]:
    """Why a policy may not come into force: one sentence per defect of it and its ladders; `name` says what a clock is called."""
    found = []
    steps = policy.steps.prefetch_related("rungs")
    if not steps:
        found.append(gettext("The policy has no clock: nothing would start under it."))
    same = (
        Policy.objects.filter(
            covers=policy.covers, customer=policy.customer, kind=policy.kind, grade=policy.grade, source=policy.source
        )
        .exclude(code=policy.code)
        .exclude(valid_from=None)
        .first()
    )
    if same is not None:
        found.append(
            gettext("Rule %(code)s holds for exactly the same: draft its next version instead.") % {"code": same.code}
        )
    for step in steps:
        said = name(step.step)
        rungs = sorted(step.rungs.all(), key=lambda rung: rung.position)
        if not rungs:
            found.append(gettext("The clock “%(step)s” has no ladder: nobody would hear of it.") % {"step": said})
            continue
        if not rungs[-1].repeat_minutes:
            found.append(gettext("The last rung of “%(step)s” does not repeat: it would fall silent.") % {"step": said})
        start, due = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC) + _span(step)
        times = [rung.at(start, due) for rung in rungs]
        if times != sorted(times):
            found.append(gettext("The rungs of “%(step)s” are not in the order of time.") % {"step": said})
        if policy.covers != Policy.SYSTEM and not all(rung.recipients for rung in rungs):
            found.append(gettext("A rung of “%(step)s” tells nobody.") % {"step": said})
        unknown = sorted({who for rung in rungs for who in rung.recipients} - subjects.recipients().keys())
        if unknown:
            found.append(
                gettext("The ladder of “%(step)s” names unknown recipients: %(who)s.")
                % {"step": said, "who": ", ".join(unknown)}
            )
    return found


def _span(step: PolicyStep) -> timedelta:
    return timedelta(hours=step.amount) if step.unit == PolicyStep.Unit.HOURS else timedelta(days=step.amount or 1)


@transaction.atomic
def next_version(source: Policy, code: str = "") -> Policy:
    """A draft of the policy's next version (or of a policy with a code of its own), with its steps and ladders."""
    policy = Policy.objects.select_for_update().get(pk=source.pk)
    steps = [(step, list(step.rungs.all())) for step in policy.steps.prefetch_related("rungs")]
    policy.code = code or policy.code
    last = Policy.objects.filter(code=policy.code).order_by("-version").values_list("version", flat=True).first() or 0
    policy.pk, policy.version, policy.valid_from, policy._state.adding = None, last + 1, None, True
    policy.save(force_insert=True)
    for step, rungs in steps:
        step.pk, step.policy, step._state.adding = None, policy, True
        step.save(force_insert=True)
        for rung in rungs:
            rung.pk, rung.step = None, step
        PolicyRung.objects.bulk_create(rungs)
    return policy
