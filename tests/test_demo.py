"""The demo: a short play, what it leaves behind, and that the same seed plays the same."""

from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from audits.models import Audit
from closure.models import Escalation, LedgerEntry
from demo.play import Play
from findings.models import Deadline, Finding
from findings.why import local, why
from notices.models import Notice
from people.models import User
from tests.defaults import load_policies

END = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
AUDITS, FINDINGS = 15, 36


class Undo(Exception):
    pass


def digest() -> dict[str, Any]:
    return {
        "audits": list(Audit.objects.order_by("pk").values_list("number", "state", "leader__username", "lead_escort__username")),
        "findings": list(Finding.objects.order_by("pk").values_list("number", "state", "what", "grade", "owner__username")),
        "clocks": list(Deadline.objects.order_by("pk").values_list("step", "due_at", "answered_at", "rung")),
        "ledger": list(
            LedgerEntry.objects.order_by("finding__number", "rule", "breached_at")
            .values_list("finding__number", "rule", "person__username", "breached_at")
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
            found["why"] = all(_explains(row) for row in Deadline.objects.explained())
            found["rungs"] = Escalation.objects.count() == len(set(Escalation.objects.values_list("deadline", "cycle", "rung")))
            raise Undo
    except Undo:
        return found


def _explains(row: Deadline) -> bool:
    said = why(row)
    return said.due_at == row.due_at and local(row.base_due_at, row.zone) in said.words


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
