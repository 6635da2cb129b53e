"""The blacklist ledger."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from clocks.deadlines import Deadline
from closure.queries import LedgerQuerySet
from findings.models import Finding
from people.models import Unit

USER = settings.AUTH_USER_MODEL


class LedgerEntry(models.Model):
    """One row of the blacklist ledger (domain §2.9), written by rule. The triple is person, finding, unit (A18)."""

    class Rule(models.TextChoices):
        LATE_CONTAIN = "late_contain", _("Containment not in time")
        LATE_ANALYSE = "late_analyse", _("Root cause not in time")
        LATE_CLOSE = "late_close", _("Not closed in time")
        LATE_REVIEW = "late_review", _("Not reviewed in time")
        RETURNED = "returned", _("Sent back twice or more")

    number = models.CharField(_("Ledger number"), max_length=60, unique=True)
    person = models.ForeignKey(USER, models.PROTECT, related_name="ledger_entries", verbose_name=_("Person"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("Unit"))
    finding = models.ForeignKey(Finding, models.PROTECT, related_name="ledger_entries", verbose_name=_("Finding"))
    deadline = models.ForeignKey(Deadline, models.PROTECT, null=True, related_name="ledger_entries")
    rule = models.CharField(_("Rule"), max_length=14, choices=Rule.choices)
    month = models.CharField(_("Month"), max_length=7)
    breached_at = models.DateTimeField(_("Breached"))
    recorded_at = models.DateTimeField(_("Recorded"))
    facts = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    objects = LedgerQuerySet.as_manager()

    class Meta:
        ordering = ["-breached_at", "-id"]
        verbose_name = _("ledger entry")
        verbose_name_plural = _("blacklist ledger")
        constraints = [
            # Whoever writes it first, the sweep or `ledger.record_missed`: one miss is one row.
            models.UniqueConstraint(fields=["deadline", "breached_at"], name="one_entry_per_breach"),
        ]
        indexes = [
            models.Index(fields=["-breached_at", "-id"], name="ledger_list"),
            models.Index(fields=["month", "rule"], name="ledger_by_month"),
            models.Index(fields=["person", "-breached_at"], name="ledger_by_person"),
        ]

    def __str__(self) -> str:
        return self.number
