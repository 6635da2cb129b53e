"""Files beside an audit or a finding, one model for all: evidence, the customer's notice, signed lists."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lib import moment
from lib.storage import Stored
from workflow.trail import about


class Attachment(models.Model):
    """One file as it came, kept under a name that cannot be guessed. `subject` is the record whose page and rights it has."""

    subject_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    subject_id = models.PositiveBigIntegerField()
    subject = GenericForeignKey("subject_type", "subject_id")
    #: What beside the subject it belongs to, such as "dispute:3" or "countermeasure:12"; empty: the subject itself.
    about = models.CharField(max_length=40, blank=True, default="")
    #: What it shows or is, in the words of the subject's own app.
    kind = models.CharField(_("What it is"), max_length=14)
    caption = models.CharField(_("Caption"), max_length=200, blank=True)
    file = models.FileField(max_length=120)
    token = models.CharField(max_length=48, unique=True)
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        verbose_name = _("file")
        verbose_name_plural = _("files")
        indexes = [models.Index(fields=["subject_type", "subject_id", "id"], name="attachments_of")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")

    def key_of(self, model: str) -> int | None:
        """The key of the record of this model (by its name) that it belongs to, if it is of that kind."""
        kind, _colon, key = self.about.partition(":")
        return int(key) if kind == model else None

    def get_absolute_url(self) -> str:
        return reverse("attachments:file", args=[self.token])


def keep(
    subject: Any, files: Iterable[Stored], *, by: Any, kind: str, caption: str = "", beside: Any = None
) -> list[Attachment]:
    """Rows for files that already lie in the storage, in one statement; `beside`: what they belong to where the file does not say."""
    at, default = moment.now(), about(beside) if beside is not None else ""
    # Read once a process: the subject's kind costs no statement.
    type_id = ContentType.objects.get_for_model(subject).pk
    return Attachment.objects.bulk_create(
        Attachment(
            subject_type_id=type_id,
            subject_id=subject.pk,
            about=file.about or default,
            kind=kind,
            caption=caption,
            file=file.path,
            token=file.token,
            name=file.checked.original_name,
            content_type=file.checked.content_type,
            size=file.checked.size,
            sha256=file.checked.sha256,
            uploaded_by_id=by.pk,
            uploaded_at=at,
        )
        for file in files
    )
