"""The words of a notice: templates/notices/<kind>.txt, first line the subject, in the recipient's language."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from notices.models import Notice


def lines(notice: Notice, language: str | None = None) -> tuple[str, str]:
    """Subject and body; the language is the recipient's unless given."""
    with translation.override(language or notice.recipient.language):
        text = render_to_string(
            f"notices/{notice.kind}.txt", {"f": notice.facts, "notice": notice}, using="text"
        ).strip()
    subject, _line, body = text.partition("\n")
    return subject.strip(), body.strip()


def link(notice: Notice) -> str:
    return f"{settings.SITE_URL}{notice.url}" if notice.url else settings.SITE_URL


def digest(notices: list[Notice]) -> tuple[str, str]:
    """Subject and body of one message for all the notices (of one recipient), each with its link."""
    if len(notices) == 1:
        subject, body = lines(notices[0])
        return subject, f"{body}\n\n{link(notices[0])}\n"
    said = [(*lines(notice), link(notice)) for notice in notices]
    with translation.override(notices[0].recipient.language):
        late = sum(notice.level == Notice.Level.RED for notice in notices)
        facts = {"count": len(notices), "late": late, "first": said[0][0]}
        if late:
            subject = _("%(count)s notices, %(late)s of them late: %(first)s …") % facts
        else:
            subject = _("%(count)s notices: %(first)s …") % facts
    return subject, "\n\n".join(f"{n}. {head}\n{body}\n{url}" for n, (head, body, url) in enumerate(said, 1)) + "\n"
