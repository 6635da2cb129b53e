"""What writes the blacklist ledger: a rung that says so, an exemption refused, answers sent back again and again."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Q
from django.db.models.functions import Coalesce

from clocks.deadlines import Deadline, DueChange
from clocks.due import Due
from clocks.models import Heartbeat
from clocks.policy import PolicyRung
from clocks.sweep import Firing, beat, local
from closure.models import LedgerEntry
from findings.answers import Verdict
from findings.clock_subject import FindingAround
from findings.disputes import Dispute
from findings.exemptions import Exemption
from findings.models import Finding
from findings.states import ORDER, FindingState, Source, Step
from lib import moment
from lib.bulk import dumped, insert_missing
from lib.prepared import Among, Prepared

# From a rung of a clock ---------------------------------------------------------------------------------------------

LEDGER_RULES = {
    "contain": LedgerEntry.Rule.LATE_CONTAIN,
    "analyse": LedgerEntry.Rule.LATE_ANALYSE,
    "close": LedgerEntry.Rule.LATE_CLOSE,
    "review": LedgerEntry.Rule.LATE_REVIEW,
}
ENTRY = ("number", "person_id", "unit_id", "finding_id", "deadline_id", "rule", "month", "breached_at", "facts")

WAITING = Prepared(
    lambda: (
        Exemption.objects.waiting()
        .filter(Among("finding", "ids"), cycle=F("finding__cycle"))
        .order_by()
        .values_list("finding", "applied_at")
    )
)


DISPUTED = Prepared(
    lambda: (
        Dispute.objects.excusing()
        .filter(Among("finding", "ids"))
        .order_by()
        .values_list("finding", "raised_at", "decided_at")
    )
)


class Waiting(NamedTuple):
    """What waits for somebody else's decision, by finding: when an exemption was applied for, and the disputes that excuse:
    from when, until when (None: still).
    """

    exemptions: dict[int, datetime]
    disputes: dict[int, list[tuple[datetime, datetime | None]]]

    def excuses(self, clock: Due) -> bool:
        """Whether the owner asked in time: for the five days an exemption, for any of their clocks a dispute
        (`DisputeQuerySet.excusing_at` asks the database the same).
        """
        asked = self.exemptions.get(clock.subject_id or 0) if clock.step == Step.CLOSE else None
        if asked is not None and asked <= clock.due_at:
            return True
        spans = self.disputes.get(clock.subject_id or 0, []) if clock.step in ORDER else []
        return any(since <= clock.due_at and (until is None or clock.due_at < until) for since, until in spans)


def _waiting(firings: list[Firing]) -> Waiting:
    """Asked only where the ledger is at stake."""
    ids = {
        firing.clock.subject_id
        for firing in firings
        if firing.clock.step in ORDER and any(each.rung.ledger for each in firing.rungs)
    }
    if not ids:
        return Waiting({}, {})
    disputes: dict[int, list[tuple[datetime, datetime | None]]] = {}
    for finding, since, until in DISPUTED.rows(ids=ids):
        disputes.setdefault(finding, []).append((since, until))
    return Waiting(dict(WAITING.rows(ids=ids)), disputes)


def _entries(firing: Firing, waiting: Waiting) -> Iterator[tuple[Any, ...]]:
    """Ledger rows where a rung says so; the trace of the clock goes with them.

    Whoever applied for an exemption, or raised a dispute, in time is not held to account for a slow decision:
    `record_missed` writes the row when it is refused (domain §4 A6, A31). A finding that was withdrawn accuses nobody.
    """
    clock, finding = firing.clock, firing.clock.around
    if not isinstance(finding, FindingAround) or finding.state == FindingState.WITHDRAWN:
        return
    if waiting.excuses(clock):
        return
    for number, rung, at in firing.rungs:
        owed = clock.hands_at(at).owes
        if rung.ledger and clock.step in LEDGER_RULES and owed:
            facts = _facts(firing.ladder.code, firing.ladder.version, clock.started_at, clock.due_at, clock.zone)
            yield (
                f"{finding.number}-{clock.step}-{clock.cycle}-{number}",
                owed,
                finding.unit_id,
                clock.subject_id,
                clock.id,
                str(LEDGER_RULES[clock.step]),
                local(at, clock.zone)[:7],
                at,
                dumped(facts),
            )


def _facts(policy: str, version: int, started_at: datetime, due_at: datetime, zone: str) -> dict[str, Any]:
    """What an entry keeps of its clock, as it was that day; times as the plant's wall showed them."""
    return {
        "policy": policy,
        "version": version,
        "started": local(started_at, zone),
        "due": local(due_at, zone),
        "zone": zone,
    }


def enter(firings: list[Firing], now: datetime) -> int:
    """Write the rows that rungs of this batch call for, in its transaction; what is there already stays. Returns how many."""
    waiting = _waiting(firings)
    entries = [row for firing in firings for row in _entries(firing, waiting)]
    insert_missing(LedgerEntry, ENTRY, entries, same={"recorded_at": now})
    return len(entries)


# Not from a clock ---------------------------------------------------------------------------------------------------

RETURNS = 2


JOB = "returns"
#: Verdicts are read again from this long before the last run: one may have been committed while it ran.
OVERLAP = timedelta(hours=1)


