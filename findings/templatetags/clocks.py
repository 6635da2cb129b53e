"""What templates say about clocks."""

from django import template

from findings import kinds

register = template.Library()


@register.filter
def clock_label(step: str) -> str:
    """The name of a kind of clock in the page's language."""
    return kinds.label(str(step))
