"""What templates say about the requirement of an audit."""

from typing import Any

from django import template

from audits.models import Audit
from audits.snapshot import in_words
from audits.states import AuditState

register = template.Library()


@register.filter
def changes_in_words(changes: Any) -> list[dict[str, str]]:
    """Differences of two versions, in the language of the page or of the recipient."""
    return in_words(changes or [])


@register.filter
def audit_state(state: Any) -> str:
    """A state of an audit by its name."""
    return str(AuditState(state).label) if state in AuditState.values else str(state)


@register.filter
def audit_result(result: Any) -> str:
    return str(Audit.Result(result).label) if result in Audit.Result.values else str(result)


@register.filter
def deviation(kind: Any) -> str:
    """A kind of reason for a deviation from the plan."""
    return str(Audit.Deviation(kind).label) if kind in Audit.Deviation.values else str(kind)
