"""What templates say about clocks."""

from typing import Any

from django import template

from audits.models import Audit
from findings import hints, kinds, page
from findings.answers import Exemption
from findings.states import VERIFIED_HOW, WINDOWS, Step
from workflow import moment

register = template.Library()


@register.filter
def clock_label(step: str) -> str:
    """The name of a kind of clock in the page's language."""
    return kinds.label(str(step))


@register.filter
def verified_how(value: Any) -> str:
    """How an implementation was verified, in words."""
    return str(dict(VERIFIED_HOW).get(str(value), value))


@register.filter
def exemption_outcome(value: Any) -> str:
    """What was decided about an exemption, in words."""
    return str(dict(Exemption.Outcome.choices).get(str(value), value))


@register.filter
def effect_window(value: Any) -> str:
    """How long the effect was observed, in words."""
    return str(dict(WINDOWS).get(str(value), value))


@register.filter
def step_label(step: Any) -> str:
    """A step of an answer by its name."""
    return str(Step(step).label) if step in Step.values else str(step)


@register.filter
def answer_hints(submission: Any) -> list[str]:
    """What a reader may ask about an answer; hints, never a verdict."""
    return hints.of_answer(submission) if submission is not None else []


@register.simple_tag
def hint_words() -> dict[str, Any]:
    """The words the page's script looks for while somebody writes."""
    return hints.for_script()


@register.simple_tag
def clocks_of(audit: Audit) -> dict[str, Any]:
    """The audit's own clocks for its page, which lies on a floor below this one."""
    return page.audit_bars(audit, moment.now())
