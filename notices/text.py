"""The words of a notice: templates/notices/<kind>.txt, first line the subject, in the recipient's language."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from notices.models import Notice


def lines(notice: Notice, language: str | None = None) -> tuple[str, str]:
    """Subject and body; the language is the recipient's unless given."""
    with translation.override(language or notice.recipient.language):
        text = render_to_string(f"notices/{notice.kind}.txt", {"f": notice.facts, "notice": notice}).strip()
    subject, _, body = text.partition("\n")
    return subject.strip(), body.strip()


def link(notice: Notice) -> str:
    return f"{settings.SITE_URL}{notice.url}" if notice.url else settings.SITE_URL
