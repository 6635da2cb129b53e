"""The master data an audit is planned from: customers, kinds of audit, and which department leads which kind."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from people.models import Named, Unit, in_an_address, mark_twins

USER = settings.AUTH_USER_MODEL


class Customer(Named):
    """A customer; its own response times can only tighten ours (domain §4 A7)."""

    code = models.CharField(_("Code"), max_length=20, unique=True, validators=[in_an_address])
    reception = models.CharField(
        _("Reception level"), max_length=1, choices=[("A", "A"), ("B", "B"), ("C", "C")], default="B"
    )
    contain_hours = models.PositiveSmallIntegerField(_("Containment within (hours)"), null=True, blank=True)
    analyse_hours = models.PositiveSmallIntegerField(_("Root cause within (hours)"), null=True, blank=True)
    close_days = models.PositiveSmallIntegerField(_("Closed within (days)"), null=True, blank=True)
    #: Entered by market staff in a hurry; whoever keeps the master data has not looked at it yet.
    to_check = models.BooleanField(_("To be checked"), default=False)
    entered_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name=_("Entered by")
    )
    twin = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["code"]
        verbose_name = _("customer")
        verbose_name_plural = _("customers")

    def save(self, *args: object, **kwargs: object) -> None:
        super().save(*args, **kwargs)  # type: ignore[arg-type]
        mark_twins(self)


class AuditKind(Named):
    """Kind of audit: system, process, product, new project …"""

    code = models.CharField(_("Code"), max_length=20, unique=True, validators=[in_an_address])

    class Meta:
        ordering = ["code"]
        verbose_name = _("kind of audit")
        verbose_name_plural = _("kinds of audit")


class MatrixRow(models.Model):
    """One row of 《客户稽查项目与主导部门对应一览表》: which department leads, and who its Leader is (domain §2.2)."""

    kind = models.ForeignKey(AuditKind, models.PROTECT, null=True, blank=True, verbose_name=_("Kind of audit"))
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, verbose_name=_("Customer"))
    lead_unit = models.ForeignKey(Unit, models.PROTECT, verbose_name=_("Leading department"))
    leader_post = models.CharField(_("Leader's post"), max_length=60)
    leader = models.ForeignKey(USER, models.PROTECT, related_name="matrix_rows", verbose_name=_("Leader"))
    deputy = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Deputy"))
    order = models.PositiveSmallIntegerField(_("Order"), default=1)
    valid_from = models.DateField(_("Valid from"))

    class Meta:
        ordering = ["order", "id"]
        verbose_name = _("lead-department row")
        verbose_name_plural = _("lead-department matrix")

    def clean(self) -> None:
        """A row leads somewhere: to somebody who is here, and to another one while they are away."""
        if self.leader_id and self.leader_id == self.deputy_id:
            raise ValidationError({"deputy": _("Somebody else has to stand in.")})

    def get_absolute_url(self) -> str:
        return reverse("settings:matrix")

    def __str__(self) -> str:
        kind = self.kind or _("Any kind")
        customer = self.customer or _("any customer")
        return f"{kind} · {customer} → {self.lead_unit}"
