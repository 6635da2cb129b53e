"""Forms that were sent already, so that a second click, or a program that tries again, makes nothing a second time."""

from django.conf import settings
from django.db import models


class SentForm(models.Model):
    """One form (or API request with an idempotency key) that was carried out, and the record it made."""

    key = models.UUIDField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    number = models.CharField(max_length=60, blank=True)
    body = models.CharField(max_length=64, blank=True)
    url = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="form_sent_once")]
        indexes = [models.Index(fields=["at"], name="sent_form_by_age")]

    def __str__(self) -> str:
        return f"{self.key} {self.number}"
