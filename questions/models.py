"""Questions and answers beside an audit or a finding: who asked whom what. They move no clock and go to no customer."""

from typing import Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _


class Message(models.Model):
    """A question, or an answer to one (`question`). What was said stays as it was said."""

    subject_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    subject_id = models.PositiveBigIntegerField()
    subject = GenericForeignKey("subject_type", "subject_id")
    question = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="answers", verbose_name=_("Answer to")
    )
    text = models.TextField(_("Question or remark"), max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    #: Who was told of it because they were named or ticked.
    told = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", blank=True)

    class Meta:
        ordering = ["at", "id"]
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        indexes = [models.Index(fields=["subject_type", "subject_id", "id"], name="questions_of")]

    def __str__(self) -> str:
        return self.text[:60]


def of(record: Any) -> "models.QuerySet[Message]":
    """Everything asked and answered beside the record, the oldest first."""
    kind = ContentType.objects.get_for_model(record)
    rows = Message.objects.filter(subject_type=kind, subject_id=record.pk)
    return rows.select_related("by").prefetch_related("told").order_by("at", "pk")
