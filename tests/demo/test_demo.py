"""The demo: a short play, what it leaves behind, and that the same seed plays the same."""

import os
import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import translation

from audits.models import Audit
from clocks.deadlines import Deadline
from clocks.models import Escalation
from clocks.why import why
from closure.models import LedgerEntry
from demo.play import Play
from findings.models import Finding
from notices.models import Notice
from people.models import User
from tests.defaults import load_policies
from tests.undo import Undo

END = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
AUDITS, FINDINGS = 15, 36


def digest() -> dict[str, Any]:
    return {
        "audits": list(
            Audit.objects.order_by("pk").values_list("number", "state", "leader__username", "lead_escort__username")
        ),
        "findings": list(
            Finding.objects.order_by("pk").values_list("number", "state", "what", "grade", "owner__username")
        ),
        "clocks": list(Deadline.objects.order_by("pk").values_list("step", "due_at", "answered_at", "rung")),
        "ledger": list(
            LedgerEntry.objects.order_by("finding__number", "rule", "breached_at").values_list(
                "finding__number", "rule", "person__username", "breached_at"
            )
        ),
        "notices": Notice.objects.count(),
    }


def play(seed: int) -> dict[str, Any]:
    """Play, look, and take it back."""
    try:
        with transaction.atomic():
            Play(seed, end=END, audits=AUDITS, findings=FINDINGS).run()
            found = digest()
            call_command("verify_trail", stdout=StringIO())
            found["why"] = sum(_explains(row) for row in Deadline.objects.explained()) == Deadline.objects.count()
            found["rungs"] = Escalation.objects.count() == len(
                set(Escalation.objects.values_list("deadline", "cycle", "rung"))
            )
            raise Undo
    except Undo:
        return found


FIRST = re.compile(
    r"Policy “.+” version \d+ \(.+?\), .+?: (?P<n>\d+) (?P<what>hours by the wall clock|calendar days|working days of the plant|"
    r"hours of the plant's working time)(?P<end>, to the end of the day)? from (?P<start>[\d-]+ [\d:]+), started by .+?, "
    r"gives (?P<base>[\d-]+ [\d:]+) \((?P<zone>[\w/]+)\)\."
)
AGREED = re.compile(
    r"the date agreed when it was entered at .+? by .+?, to the end of the day, gives (?P<base>[\d-]+ 23:59) "
)
STRETCH = re.compile(r"([\d-]+ [\d:]+) – ([\d-]+ [\d:]+)")


def _minute(text: str, zone: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(zone))


def _reckoned(words: str, zone: str) -> datetime:
    """The due minute, from nothing but the words of the explanation."""
    found, agreed = FIRST.search(words), AGREED.search(words)
    if found is None:
        assert agreed is not None, words
        base = _minute(agreed["base"], zone)
    else:
        start, amount = _minute(found["start"], zone).astimezone(UTC), int(found["n"])
        counted = re.search(r" Counted: (.+?)\.(?= |$)", words)
        stretches = STRETCH.findall(counted[1]) if counted else []
        if found["what"] == "hours by the wall clock":
            base = (start + timedelta(hours=amount)).astimezone(ZoneInfo(zone))
        elif found["what"] == "calendar days":
            base = start.astimezone(ZoneInfo(zone)) + timedelta(days=amount)
        elif found["what"] == "working days of the plant":
            assert len(stretches) == amount
            base = _minute(stretches[-1][1], zone)
        else:
            assert sum((_minute(b, zone) - _minute(a, zone) for a, b in stretches), timedelta()) == timedelta(
                hours=amount
            )
            base = _minute(stretches[-1][1], zone)
        base = base.replace(hour=23, minute=59) if found["end"] else base
        assert base == _minute(found["base"], zone), words
    asked = re.search(r"The customer wants it by ([\d-]+ [\d:]+);", words)
    due = min(base, _minute(asked[1], zone)) if asked else base
    for before, after in re.findall(r"from ([\d-]+ [\d:]+) to ([\d-]+ [\d:]+)\.", words):
        assert due == _minute(before, zone), words
        due = _minute(after, zone)
    return due


def _explains(row: Deadline) -> bool:
    with translation.override("en"):
        return _reckoned(why(row).words, row.zone) == row.due_at.replace(second=0, microsecond=0)


@pytest.mark.proof
@pytest.mark.skipif(bool(os.environ.get("SERVICES")), reason="plays through the doors; make test plays it twice")
def test_the_same_seed_plays_the_same_and_everything_holds(db: None) -> None:
    load_policies()
    first, second = play(7), play(7)
    assert first == second
    assert first["why"] and first["rungs"]
    assert {state for _number, state, *_rest in first["audits"]} >= {"in_closure", "on_site", "team_named", "lead"}
    assert len({state for _number, state, *_rest in first["findings"]}) >= 4
    assert first["ledger"]


def test_the_demo_does_not_touch_a_database_with_people(db: None) -> None:
    User.objects.create(username="someone")
    with pytest.raises(CommandError):
        call_command("demo")
    call_command("demo", "--if-empty")
    assert User.objects.count() == 1
