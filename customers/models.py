"""Whom we are audited by: customers with their own times, and the kinds of audit they hold."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from people.naming import Sought, in_an_address, mark_twins

USER = settings.AUTH_USER_MODEL


class Customer(Sought):
    """A customer; its own response times can only tighten ours (domain §4 A7)."""

    code = models.CharField(_("Code"), max_length=20, unique=True, validators=[in_an_address])
    reception = models.CharField(
        _("Reception level"), max_length=1, choices=[("A", "A"), ("B", "B"), ("C", "C")], default="B"
    )
    contain_hours = models.PositiveSmallIntegerField(
        _("Containment within (hours)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
    )
    analyse_hours = models.PositiveSmallIntegerField(
        _("Root cause within (hours)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
    )
    close_days = models.PositiveSmallIntegerField(
        _("Closed within (days)"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    #: Entered by market staff in a hurry; whoever keeps the master data has not looked at it yet.
    to_check = models.BooleanField(_("To be checked"), default=False)
    entered_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name=_("Entered by")
    )
    #: Which customer it turned out to be.
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, editable=False, related_name="+")
    twin = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["code"]
        verbose_name = _("customer")
        verbose_name_plural = _("customers")

    def save(self, *args: object, **kwargs: object) -> None:
        super().save(*args, **kwargs)
        mark_twins(self)


class AuditKind(Sought):
    """Kind of audit: system, process, product, new project …"""

    code = models.CharField(_("Code"), max_length=20, unique=True, validators=[in_an_address])

    class Meta:
        ordering = ["code"]
        verbose_name = _("kind of audit")
        verbose_name_plural = _("kinds of audit")


def known_customer(rows: "models.QuerySet[Customer]") -> Customer | None:
    """The first of these customers that is in use, or the one that one of them turned out to be."""
    found = list(rows.select_related("merged_into").order_by("retired", "pk")[:20])
    for customer in found:
        step = customer
        while step.retired and step.merged_into is not None:
            step = step.merged_into
        if not step.retired:
            return step
    return None