def record_returns(*, now: datetime | None = None) -> int:
    """Write a row for everyone whose answers to one finding were sent back twice or more in one cycle.

    Looks only at findings with a verdict since the last run. Running it again writes nothing new. Returns how many rows
    were written.
    """
    at = now or moment.now()
    last = Heartbeat.objects.filter(job=JOB).values_list("at", flat=True).first()
    new_verdicts = Verdict.objects.filter(outcome=Verdict.Outcome.RETURNED)
    if last is not None:
        new_verdicts = new_verdicts.filter(at__gte=min(last, at) - OVERLAP)
    answers = (
        Verdict.objects.filter(
            outcome=Verdict.Outcome.RETURNED, submission__finding__in=new_verdicts.values("submission__finding")
        )
        .exclude(submission__finding__source=Source.SELF)
        .exclude(submission__finding__state=FindingState.WITHDRAWN)
    )
    counted = answers.values(
        "submission__finding", "submission__cycle", person=Coalesce("submission__on_behalf_of", "submission__by")
    ).annotate(times=Count("pk"), last=Max("at"), n=F("submission__finding"), cycle=F("submission__cycle"))
    found = list(counted.filter(times__gte=RETURNS).order_by("n", "cycle", "person"))
    findings = Finding.objects.select_related("site__unit").in_bulk({row["n"] for row in found})
    rows = [_entry(findings[row["n"]], row, at) for row in found]
    numbers = [row.number for row in rows]
    known = set(LedgerEntry.objects.filter(number__in=numbers).values_list("number", flat=True))
    new = [row for row in rows if row.number not in known]
    with transaction.atomic():
        LedgerEntry.objects.bulk_create(new, ignore_conflicts=True)
        beat(JOB, at, {"written": len(new)})
    return len(new)


def record_missed(*, now: datetime | None = None) -> int:
    """Write the rows of owners' clocks that the sweep left out because somebody else's decision was waited for: an exemption
    applied for in time and refused after the due time, or approved after a breach that no sweep had seen; a dispute raised in
    time and rejected. Running it again writes nothing new.

    Returns how many rows were written.
    """
    at = now or moment.now()
    late = Q(answered_at=None) | Q(answered_at__gt=F("judged_due_at"))
    own = Exemption.objects.filter(finding=OuterRef("subject_id"), cycle=OuterRef("cycle"))
    disputes = Dispute.objects.filter(finding=OuterRef("subject_id"))
    missed = (
        Deadline.objects.of(Finding)
        .judged()
        .filter(
            late,
            Q(Exists(own), step=Step.CLOSE) | Q(Exists(disputes), step__in=ORDER),
            Exists(
                PolicyRung.objects.filter(step=OuterRef("policy_step"), ledger=True, offset_minutes=0, percent=None)
            ),
            ~Exists(LedgerEntry.objects.filter(deadline=OuterRef("pk"), breached_at=OuterRef("judged_due_at"))),
            # Under another rule a moment ago: the same miss is not written a second time.
            ~Exists(
                LedgerEntry.objects.filter(
                    deadline=OuterRef("pk"),
                    deadline__changes__before=F("breached_at"),
                    deadline__changes__cause__in=[DueChange.Cause.POLICY, DueChange.Cause.CALENDAR],
                )
            ),
            # What the sweep has still to come to is left to it.
            Q(next_alarm_at=None) | Q(next_alarm_at__gt=F("judged_due_at")),
            judged_due_at__lt=at,
        )
        .exclude(finding__source=Source.SELF)
        .exclude(finding__state=FindingState.WITHDRAWN)
    )
    # While it waits, and was applied for in time, nobody knows yet whether it is a miss.
    waits = own.waiting().filter(applied_at__lte=OuterRef("judged_due_at"))
    excused = disputes.excusing_at(OuterRef("judged_due_at"))
    missed = missed.exclude(Q(Exists(waits), step=Step.CLOSE) | Q(Exists(excused)))
    rows = [
        _missed(row, person, at)
        for row in missed.select_related("policy_step__policy").with_subjects().order_by("pk")
        if (person := row.owed_at(row.judged_due_at))
    ]
    LedgerEntry.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _missed(row: Deadline, person: int, at: datetime) -> LedgerEntry:
    finding: Any = row.subject
    zone = moment.zone_of(row.zone)
    policy = row.policy_step.policy
    return LedgerEntry(
        number=f"{finding.number}-{row.step}-{row.cycle}-missed-{row.judged_due_at:%Y%m%d%H%M}",
        person_id=person,
        unit_id=finding.site.unit_id,
        finding=finding,
        deadline=row,
        rule=LEDGER_RULES[row.step],
        month=moment.day_of(row.judged_due_at, zone).strftime("%Y-%m"),
        breached_at=row.judged_due_at,
        recorded_at=at,
        facts=_facts(policy.code, policy.version, row.started_at, row.judged_due_at, row.zone),
    )


def _entry(finding: Finding, row: Any, at: datetime) -> LedgerEntry:
    last: datetime = row["last"]
    return LedgerEntry(
        number=f"{finding.number}-returned-{row['cycle']}-{row['person']}",
        person_id=row["person"],
        unit_id=finding.site.unit_id,
        finding=finding,
        rule=LedgerEntry.Rule.RETURNED,
        breached_at=last,
        recorded_at=at,
        month=moment.day_of(last, finding.site.unit.zone()).strftime("%Y-%m"),
        facts={"times": row["times"]},
    )
