"""What templates say about findings."""

from typing import Any

from django import template

from findings import hints
from findings.disputes import Dispute
from findings.exemptions import ExemptionState
from findings.states import VERIFIED_HOW, WINDOWS, Step

register = template.Library()


@register.filter
def verified_how(value: Any) -> str:
    """How an implementation was verified, in words."""
    return str(dict(VERIFIED_HOW).get(str(value), value))


@register.filter
def exemption_state(value: Any) -> str:
    """What was decided about an exemption, in words."""
    return str(dict(ExemptionState.choices).get(str(value), value))


@register.filter
def dispute_ground(value: Any) -> str:
    """Why a finding is disputed, in words."""
    return str(dict(Dispute.Ground.choices).get(str(value), value))


@register.filter
def dispute_outcome(value: Any) -> str:
    """What was decided about a dispute, in words."""
    return str(dict(Dispute.Outcome.choices).get(str(value), value))


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
