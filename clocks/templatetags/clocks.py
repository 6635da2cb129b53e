"""What templates say about clocks."""

from typing import Any

from django import template
from django.db.models import Model

from clocks import bars, kinds
from lib import moment

register = template.Library()


@register.filter
def clock_label(step: str) -> str:
    """The name of a kind of clock in the page's language."""
    return kinds.label(str(step))


@register.simple_tag
def clocks_of(record: Model) -> dict[str, Any]:
    """The record's own clocks for its page: those that run, and below them what is over."""
    return bars.of(record, moment.now())
