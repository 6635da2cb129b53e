"""The arithmetic of the clocks: all of it happens here, when a clock starts; the sweep only compares one column.

Hours run by the wall clock, day and night (domain §4 A3). Days are calendar days in the plant's time zone and end with
the day: five days from any moment of the 1st end on the 6th at 23:59:59. A customer's own time can only tighten (A7).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from findings.models import Deadline, Finding
from findings.policy import PolicyRung, PolicyStep, choose, rung_time
from findings.states import ORDER, Step

END_OF_DAY = time(23, 59, 59)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The last second of the day in the zone, as UTC."""
    return datetime.combine(day, END_OF_DAY, zone).astimezone(UTC)


def due(start: datetime, amount: int, unit: str, zone: ZoneInfo) -> datetime:
    """When `amount` of `unit` from `start` (aware) is over, UTC."""
    if unit == PolicyStep.Unit.HOURS:
        return start.astimezone(UTC) + timedelta(hours=amount)
    return end_of_day(start.astimezone(zone).date() + timedelta(days=amount), zone)


def customer_due(finding: Finding, step: str, start: datetime, zone: ZoneInfo) -> datetime | None:
    """The customer's own date for the step: its profile, or for closing the date asked for this finding."""
    customer = finding.audit.customer
    found: list[datetime] = []
    if customer is not None and step == Step.CONTAIN and customer.contain_hours:
        found.append(due(start, customer.contain_hours, PolicyStep.Unit.HOURS, zone))
    if customer is not None and step == Step.ANALYSE and customer.analyse_hours:
        found.append(due(start, customer.analyse_hours, PolicyStep.Unit.HOURS, zone))
    if customer is not None and step == Step.CLOSE and customer.close_days:
        found.append(due(start, customer.close_days, PolicyStep.Unit.DAYS, zone))
    asked = finding.customer_due_on
    if step == Step.CLOSE and asked and end_of_day(asked, zone) > start:
        found.append(end_of_day(asked, zone))
    return min(found, default=None)


def start(finding: Finding, steps: tuple[str, ...], *, at: datetime, by: Any, cycle: int) -> list[Deadline]:
    """Start the clocks of the steps that the policy knows, together, at `at`. Three statements, however many."""
    policy = choose(
        customer_id=finding.audit.customer_id, grade=finding.grade, source=finding.source, at=at
    )
    zone = finding.site.unit.zone()
    rows = [
        _row(finding, policy_step, at, by, cycle, zone)
        for policy_step in policy.steps.filter(step__in=steps).prefetch_related("rungs")
    ]
    return Deadline.objects.bulk_create(rows)


def _row(finding: Finding, step: PolicyStep, at: datetime, by: Any, cycle: int, zone: ZoneInfo) -> Deadline:
    base = due(at, step.amount, step.unit, zone)
    asked = customer_due(finding, step.step, at, zone)
    due_at = min(base, asked) if asked else base
    return Deadline(
        finding=finding, step=step.step, cycle=cycle, policy_step=step, zone=zone.key, started_at=at, started_by=by,
        base_due_at=base, customer_due_at=asked, due_at=due_at, next_alarm_at=next_alarm(step, due_at, 0),
    )


def rungs_of(step: PolicyStep) -> list[PolicyRung]:
    return sorted(step.rungs.all(), key=lambda rung: rung.position)


def next_alarm(step: PolicyStep, due_at: datetime, rung: int) -> datetime | None:
    """When the sweep has to look at the clock again."""
    return rung_time(rungs_of(step), due_at, rung)


def answer(deadline: Deadline, at: datetime) -> None:
    """The owner has delivered: the ladder rests until it is accepted or sent back.

    Rungs that should have fired before the answer but have not been swept yet are left to the sweep: a breach is
    recorded even when the worker was down while it happened.
    """
    deadline.answered_at = at
    if deadline.next_alarm_at and deadline.next_alarm_at > at:
        deadline.next_alarm_at = None
    deadline.save(update_fields=["answered_at", "next_alarm_at"])


def open_again(deadline: Deadline) -> None:
    """Sent back: the answer no longer counts, the due time stays, the ladder goes on where it stood."""
    deadline.answered_at = deadline.accepted_at = None
    deadline.next_alarm_at = next_alarm(
        deadline.policy_step, deadline.due_at, deadline.rung - deadline.ladder_from
    )
    deadline.save(update_fields=["answered_at", "accepted_at", "next_alarm_at"])


def exempt(deadline: Deadline, new_date: date, at: datetime) -> None:
    """An approved exemption is the only thing that moves a due time (domain §4 A6)."""
    deadline.due_at = max(end_of_day(new_date, ZoneInfo(deadline.zone)), deadline.due_at)
    deadline.exempted_at = at
    deadline.ladder_from = deadline.rung
    deadline.next_alarm_at = next_alarm(deadline.policy_step, deadline.due_at, 0) if deadline.running else None
    deadline.save(update_fields=["due_at", "exempted_at", "ladder_from", "next_alarm_at"])


@dataclass(frozen=True)
class Why:
    """Why a clock is due when it is: as data and in words, for page, API and ledger."""

    policy: str
    version: int
    step: str
    amount: int
    unit: str
    started_at: datetime
    started_by: str
    zone: str
    base_due_at: datetime
    customer_due_at: datetime | None
    exempted: bool
    due_at: datetime
    words: str


def local(moment: datetime, zone: str) -> str:
    """The moment as the plant's wall shows it, to the minute."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def why(deadline: Deadline) -> Why:
    """The explanation of one due time. The deadline comes with policy_step__policy and started_by loaded."""
    step = deadline.policy_step
    facts = {
        "policy": step.policy, "version": step.policy.version, "step": Step(deadline.step).label,
        "start": local(deadline.started_at, deadline.zone), "by": deadline.started_by,
        "amount": step.amount, "unit": PolicyStep.Unit(step.unit).label, "zone": deadline.zone,
        "base": local(deadline.base_due_at, deadline.zone), "due": local(deadline.due_at, deadline.zone),
    }
    words = [
        _("Policy “%(policy)s” version %(version)s, %(step)s: %(amount)s %(unit)s from %(start)s, "
          "started by %(by)s, gives %(base)s (%(zone)s).") % facts
    ]
    if deadline.customer_due_at:
        asked = local(deadline.customer_due_at, deadline.zone)
        words.append(
            _("The customer wants it by %(asked)s; the earlier of the two counts.") % {"asked": asked}
        )
    if deadline.exempted_at:
        words.append(_("An approved exemption moved it to %(due)s.") % facts)
    return Why(
        policy=step.policy.code, version=step.policy.version, step=deadline.step, amount=step.amount, unit=step.unit,
        started_at=deadline.started_at, started_by=str(deadline.started_by), zone=deadline.zone,
        base_due_at=deadline.base_due_at, customer_due_at=deadline.customer_due_at,
        exempted=deadline.exempted_at is not None, due_at=deadline.due_at, words=" ".join(words),
    )


def in_order(deadlines: list[Deadline]) -> list[Deadline]:
    """The owner's clocks of the newest cycle of each step, in the order of the steps."""
    newest: dict[str, Deadline] = {}
    for deadline in sorted(deadlines, key=lambda one: one.cycle):
        newest[deadline.step] = deadline
    return [newest[step] for step in ORDER if step in newest]
