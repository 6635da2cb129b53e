"""What stands beside a finding: submitted revisions, verdicts, causes, countermeasures."""

from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from findings.states import Category, Scope, Step
from people.models import Site

USER = settings.AUTH_USER_MODEL


class Submission(models.Model):
    """One revision of one step's answer. What it says never changes; `current` marks the newest of its step."""

    finding = models.ForeignKey("findings.Finding", models.PROTECT, related_name="submissions")
    step = models.CharField(max_length=10, choices=Step.choices)
    cycle = models.PositiveSmallIntegerField()
    revision = models.PositiveSmallIntegerField()
    data = models.JSONField(default=dict)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField()
    current = models.BooleanField(default=True)

    class Meta:
        ordering = ["submitted_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["finding", "step", "revision"], name="revision_once"),
            models.UniqueConstraint(
                fields=["finding", "step"], condition=Q(current=True), name="one_current_revision_per_step"
            ),
        ]

    @cached_property
    def verdict_rows(self) -> list["Verdict"]:
        """What was said about this revision; whoever adds a verdict adds it here too."""
        return list(self.verdicts.all())

    @property
    def verdict(self) -> "Verdict | None":
        """The last word of the reviewer on this revision."""
        return max(self.verdict_rows, key=lambda verdict: (verdict.at, verdict.pk), default=None)

    @property
    def text(self) -> str:
        """What an implementation, or the answer to an observation, says."""
        return str(self.data.get("summary") or self.data.get("answer", ""))

    @property
    def scope_rows(self) -> list[dict[str, Any]]:
        """The lines of a containment's scope with their labels."""
        return [{**row, "label": Scope(row["area"]).label} for row in self.data.get("scope", [])]

    @property
    def pending(self) -> bool:
        return self.current and self.verdict is None

    @property
    def returned(self) -> bool:
        verdict = self.verdict
        return verdict is not None and verdict.outcome == Verdict.Outcome.RETURNED


class Verdict(models.Model):
    """What the reviewer said about a revision."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        RETURNED = "returned", _("Sent back")
        OVERTAKEN = "overtaken", _("Overtaken by an earlier step sent back")

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="verdicts")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    reason = models.TextField(blank=True)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["at"], condition=Q(outcome="returned"), name="verdict_returned_at")]


class Why(models.Model):
    """One rung of a 5-why ladder."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="whys")
    leg = models.CharField(max_length=10)
    position = models.PositiveSmallIntegerField()
    question = models.CharField(max_length=500)
    because = models.CharField(max_length=500)
    proof = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["submission", "leg", "position"], name="why_in_order")]


class Root(models.Model):
    """The root a leg arrived at, coded 5M1E."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="roots")
    leg = models.CharField(max_length=10)
    statement = models.CharField(max_length=500)
    category = models.CharField(max_length=12, choices=Category.choices)
    verified_by = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["submission", "leg"], name="one_root_per_leg")]


class Countermeasure(models.Model):
    """A permanent countermeasure against a root; its owner may sit in another department (domain §4 A19)."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="actions")
    root = models.ForeignKey(Root, models.CASCADE, related_name="actions")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=500)
    strength = models.CharField(max_length=15)
    owner = models.ForeignKey(USER, models.PROTECT, related_name="actions")
    due_on = models.DateField()
    documents = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["position"]
        indexes = [models.Index(fields=["owner"], name="action_by_owner")]


class ActionResult(models.Model):
    """That a countermeasure was done, and when."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="results")
    action = models.ForeignKey(Countermeasure, models.PROTECT, related_name="results")
    done_on = models.DateField()
    remark = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["id"]


class ActionReport(models.Model):
    """That a countermeasure is done, said by its owner before the whole implementation is submitted."""

    action = models.ForeignKey(Countermeasure, models.CASCADE, related_name="reports")
    done_on = models.DateField()
    remark = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]


class DocumentChange(models.Model):
    """A document that was changed, old version to new, with the date of release."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="documents")
    name = models.CharField(max_length=120)
    old_version = models.CharField(max_length=30)
    new_version = models.CharField(max_length=30)
    released_on = models.DateField()

    class Meta:
        ordering = ["id"]


class ReadAcrossDecision(models.Model):
    """What a revision says of one site: whether the same condition is there, and what is done or why nothing."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="read_across")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    applies = models.BooleanField()
    note = models.CharField(max_length=300)

    class Meta:
        ordering = ["id"]
