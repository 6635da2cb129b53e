"""An exemption: a finding that cannot be solved in five days, with interim control, milestones and a new date (domain §4 A6)."""

from datetime import datetime
from functools import cached_property
from typing import Any, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, FSMField, transition

from findings.child import BesideFinding
from people.rules import who

USER = settings.AUTH_USER_MODEL


class ExemptionState(models.TextChoices):
    APPLIED = "applied", _("Waits for a decision")
    ENDORSED = "endorsed", _("Approved by the Leader, waits for management")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    ENDED = "ended", _("Ended at its review")
    REPLACED = "replaced", _("Replaced by a later one")
    LAPSED = "lapsed", _("Lapsed: the finding moved on")


S = ExemptionState
WAITING = (S.APPLIED, S.ENDORSED)
#: Approved once, whatever became of it since.
GRANTED = (S.APPROVED, S.REPLACED, S.ENDED)


class ExemptionQuerySet(models.QuerySet["Exemption"]):
    def waiting(self) -> Self:
        """Those that nobody has decided yet."""
        return self.filter(state__in=WAITING)


class _NoPolicy:
    """A finding without a clock of its closure: management decides everything."""

    exemption_top = ("investment", "building", "relocation", "other")


class Exemption(BesideFinding):
    """One application for a later date, and what became of it. The clocks of 24 and 48 hours run on; only the five days move."""

    class Reason(models.TextChoices):
        INVESTMENT = "investment", _("Investment")
        BUILDING = "building", _("Building works")
        RELOCATION = "relocation", _("Relocation")
        OTHER = "other", _("Other")

    place = "exemptions"
    shows = (
        "reason",
        "explanation",
        "interim_control",
        "milestones",
        "new_date",
        "applied_by",
        "applied_at",
        "leader_by",
        "leader_at",
        "top_by",
        "top_at",
        "decision_note",
    )

    number = models.CharField(_("Number"), max_length=40, unique=True)
    finding = models.ForeignKey("findings.Finding", models.PROTECT, related_name="exemptions")
    cycle = models.PositiveSmallIntegerField()
    state = FSMField(_("State"), max_length=10, choices=S.choices, default=S.APPLIED, protected=True)
    reason = models.CharField(_("Kind"), max_length=10, choices=Reason.choices)
    explanation = models.TextField(_("Why it cannot be done in five days"))
    interim_control = models.TextField(_("Interim control"))
    milestones = models.TextField(_("Milestones"))
    new_date = models.DateField(_("New date"))
    applied_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("Applied for by"))
    applied_at = models.DateTimeField(_("Applied for"))
    leader_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", verbose_name=_("Leader"))
    leader_at = models.DateTimeField(_("Leader decided"), null=True)
    top_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", verbose_name=_("Management"))
    top_at = models.DateTimeField(_("Management decided"), null=True)
    decision_note = models.TextField(_("Why it was decided so"), blank=True)

    objects = ExemptionQuerySet.as_manager()

    deadlines = GenericRelation(
        "clocks.Deadline",
        object_id_field="subject_id",
        content_type_field="subject_type",
        related_query_name="exemption",
    )

    class Meta:
        ordering = ["-applied_at", "-id"]
        verbose_name = _("exemption")
        verbose_name_plural = _("exemptions")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=S.values), name="exemption_state_known"),
            models.UniqueConstraint(
                fields=["finding"], condition=Q(state__in=["applied", "endorsed"]), name="one_pending_exemption"
            ),
        ]

    @property
    def leader_is_passed_over(self) -> bool:
        return self.passes_over_leader(self.applied_by_id)

    @property
    def waits_for_leader(self) -> bool:
        """Otherwise, while it waits, for management."""
        return self.state == S.APPLIED and not self.leader_is_passed_over

    @property
    def needs_top(self) -> bool:
        return self.leader_is_passed_over or self.reason in self.policy.exemption_top

    @property
    def in_force(self) -> bool:
        """It carries the round under way."""
        return self.state == S.APPROVED and self.cycle == self.finding.cycle and self.finding.is_open

    @cached_property
    def policy(self) -> Any:
        """The rules of the clock it asks to move: those the finding was issued under."""
        row = (
            self.finding.deadlines.filter(step="close").order_by("-cycle").select_related("policy_step__policy").first()
        )
        return row.policy_step.policy if row else _NoPolicy

    # Moves. Bodies only assign fields: the door locks, checks, saves, writes the trail and runs the effects.

    @transition(
        state,
        source=[S.APPLIED, S.ENDORSED],
        target=RETURN_VALUE(S.ENDORSED, S.APPROVED, S.REFUSED),
        permission=who("findings.decide_exemption"),
    )
    def decide_exemption(self, *, by: Any, at: datetime, approve: bool, reason: str) -> str:
        """First the Leader, then management where money or a move is asked."""
        self.decision_note = f"{self.decision_note}\n{reason}".strip()
        if self.waits_for_leader:
            self.leader_by, self.leader_at = by, at
            if approve and self.needs_top:
                return S.ENDORSED
        else:
            self.top_by, self.top_at = by, at
        return S.APPROVED if approve else S.REFUSED

    @transition(
        state,
        source=S.APPROVED,
        target=RETURN_VALUE(S.APPROVED, S.ENDED),
        permission=who("findings.review_exemption"),
    )
    def review_exemption(self, *, by: Any, at: datetime, go_on: bool, reason: str) -> str:
        return S.APPROVED if go_on else S.ENDED

    @transition(state, source=S.APPROVED, target=S.REPLACED, permission=who("findings.follow"))
    def replace_exemption(self, *, by: Any, at: datetime) -> None:
        pass

    @transition(state, source=[S.APPLIED, S.ENDORSED], target=S.LAPSED, permission=who("findings.follow"))
    def lapse_exemption(self, *, by: Any, at: datetime) -> None:
        pass
