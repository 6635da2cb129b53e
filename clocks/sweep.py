"""The sweep: what has become due, recorded and owed, exactly once.

Each batch is one transaction with a constant number of statements: claim due clocks (SKIP LOCKED), escalations unique on
(clock, cycle, rung), notices unique on (recipient, kind, key), what follows from a rung (the ledger), advance the clocks.
Killed anywhere, either all of it or nothing has happened; run twice, late, or side by side, nothing happens twice.
Rows are plain tuples all the way: building model instances would cost more than the statements.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from clocks.deadlines import Deadline
from clocks.due import ANY_DUE, Due, claim, due_by
from clocks.models import Escalation, Heartbeat
from clocks.policy import WEEKLY, PolicyRung, rung_at, rung_time
from clocks.recipients import Directory, Hands, Told
from lib import moment
from lib.bulk import dumped, insert_missing, update_rows
from lib.moment import zone_of
from lib.prepared import Among, Prepared
from notices import actions as notices


class Ladder(NamedTuple):
    """The rungs of one policy step in their order, and the policy they belong to."""

    code: str
    version: int
    rungs: list[PolicyRung]


NO_LADDER = Ladder("", 0, [])


class Fired(NamedTuple):
    """One rung that fired: its number on this clock, and its true time."""

    number: int
    rung: PolicyRung
    at: datetime


class Firing(NamedTuple):
    """What one clock's missed rungs amount to, and where the clock goes on; its due time as people read it."""

    clock: Due
    ladder: Ladder
    due: str
    rungs: list[Fired]
    next_rung: int
    next_alarm_at: datetime | None


#: What follows from rungs that fired, written in the batch's own transaction by the apps above: (firings, now) → rows written.
#: It has to write a row once however often it is asked.
Follow = Callable[[list[Firing], datetime], int]
FOLLOWS: list[Follow] = []


@dataclass
class Counts:
    """What a sweep did."""

    clocks: int = 0
    escalations: int = 0
    notices: int = 0
    ledger: int = 0
    batches: int = 0

    def __iadd__(self, other: "Counts") -> "Counts":
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)
        return self


def sweep(*, now: datetime | None = None, dry_run: bool = False, limit: int | None = None) -> Counts:
    """Fire every rung that is due at `now` (aware; default: the present). With `dry_run` only count.

    The heartbeat goes with the last batch: either both stand or neither.
    """
    at, size, total = now or moment.now(), limit or settings.SWEEP_BATCH, Counts()
    if dry_run:
        return Counts(clocks=due_by(at).count())
    if not ANY_DUE.rows(now=at):
        beat("sweep", at, asdict(total))
        return total
    directory, ended = Directory(at), False
    while not ended:
        with _uncollected(), transaction.atomic():
            done = _batch(at, size, directory)
            total += done
            ended = done.clocks < size
            if ended:
                beat("sweep", at, asdict(total))
    return total


def beat(job: str, at: datetime, counts: dict[str, Any]) -> None:
    """The job came to its end at `at`. One statement, but for the first time."""
    if not Heartbeat.objects.filter(job=job).update(at=at, counts=counts):
        Heartbeat.objects.get_or_create(job=job, defaults={"at": at, "counts": counts})


@contextmanager
def _uncollected() -> Iterator[None]:
    """Thousands of rows live for one batch, none in a cycle: looking for cycles meanwhile would cost a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _batch(now: datetime, size: int, directory: Directory) -> Counts:
    """One batch, inside the caller's transaction."""
    clocks = claim(now, size)
    if not clocks:
        return Counts()
    ladders = _ladders({clock.policy_step_id for clock in clocks})
    firings = [_fire(clock, now, ladders.get(clock.policy_step_id, NO_LADDER)) for clock in clocks]
    escalations = [row for firing in firings for row in _escalations(firing, directory)]
    insert_missing(Escalation, ESCALATION, escalations, same={"fired_at": now})
    told = notices.write(list(_owed(firings, directory, now)), at=now)
    entries = sum(follow(firings, now) for follow in FOLLOWS)
    _advance(firings)
    return Counts(len(clocks), len(escalations), told, entries, 1)


RUNG = ("step_id", "position", "offset_minutes", "percent", "recipients", "level", "ledger", "repeat_minutes")
RUNGS = Prepared(
    lambda: (
        PolicyRung.objects.filter(Among("step", "steps"))
        .order_by("position")
        .values_list("step__policy__code", "step__policy__version", *RUNG)
    )
)


