"""Which department leads which kind of audit, and who its Leader is."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from customers.models import AuditKind, Customer
from people.models import Unit

USER = settings.AUTH_USER_MODEL


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
        return reverse("settings:row", args=["matrix", self.pk])

    def __str__(self) -> str:
        kind = self.kind or _("Any kind")
        customer = self.customer or _("any customer")
        return f"{kind} · {customer} → {self.lead_unit}"
