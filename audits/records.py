"""What belongs to an audit beside its own columns: places, people, documents, versions, meetings, files."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from audits.master_data import MatrixRow as MatrixRow
from audits.models import USER, Audit
from customers.models import AuditKind as AuditKind, Customer as Customer
from people.models import Site


class AuditPlace(models.Model):
    """A site that is audited, and its contact for this audit."""

    audit = models.ForeignKey(Audit, models.CASCADE, related_name="places")
    site = models.ForeignKey(Site, models.PROTECT, related_name="audited", verbose_name=_("Site"))
    contact = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("Contact"))

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["audit", "site"], name="audit_site_once")]


class Auditor(models.Model):
    """One of the customer's auditors."""

    audit = models.ForeignKey(Audit, models.CASCADE, related_name="auditors")
    name = models.CharField(_("Name"), max_length=60)
    position = models.CharField(_("Position"), max_length=60, blank=True)
    speciality = models.CharField(_("Speciality"), max_length=60, blank=True)
    language = models.CharField(_("Language"), max_length=40, blank=True)

    class Meta:
        ordering = ["id"]


class DocumentRequest(models.Model):
    """One document to be ready before the audit."""

    audit = models.ForeignKey(Audit, models.CASCADE, related_name="documents")
    item = models.CharField(_("Document"), max_length=200)

    class Meta:
        ordering = ["id"]


class TeamMember(models.Model):
    """A member of the escort team with a duty on this audit."""

    class Duty(models.TextChoices):
        SCRIBE = "scribe", _("Scribe")
        LIAISON = "liaison", _("Liaison")
        DOCUMENTS = "documents", _("Documents")
        GUIDE = "guide", _("Guide")

    audit = models.ForeignKey(Audit, models.CASCADE, related_name="team")
    user = models.ForeignKey(USER, models.PROTECT, related_name="audit_duties", verbose_name=_("Person"))
    duty = models.CharField(_("Duty"), max_length=10, choices=Duty.choices)
    outside_pool_reason = models.CharField(_("Why from outside the network"), max_length=200, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["audit", "user", "duty"], name="team_duty_once")]


class RequirementVersion(models.Model):
    """The requirement as it stood at one version, and what changed since the one before (domain §4 A10)."""

    audit = models.ForeignKey(Audit, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    snapshot = models.JSONField(encoder=DjangoJSONEncoder)
    changes = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["audit", "number"], name="requirement_version_once")]


class Meeting(models.Model):
    """Minutes of a meeting about the audit (domain §2.5)."""

    class Kind(models.TextChoices):
        PREPARATION = "preparation", _("Preparation meeting")
        OPENING = "opening", _("Opening meeting")
        DAILY = "daily", _("Daily wrap-up")
        CLOSING = "closing", _("Closing meeting")

    audit = models.ForeignKey(Audit, models.CASCADE, related_name="meetings")
    kind = models.CharField(_("Meeting"), max_length=12, choices=Kind.choices)
    held_at = models.DateTimeField(_("Held"))
    entered_at = models.DateTimeField(_("Entered"))
    minutes = models.TextField(_("Minutes"), max_length=5000, blank=True)
    attendees = models.TextField(_("Attendance"), max_length=2000, blank=True)
    recorded_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("Recorded by"))

    class Meta:
        ordering = ["held_at", "id"]


class FileKind(models.TextChoices):
    """What a file of an audit is."""

    NOTICE = "notice", _("Customer's notice")
    REPORT = "report", _("Customer's report")
    SIGNED = "signed", _("Signed list or attendance")
    MINUTES = "minutes", _("Minutes")
    OTHER = "other", _("Other file")
