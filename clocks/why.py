"""Why a clock is due when it is: as data and in words, for page, API and ledger (domain §4 A7, A35)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import get_language, gettext as _

from clocks import kinds, subjects
from clocks.deadlines import Deadline, DueChange
from clocks.policy import Policy, PolicyStep
from lib.moment import zone_of


@dataclass(frozen=True)
class Why:
    """The explanation of one due time. `moments` are UTC; `words` speak the plant's wall clock."""

    policy: str
    version: int
    won: str
    step: str
    amount: int
    unit: str
    count: str
    started_at: datetime
    started_by: str
    zone: str
    base_due_at: datetime
    customer_due_at: datetime | None
    due_at: datetime
    intervals: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    words: str = ""

    def as_data(self) -> dict[str, Any]:
        """For the API and the ledger's own record."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def local(moment: datetime, zone: str) -> str:
    """The moment as the plant's wall shows it, to the minute."""
    return moment.astimezone(zone_of(zone)).strftime("%Y-%m-%d %H:%M")


def won(policy: Policy) -> str:
    """Why this policy and no other: what it is made for; the most specific one in force wins."""
    made_for = [str(one) for one in (policy.customer, policy.kind) if one]
    made_for += [label for label in (policy.grade_label, policy.source_label) if label]
    if not made_for:
        return _("holds for everything that has no rule of its own")
    return _("the most specific in force: for %(what)s") % {"what": " · ".join(made_for)}


def why(row: Deadline) -> Why:
    """The explanation of one clock. It comes loaded by `DeadlineQuerySet.explained`."""
    step = row.policy_step
    intervals = [_interval(step) for step in row.trace]
    changes = [
        {
            "cause": change.cause,
            "by": str(change.by),
            "at": change.at,
            "before": change.before,
            "after": change.after,
            "reason": change.reason,
            "kind": change.kind,
        }
        for change in row.changes.all()
    ]
    return Why(
        policy=step.policy.code,
        version=step.policy.version,
        won=won(step.policy),
        step=row.step,
        amount=step.amount,
        unit=step.unit,
        count=step.count,
        started_at=row.started_at,
        started_by=str(row.started_by) if row.started_by else _("the system"),
        zone=row.zone,
        base_due_at=row.base_due_at,
        customer_due_at=row.customer_due_at,
        due_at=row.due_at,
        intervals=intervals,
        changes=changes,
        words=" ".join([_first(row), *_counted(row, intervals), *_customer(row), *_moved(row)]),
    )


def _first(row: Deadline) -> str:
    step = row.policy_step
    facts = {
        "policy": step.policy,
        "version": step.policy.version,
        "won": won(step.policy),
        "step": kinds.label(row.step),
        "start": local(row.started_at, row.zone),
        "by": row.started_by or _("the system"),
        "time": _time(row),
        "zone": row.zone,
        "base": local(row.base_due_at, row.zone),
    }
    if step.unit == PolicyStep.Unit.DATE:
        return (
            _(
                "Policy “%(policy)s” version %(version)s (%(won)s), %(step)s: the date agreed when it was entered at %(start)s "
                "by %(by)s, to the end of the day, gives %(base)s (%(zone)s)."
            )
            % facts
        )
    return (
        _(
            "Policy “%(policy)s” version %(version)s (%(won)s), %(step)s: %(time)s from %(start)s, started by %(by)s, gives "
            "%(base)s (%(zone)s)."
        )
        % facts
    )


def _time(row: Deadline) -> str:
    """How much time, counted how: "24 hours by wall clock", "1 working day, to the end of the day"."""
    step, facts = row.policy_step, {"n": row.policy_step.amount}
    wanted = step.count == PolicyStep.Count.WORKING
    working = wanted and bool(row.trace)
    if step.unit == PolicyStep.Unit.HOURS:
        said = _("%(n)s hours of the plant's working time") if working else _("%(n)s hours by the wall clock")
    else:
        said = _("%(n)s working days of the plant") if working else _("%(n)s calendar days")
    parts = [said % facts]
    if step.ends == PolicyStep.Ends.DAY:
        parts.append(_("to the end of the day"))
    if wanted and not working:
        parts.append(_("for the plant had no working calendar"))
    if step.off_holidays:
        parts.append(_("never due on a day off"))
    return _(", ").join(parts)


def _interval(one: list[Any]) -> dict[str, Any]:
    begins, ends, counted, chinese, english = one
    name = english if (get_language() or "").startswith("en") else chinese
    return {
        "from": datetime.fromisoformat(begins),
        "to": datetime.fromisoformat(ends),
        "counted": counted,
        "name": name,
    }


def _counted(row: Deadline, intervals: list[dict[str, Any]]) -> list[str]:
    """Every interval counted or skipped; without working time there is none, every minute counts."""
    found = []
    for counted, said in ((True, _("Counted: %(list)s.")), (False, _("Not counted: %(list)s."))):
        mine = [_stretch(interval, row.zone) for interval in intervals if interval["counted"] is counted]
        if mine:
            found.append(said % {"list": "; ".join(mine)})
    return found


def _stretch(one: dict[str, Any], zone: str) -> str:
    name = f" ({one['name']})" if one["name"] else ""
    return f"{local(one['from'], zone)} – {local(one['to'], zone)}{name}"


def _customer(row: Deadline) -> list[str]:
    if not row.customer_due_at:
        return []
    asked = local(row.customer_due_at, row.zone)
    return [_("The customer wants it by %(asked)s; the earlier of the two counts.") % {"asked": asked}]


def _moved(row: Deadline) -> list[str]:
    """What moved it since, one sentence each, with the reason given."""
    found = []
    for one in row.changes.all():
        found.append(
            _("%(at)s, %(by)s: %(cause)s, from %(before)s to %(after)s.")
            % {
                "at": local(one.at, row.zone),
                "by": one.by,
                "cause": DueChange.Cause(one.cause).label,
                "before": local(one.before, row.zone),
                "after": local(one.after, row.zone),
            }
        )
        if one.kind:
            found.append(_("Kind of exemption: %(kind)s.") % {"kind": subjects.choice_label("exemption", one.kind)})
        if one.reason:
            found.append(_("Reason: %(reason)s.") % {"reason": one.reason.rstrip("。. ")})
    return found
