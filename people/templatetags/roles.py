"""What a role is called in the reader's language."""

from django import template

from people.models import StandingRole

register = template.Library()


@register.filter
def role_names(codes: list[str]) -> str:
    """ "market, leader" as words; a code that is none any more stands as it is."""
    known = dict(StandingRole.Role.choices)
    return "、".join(str(known.get(code, code)) for code in codes)
