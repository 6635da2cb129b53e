"""Read-across: what was found at one site is done at another with the same condition, by the people there (domain 3-08, D7)."""

from datetime import date, datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, FSMField, transition

from findings.child import BesideFinding
from people.models import Site
from people.rules import who

USER = settings.AUTH_USER_MODEL


class ReadAcrossState(models.TextChoices):
    OPEN = "open", _("To be done")
    DONE = "done", _("Done, waits for verification")
    VERIFIED = "verified", _("Verified")
    DROPPED = "dropped", _("No longer applicable")


S = ReadAcrossState
LIVE = (S.OPEN, S.DONE)


class ReadAcrossQuerySet(models.QuerySet["ReadAcross"]):
    def live(self) -> Self:
        """Those that somebody still has to do or to verify."""
        return self.filter(state__in=LIVE)

    def with_people(self, ids: Any) -> Self:
        """Those that these people have to do, or whose site they are the contact of."""
        return self.exclude(state=S.DROPPED).filter(Q(owner_id__in=ids) | Q(site__contact_id__in=ids))


class ReadAcross(BesideFinding):
    """One site that has the same condition: who does what there, the proof, and who verified it."""

    place = "read-across"
    shows = (
        "site",
        "note",
        "owner",
        "opened_at",
        "done_on",
        "result",
        "done_by",
        "verified_by",
        "verified_at",
        "remark",
    )

    number = models.CharField(_("Number"), max_length=40, unique=True)
    finding = models.ForeignKey("findings.Finding", models.PROTECT, related_name="read_across")
    cycle = models.PositiveSmallIntegerField()
    state = FSMField(_("State"), max_length=10, choices=S.choices, default=S.OPEN, protected=True)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("Site"))
    note = models.CharField(_("What is to be done"), max_length=300)
    owner = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("Who does it"))
    opened_at = models.DateTimeField(_("Asked for on"))
    done_on = models.DateField(_("Done on"), null=True)
    result = models.TextField(_("What was done"), max_length=2000, blank=True)
    done_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", verbose_name=_("Reported by"))
    verified_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", verbose_name=_("Verified by"))
    verified_at = models.DateTimeField(_("Verified on"), null=True)
    remark = models.CharField(_("Remark of the reviewer"), max_length=300, blank=True)

    objects = ReadAcrossQuerySet.as_manager()

    deadlines = GenericRelation(
        "clocks.Deadline",
        object_id_field="subject_id",
        content_type_field="subject_type",
        related_query_name="readacross",
    )

    class Meta:
        ordering = ["id"]
        verbose_name = _("read-across")
        verbose_name_plural = _("read-across")
        indexes = [models.Index(fields=["owner", "state"], name="read_across_by_owner")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=S.values), name="read_across_state_known"),
            models.UniqueConstraint(
                fields=["finding", "site"], condition=Q(state__in=["open", "done"]), name="one_read_across_per_site"
            ),
        ]

    # Moves. Bodies only assign fields: the door locks, checks, saves, writes the trail and runs the effects.

    @transition(state, source=S.OPEN, target=S.DONE, permission=who("findings.complete_read_across"))
    def complete_read_across(self, *, by: Any, at: datetime, done_on: date, result: str, files: Any = ()) -> None:
        self.done_on, self.result, self.done_by = done_on, result, by
        self.remark = ""

    @transition(
        state,
        source=S.DONE,
        target=RETURN_VALUE(S.VERIFIED, S.OPEN),
        permission=who("findings.verify_read_across"),
    )
    def verify_read_across(self, *, by: Any, at: datetime, accept: bool, reason: str = "") -> str:
        self.remark = reason
        if not accept:
            return S.OPEN
        self.verified_by, self.verified_at = by, at
        return S.VERIFIED

    @transition(state, source=[S.OPEN, S.DONE], target=None, permission=who("findings.replace_read_across_owner"))
    def replace_read_across_owner(self, *, by: Any, at: datetime, owner: Any, reason: str) -> None:
        self.owner = owner

    @transition(state, source=[S.OPEN, S.DONE], target=S.DROPPED, permission=who("findings.follow"))
    def drop_read_across(self, *, by: Any, at: datetime) -> None:
        pass
