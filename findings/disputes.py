"""A dispute: whoever answers for a finding says with evidence that it is not right, and the Leader decides (domain §4 A31)."""

from datetime import datetime
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


class DisputeState(models.TextChoices):
    RAISED = "raised", _("Waits for the Leader")
    UPHELD = "upheld", _("Upheld")
    REJECTED = "rejected", _("Rejected")
    TAKEN_BACK = "taken_back", _("Taken back")
    LAPSED = "lapsed", _("Lapsed: the finding moved on")


S = DisputeState


class DisputeQuerySet(models.QuerySet["Dispute"]):
    def excusing(self) -> Self:
        """Those that keep what ran out from `raised_at` to `decided_at` (None: still waiting) from being held against whoever
        owed it then: they wait, or were decided by giving it to somebody else or taking it away.
        """
        return self.filter(Q(state=S.RAISED) | Q(state__in=[S.UPHELD, S.LAPSED], decided_at__isnull=False))

    def excusing_at(self, at: Any) -> Self:
        """Those of them that excuse what ran out at `at`, an expression."""
        return self.excusing().filter(Q(decided_at=None) | Q(decided_at__gt=at), raised_at__lte=at)


class Dispute(BesideFinding):
    """One dispute of one finding. The finding's clocks run on; only where it is upheld they stop, or count anew for the new owner."""

    class Ground(models.TextChoices):
        FACTS = "facts", _("The facts are not so")
        NOT_OURS = "not_ours", _("It belongs to somebody else")
        DUPLICATE = "duplicate", _("It is recorded already")

    class Outcome(models.TextChoices):
        REJECT = "reject", _("Rejected: the finding stands")
        WITHDRAW = "withdraw", _("Upheld: the finding is withdrawn")
        REASSIGN = "reassign", _("Upheld: another owner answers")

    place = "disputes"
    shows = (
        "ground",
        "statement",
        "proposed_owner",
        "duplicate_of",
        "raised_by",
        "raised_at",
        "outcome",
        "decided_by",
        "decided_at",
        "decision_note",
    )

    number = models.CharField(_("Number"), max_length=40, unique=True)
    finding = models.ForeignKey("findings.Finding", models.PROTECT, related_name="disputes")
    state = FSMField(_("State"), max_length=10, choices=S.choices, default=S.RAISED, protected=True)
    ground = models.CharField(_("Why it is disputed"), max_length=10, choices=Ground.choices)
    statement = models.TextField(_("What is not right"), max_length=2000)
    proposed_owner = models.ForeignKey(
        USER, models.PROTECT, null=True, related_name="+", verbose_name=_("Who should answer")
    )
    duplicate_of = models.ForeignKey(
        "findings.Finding", models.PROTECT, null=True, related_name="+", verbose_name=_("Recorded already as")
    )
    raised_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("Raised by"))
    raised_at = models.DateTimeField(_("Raised"))
    outcome = models.CharField(_("Decision"), max_length=10, choices=Outcome.choices, blank=True)
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", verbose_name=_("Decided by"))
    decided_at = models.DateTimeField(_("Decided"), null=True)
    decision_note = models.CharField(_("Why it was decided so"), max_length=300, blank=True)

    objects = DisputeQuerySet.as_manager()

    deadlines = GenericRelation(
        "clocks.Deadline", object_id_field="subject_id", content_type_field="subject_type", related_query_name="dispute"
    )

    class Meta:
        ordering = ["-raised_at", "-id"]
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=S.values), name="dispute_state_known"),
            models.UniqueConstraint(fields=["finding"], condition=Q(state="raised"), name="one_pending_dispute"),
        ]

    @property
    def leader_is_passed_over(self) -> bool:
        return self.passes_over_leader(self.raised_by_id)

    # Moves. Bodies only assign fields: the door locks, checks, saves, writes the trail and runs the effects.

    @transition(
        state, source=S.RAISED, target=RETURN_VALUE(S.UPHELD, S.REJECTED), permission=who("findings.decide_dispute")
    )
    def decide_dispute(
        self, *, by: Any, at: datetime, outcome: str, reason: str, owner: Any = None, files: Any = ()
    ) -> str:
        self.outcome, self.decided_by, self.decided_at, self.decision_note = outcome, by, at, reason
        return S.REJECTED if outcome == self.Outcome.REJECT else S.UPHELD

    @transition(state, source=S.RAISED, target=S.TAKEN_BACK, permission=who("findings.take_back_dispute"))
    def take_back_dispute(self, *, by: Any, at: datetime, reason: str) -> None:
        self.decision_note = reason

    @transition(state, source=S.RAISED, target=S.LAPSED, permission=who("findings.follow"))
    def overtake_dispute(self, *, by: Any, at: datetime) -> None:
        # Given to somebody else without a decision: whoever waited for one is not held to account for the wait.
        self.decided_at = at

    @transition(state, source=S.RAISED, target=S.LAPSED, permission=who("findings.follow"))
    def lapse_dispute(self, *, by: Any, at: datetime) -> None:
        pass
