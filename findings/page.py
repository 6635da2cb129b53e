"""What the finding page draws: the clocks as bars, the causes as a tree of three legs."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from attachments.models import Attachment
from clocks.bars import Bar, bar
from clocks.deadlines import Deadline
from clocks.policy import Policy
from findings import hints
from findings.answers import ActionReport, Countermeasure, Root, Submission, Why
from findings.clocks import in_order
from findings.models import Finding
from findings.states import ORDER, Leg, Step, Strength
from lib import moment
from workflow.trail import about


def clock_bar(deadlines: list[Deadline], now: datetime) -> dict[str, list[Bar]]:
    """The owner's clocks of the newest cycle and whatever else runs; below them what is over."""
    newest = in_order(deadlines)
    reviews = [deadline for deadline in deadlines if deadline.step == Step.REVIEW][-1:]
    others = [deadline for deadline in deadlines if deadline.running and deadline.step not in {*ORDER, Step.REVIEW}]
    shown = {deadline.pk for deadline in (*newest, *reviews, *others)}
    earlier = [
        deadline
        for deadline in deadlines
        if deadline.pk not in shown and not (deadline.step == Step.REVIEW and deadline.answered_at)
    ]
    return {
        "now": [bar(deadline, now) for deadline in (*newest, *reviews, *others)],
        "earlier": [bar(deadline, now) for deadline in earlier],
    }


def due_day(finding: Finding, deadlines: list[Deadline]) -> date | None:
    """The day the closure of this round is due, in the plant's time."""
    rows = [deadline for deadline in deadlines if deadline.step == Step.CLOSE and deadline.cycle == finding.cycle]
    return moment.day_of(rows[-1].due_at, moment.zone_of(rows[-1].zone)) if rows else None


def returned(finding: Finding) -> list[Submission]:
    """The steps whose newest revision was sent back and has to be answered anew: with the reviewer's reason."""
    return [one for step in ORDER if (one := finding.current(step)) is not None and one.returned]


def lacks_prelim_cause(finding: Finding, deadlines: list[Deadline]) -> bool:
    """Whether the containment came without the preliminary cause its policy asks for: amber, never a breach (A1)."""
    containment = finding.current(Step.CONTAIN)
    rows = [deadline for deadline in deadlines if deadline.step == Step.CONTAIN and deadline.cycle == finding.cycle]
    if containment is None or not rows or containment.data.get("prelim_cause"):
        return False
    return rows[-1].policy_step.policy.prelim_cause != Policy.PrelimCause.OFF


def root_tree(finding: Finding, evidence: list[Attachment], due: date | None = None) -> list[dict[str, Any]]:
    """Three legs with their rungs, root, countermeasures and what proves these; a bare root is marked, and a
    countermeasure planned after `due`, the day the closure is due.
    """
    analysis = finding.current(Step.ANALYSE)
    if analysis is None:
        return []
    implementation = finding.current(Step.CLOSE)
    done = {result.action_id: result for result in implementation.results.all()} if implementation else {}
    whys = list(Why.objects.filter(submission=analysis).order_by("position"))
    roots = {root.leg: root for root in Root.objects.filter(submission=analysis)}
    actions = list(Countermeasure.objects.filter(submission=analysis).select_related("owner"))
    reports = {
        report.action_id: report for report in ActionReport.objects.filter(action__in=actions).select_related("by")
    }
    legs = []
    for leg in Leg:
        root = roots.get(leg.value)
        mine = [action for action in actions if root and action.root_id == root.pk]
        legs.append(
            {
                "label": leg.label,
                "rungs": [why for why in whys if why.leg == leg.value],
                "root": root,
                "hint": hints.cause(root.statement) if root else "",
                "actions": [
                    {
                        "action": action,
                        "strength": Strength(action.strength).label,
                        "result": done.get(action.pk),
                        "hint": hints.action(action.text),
                        "evidence": [file for file in evidence if file.about == about(action)],
                        "report": reports.get(action.pk),
                        "late": due is not None and action.due_on > due,
                    }
                    for action in mine
                ],
            }
        )
    return legs


#: The facts that name another finding.
EARLIER = ("repeat_of", "duplicate_of")


def _repeats(facts: Any) -> set[str]:
    """The numbers of earlier findings that an event names."""
    places = (facts, facts.get("fields"), {"repeat_of": facts.get("changed", {}).get("repeat_of")})
    found: set[str] = set()
    for place in places:
        for name in EARLIER if isinstance(place, dict) else ():
            named = place.get(name)
            found |= set(named if isinstance(named, list) else [named] if named else [])
    return found - {""}


def facts_for(events: Sequence[Any], user: Any) -> dict[int, dict[str, Any]]:
    """The facts of each event, by its key, without the earlier finding where this reader may not see it (domain §5.3)."""
    named = set().union(*(_repeats(event.facts) for event in events))
    seen = (
        set(Finding.objects.visible_to(user).filter(number__in=named).values_list("number", flat=True))
        if named
        else named
    )
    return {event.pk: _without_repeat(event.facts) if _repeats(event.facts) - seen else event.facts for event in events}


def _without_repeat(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _without_repeat(value) if name in {"changed", "fields"} and isinstance(value, dict) else value
        for name, value in facts.items()
        if name not in EARLIER
    }