def _ladders(steps: set[int]) -> dict[int, Ladder]:
    """The ladder of every policy step, shared by all its clocks."""
    found: dict[int, Ladder] = {}
    for code, version, *values in RUNGS.rows(steps=steps):
        rung = PolicyRung(**dict(zip(RUNG, values, strict=True)))
        found.setdefault(rung.step_id, Ladder(code, version, [])).rungs.append(rung)
    return found


def _advance(firings: list[Firing]) -> None:
    """Write the new rungs back in one statement."""
    update_rows(
        Deadline,
        ("rung", "next_alarm_at"),
        [(firing.clock.id, firing.next_rung, firing.next_alarm_at) for firing in firings],
    )


def _fire(clock: Due, now: datetime, ladder: Ladder) -> Firing:
    """Every rung missed up to `now` (or until it was answered or stopped), with its true time; the clock is advanced past them."""
    until = min(now, clock.answered_at or now, clock.stopped_at or now)
    index, fired = clock.rung - clock.ladder_from, []
    at = rung_time(ladder.rungs, clock.started_at, clock.due_at, index)
    while at is not None and at <= until:
        fired.append(Fired(index + clock.ladder_from, rung_at(ladder.rungs, index), at))
        index += 1
        at = rung_time(ladder.rungs, clock.started_at, clock.due_at, index)
    due = local(clock.due_at, clock.zone)
    return Firing(clock, ladder, due, fired, index + clock.ladder_from, at if clock.running else None)


ESCALATION = ("deadline_id", "cycle", "rung", "level", "owed_id", "breached_at", "told")


@lru_cache(maxsize=4096)
def _said(told: tuple[Told, ...]) -> str:
    """The people as the escalation keeps them; both names where a deputy stands in."""
    return dumped(
        [
            {"id": one.person} if one.stands_in_for is None else {"id": one.person, "for": one.stands_in_for}
            for one in told
        ]
    )


def _escalations(firing: Firing, directory: Directory) -> Iterator[tuple[Any, ...]]:
    """The rungs that fired, with whom each tells; for a clock answered before this sweep nobody is told any more."""
    clock = firing.clock
    for number, rung, at in firing.rungs:
        then = clock.hands_at(at)
        told = _told(clock, then, rung.recipients, directory) if clock.running else ()
        yield clock.id, clock.cycle, number, rung.level, then.owes, at, _said(told)


def _told(clock: Due, then: Hands, recipients: Any, directory: Directory) -> tuple[Told, ...]:
    """Whom a rung tells: those around whoever owed it when it was due, and around whoever owes it now."""
    told = directory.told(clock.hands, recipients)
    if then == clock.hands:
        return told
    people = {one.person: one for one in (*directory.told(then, recipients), *told)}
    return tuple(people.values())


def _owed(firings: list[Firing], directory: Directory, now: datetime) -> Iterator[notices.Owed]:
    """One notice per person for the highest rung; whoever only a lower missed rung names hears of it too.

    A clock answered meanwhile is recorded, but nobody is woken for it any more.
    """
    for firing in firings:
        clock = firing.clock
        if not firing.rungs or not clock.running:
            continue
        number, highest, _at = firing.rungs[-1]
        people = {
            one.person: one
            for fired in reversed(firing.rungs)
            for one in _told(clock, clock.hands_at(fired.at), _at_once(fired.rung), directory)
        }
        facts = _facts(firing, now)
        for one in people.values():
            given = {**facts, "for": directory.absent[one.stands_in_for]} if one.stands_in_for else facts
            yield notices.Owed(
                one.person,
                "clock",
                f"{clock.id}:{clock.step}:{number}",
                clock.around.url,
                highest.level,
                given,
                False,
                f"clock:{clock.id}",
            )


def _at_once(rung: PolicyRung) -> tuple[str, ...]:
    """Whom the rung tells by a message of its own; who reads the weekly sum finds it there."""
    return tuple(who for who in rung.recipients if who != WEEKLY)


def _facts(firing: Firing, now: datetime) -> dict[str, Any]:
    clock = firing.clock
    return {
        "number": clock.around.number,
        "step": clock.step,
        **clock.around.facts(),
        "due": firing.due,
        "late": now > clock.due_at,
    }


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return zone_of(name)


def local(at: datetime, zone: str) -> str:
    """As `clocks.why.local`, without a strftime per row."""
    return at.astimezone(_zone(zone)).isoformat(" ", "minutes")[:16]
