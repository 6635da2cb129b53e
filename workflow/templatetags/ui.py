"""What templates need to speak plainly: time left, labels, colours of states."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django import template
from django.conf import settings
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.translation import get_language, gettext as _, ngettext

from lib.moment import zone_of
from workflow.labels import move_label
from workflow.once import FIELD

register = template.Library()
register.filter("move_label", move_label)

COLOURS = {
    "done": "green",
    "accepted": "green",
    "closed": "green",
    "customer_closed": "green",
    "effective": "green",
    "archived": "green",
    "reviewed": "green",
    "approved": "green",
    "hit": "green",
    "late": "red",
    "running": "green",
    "late_done": "red",
    "critical": "red",
    "returned": "red",
    "cancelled": "red",
    "refused": "red",
    "miss": "red",
    "soon": "yellow",
    "major": "orange",
    "postponed": "yellow",
    "exempted": "yellow",
    "draft": "secondary",
    "lead": "secondary",
    "withdrawn": "secondary",
    "stopped": "secondary",
    "observation": "secondary",
    "overtaken": "secondary",
    "raised": "yellow",
    "upheld": "green",
    "rejected": "red",
    "taken_back": "secondary",
    "lapsed": "secondary",
    "applied": "yellow",
    "endorsed": "yellow",
    "replaced": "secondary",
    "ended": "secondary",
    "verified": "green",
    "dropped": "secondary",
}


@register.filter
def colour(state: str) -> str:
    """The colour that means this state; blue for what is simply under way."""
    return COLOURS.get(str(state), "blue")


def span(length: timedelta) -> str:
    """A length of time in the two largest units that matter."""
    minutes = int(length.total_seconds() // 60)
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    if days:
        said = _("%(days)s d %(hours)s h") if hours else _("%(days)s d")
        return said % {"days": days, "hours": hours}
    if hours:
        said = _("%(hours)s h %(minutes)s min") if minutes else _("%(hours)s h")
        return said % {"hours": hours, "minutes": minutes}
    return _("%(minutes)s min") % {"minutes": minutes}


@register.filter
def time_left(due: datetime | None, now: datetime) -> str:
    """ "3 h 20 min left" or "late by 2 d 3 h"."""
    if due is None:
        return ""
    if due >= now:
        return _("%(span)s left") % {"span": span(due - now)}
    return _("late by %(span)s") % {"span": span(now - due)}


@register.filter
def urgency(due: datetime | None, now: datetime) -> str:
    """late, soon (within eight hours) or running."""
    if due is None:
        return "running"
    if due < now:
        return "late"
    return "soon" if due - now < timedelta(hours=8) else "running"


@register.filter
def names(kept: list[Any]) -> str:
    """Kept names in the reader's language, as one enumeration."""
    return "、".join(in_language(name) for name in kept)


@register.filter
def initials(name: Any) -> str:
    """What stands in for a face: the last two signs of a Chinese name, the first letters of another."""
    said = str(name).split("(")[0].strip()
    if not said.isascii():
        return said[-2:]
    return "".join(part[0] for part in said.split()[:2]).upper()


@register.filter
def is_at(path: str, place: Any) -> bool:
    """Whether this address belongs to the entry of the navigation."""
    return bool(place.is_at(path))


@register.filter
def button(kind: str) -> str:
    """The look of a move's button: the next one filled, grave ones red."""
    return {"next": "primary", "grave": "outline-danger"}.get(kind, "outline-primary")


@register.filter
def in_zone(moment: datetime | None, zone: str) -> str:
    """The moment on the plant's own clock; the zone is named where it is not the group's."""
    if moment is None:
        return ""
    said = formats.date_format(timezone.localtime(moment, zone_of(zone)), "Y-m-d H:i")
    return said if zone == settings.TIME_ZONE else f"{said} ({zone})"


@register.filter
def at(moment: datetime | None) -> str:
    """The moment in the server's time zone, to the minute."""
    return "" if moment is None else formats.date_format(timezone.localtime(moment), "Y-m-d H:i")


@register.filter
def of(several: Any, key: Any) -> Any:
    """What a dictionary holds under the key; nothing where it holds nothing."""
    return (several or {}).get(key, ())


@register.filter
def fact(value: Any) -> str:
    """A fact of the trail on one line."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | dict):
        return ngettext("%(n)s entry", "%(n)s entries", len(value)) % {"n": len(value)} if value else "—"
    text = str(value)
    return text if len(text) <= 160 else text[:157] + "…"


@register.filter
def seconds(length: float | None) -> str:
    """A length in seconds as people say it."""
    if length is None:
        return "—"
    return _("%(n)s s") % {"n": round(length)} if length < 60 else span(timedelta(seconds=length))


@register.filter
def minutes(length: int) -> str:
    """A length in minutes as people say it."""
    return span(timedelta(minutes=length))


@register.filter
def offset(length: int) -> str:
    """Minutes from the due time: before it, at it, after it."""
    if not length:
        return _("when it is due")
    said = {"span": span(timedelta(minutes=abs(length)))}
    return _("%(span)s before") % said if length < 0 else _("%(span)s after") % said


@register.simple_tag(takes_context=True)
def with_query(context: Any, **changes: Any) -> str:
    """The current query string with some values replaced."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query[name] = value
    return str(query.urlencode())


@register.simple_tag(takes_context=True)
def form_key(context: Any) -> str:
    """The hidden key of a form, so that sending it twice does it once; a form that comes back keeps its key."""
    request = context.get("request")
    given = request.POST.get(FIELD, "") if request is not None and request.method == "POST" else ""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, given[:36] or uuid4())


@register.filter
def in_language(value: Any) -> str:
    """A name kept in two languages, in the page's; text that was kept in one stays as it is."""
    if not isinstance(value, dict):
        return "" if value is None else str(value)
    english = (get_language() or "").startswith("en")
    return str((value.get("en") if english else "") or value.get("zh") or "")
