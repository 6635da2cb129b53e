"""Published reports: frozen figures, the rows behind them, and the hash of the printed bytes."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _


class Publication(models.Model):
    """The report about a period as it was published. Later facts never change it (domain §2.11)."""

    #: Its name, as `reports.periods.Period.parse` reads it.
    period = models.CharField(_("Period"), max_length=22, unique=True)
    figures = models.JSONField(encoder=DjangoJSONEncoder)
    members = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    words = models.TextField(_("Leader's words"), max_length=5000, blank=True)
    sha256 = models.CharField(max_length=64)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    published_at = models.DateTimeField(_("Published"))

    class Meta:
        ordering = ["-period"]
        verbose_name = _("published report")
        verbose_name_plural = _("published reports")

    def __str__(self) -> str:
        return self.period
