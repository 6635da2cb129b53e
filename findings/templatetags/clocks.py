"""What templates say about clocks."""

from typing import Any

from django import template

from audits.models import Audit
from findings import kinds, page
from workflow import moment

register = template.Library()


@register.filter
def clock_label(step: str) -> str:
    """The name of a kind of clock in the page's language."""
    return kinds.label(str(step))


@register.simple_tag
def clocks_of(audit: Audit) -> dict[str, Any]:
    """The audit's own clocks for its page, which lies on a floor below this one."""
    return page.audit_bars(audit, moment.now())
