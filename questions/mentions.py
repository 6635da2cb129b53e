"""Who is named in a text: "@张伟 请看" and "@zhangwei" alike. Chinese puts no blank after a name, so the longest one counts."""

import re
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from people.models import User

#: An @ that begins a word; the one in an address of mail does not.
AT = re.compile(r"(?<![A-Za-z0-9._])[@＠]([\w.\- ]{1,40})")
#: A letter or figure that goes on, also over a dot, a dash or an underscore.
WITHIN = re.compile(r"[A-Za-z0-9][._-]?[A-Za-z0-9]|[._-][A-Za-z0-9]|_")
SHORTEST = 2
MOST = 20


def _beginnings(rest: str) -> Iterator[str]:
    """Every beginning that may be a name, the longest first: letters and figures are not cut in the middle of a word."""
    for end in range(len(rest), SHORTEST - 1, -1):
        if not WITHIN.match(rest, end - 1):
            yield rest[:end].rstrip()


def mentioned(text: str) -> list[User]:
    """The people named with @, by either name or by account, in the order of the text; what names nobody is just text.

    Raises ValidationError for a name that several people bear.
    """
    found: dict[int, User] = {}
    for match in list(AT.finditer(text))[:MOST]:
        for person in _called(match[1]):
            found[person.pk] = person
    return list(found.values())


def _called(rest: str) -> list[User]:
    beginnings = list(dict.fromkeys(_beginnings(rest)))
    named = Q(name__in=beginnings) | Q(name_en__in=beginnings) | Q(username__in=beginnings)
    people = list(User.objects.at_work().filter(named).distinct())
    for beginning in beginnings:
        fits = [person for person in people if beginning in {person.name, person.name_en, person.username}]
        exact = [person for person in fits if person.username == beginning]
        if len(fits) > 1 and not exact:
            accounts = "、".join(sorted(f"@{person.username}" for person in fits))
            raise ValidationError(
                _("Several people are called %(name)s: write %(accounts)s.") % {"name": beginning, "accounts": accounts}
            )
        if fits:
            return (exact or fits)[:1]
    return []
