"""The trail: append-only, chained, and broken links show."""

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from findings.models import FindingEvent
from tests.world import World
from workflow.trail import broken


def events(world: World):
    finding = world.finding("closed")
    return finding, FindingEvent.objects.filter(finding=finding).order_by("position")


def test_every_move_leaves_one_event_in_order(world: World) -> None:
    _finding, rows = events(world)
    assert [row.move for row in rows] == [
        "create", "issue", "leader_review", "submit_containment", "submit_analysis", "submit_implementation", "close"
    ]
    assert [row.target for row in rows][-1] == "closed"
    assert broken(rows) == []


def test_the_database_refuses_changes(world: World) -> None:
    _finding, rows = events(world)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(move="x")


def test_a_changed_or_missing_event_shows(world: World) -> None:
    _finding, rows = events(world)
    changed = list(rows)
    changed[2].facts = {"action": "nachträglich"}
    assert len(broken(changed)) == 1
    assert len(broken([row for row in rows if row.position != 3])) == 1


def test_the_command_verifies_everything(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    events(world)
    call_command("verify_trail")
    assert "whole" in capsys.readouterr().out
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE findings_findingevent DISABLE TRIGGER USER")
        else:
            cursor.execute("DROP TRIGGER findings_findingevent_no_update")
        cursor.execute("UPDATE findings_findingevent SET move = 'x' WHERE position = 2")
    with pytest.raises(CommandError, match="position 2"):
        call_command("verify_trail")


def test_a_deputy_acts_with_both_names(world: World) -> None:
    from tests.world import deputise

    finding = world.finding("issued")
    deputise(world, "owner", "actor")
    world.contain(finding, who="actor")
    last = FindingEvent.objects.filter(finding=finding).order_by("-position").first()
    assert (last.by, last.on_behalf_of) == (world.users["actor"], world.users["owner"])
    submission = finding.submissions.get()
    assert (submission.by, submission.on_behalf_of) == (world.users["actor"], world.users["owner"])
