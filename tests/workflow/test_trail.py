"""The trail: append-only, chained, and broken links show."""

from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from clocks.sweep import sweep
from findings.models import FindingEvent
from lib import moment
from reports.actions import publish
from reports.periods import Period
from tests.world import World
from workflow.trail import broken


def events(world: World):
    finding = world.finding("closed")
    return finding, FindingEvent.objects.filter(finding=finding).order_by("position")


def test_every_move_leaves_one_event_in_order(world: World) -> None:
    _finding, rows = events(world)
    assert [row.move for row in rows] == [
        "create",
        "issue",
        "leader_review",
        "submit_containment",
        "submit_analysis",
        "submit_implementation",
        "close",
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


def _raw(*statements: str) -> None:
    """Change the database behind the product's back, as somebody with its password could."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET session_replication_role = replica")
        else:
            for table in ("audits_auditevent", "findings_findingevent"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_update")
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_delete")
        for statement in statements:
            cursor.execute(statement)
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = DEFAULT")


TAMPERINGS = {
    "the last events are deleted": ("DELETE FROM findings_findingevent WHERE position >= 7", "the trail has"),
    "the whole trail is deleted": ("DELETE FROM findings_findingevent", "no trail at all"),
    "an audit's trail is deleted": ("DELETE FROM audits_auditevent", "no trail at all"),
    "T0 is moved": ("UPDATE findings_finding SET issued_at = '2026-03-07 10:00:00+00:00'", "issued_at"),
    "a closure is back-dated": ("UPDATE findings_finding SET closed_at = '2026-03-06 11:00:00+00:00'", "closed_at"),
    "a state is set by hand": ("UPDATE findings_finding SET state = 'effective'", "the trail ends at"),
    "a due time is moved": (
        "UPDATE clocks_deadline SET due_at = '2026-04-01 10:00:00+00:00' WHERE step = 'contain'",
        "its changes say",
    ),
    "a due time is moved with all its copies": (
        "UPDATE clocks_deadline SET due_at = '2026-04-01 10:00:00+00:00', original_due_at = '2026-04-01 10:00:00+00:00', "
        "base_due_at = '2026-04-01 10:00:00+00:00', judged_due_at = '2026-04-01 10:00:00+00:00' WHERE step = 'contain'",
        "the policy gives",
    ),
    "a clock is started later": (
        "UPDATE clocks_deadline SET started_at = '2026-03-06 13:13:13+00:00' WHERE step = 'contain'",
        "nothing happened",
    ),
    "an answer is dated earlier": (
        "UPDATE findings_submission SET submitted_at = '2026-03-06 10:30:00+00:00' WHERE step = 'analyse'",
        "the trail says",
    ),
    "an answer says something else": (
        """UPDATE findings_submission SET data = '{"place": "x", "thing": "y"}' WHERE step = 'analyse'""",
        "says something else",
    ),
    "a return is deleted": ("DELETE FROM findings_verdict WHERE outcome = 'returned'", "returns are recorded"),
    "an acceptance is made up": (
        "UPDATE findings_verdict SET at = '2026-03-06 10:31:00+00:00' WHERE outcome = 'accepted'",
        "acceptances",
    ),
    "an entry of the ledger names somebody else": (
        "UPDATE closure_ledgerentry SET person_id = (SELECT id FROM people_user WHERE username = 'stranger')",
        "never owed",
    ),
    "an entry of the ledger is moved to another month": (
        "UPDATE closure_ledgerentry SET breached_at = '2026-02-06 10:31:00+00:00'",
        "was not due",
    ),
    "a published figure is changed": (
        """UPDATE reports_publication SET words = 'all is well'""",
        "not what was published",
    ),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_tampering_beside_the_chain_shows(what: str, world: World, t0: datetime) -> None:
    with moment.travel(t0):
        finding = world.contain(world.finding("issued"))
        world.do(finding, "send_back", "closure", step="contain", reason="没有数量")
    sweep(now=t0 + timedelta(hours=30))
    with moment.travel(t0 + timedelta(hours=31)):
        for step in (world.contain, world.analyse, world.implement):
            finding = type(finding).objects.get(pk=step(finding).pk)
        world.do(finding, "close", "closure", verified_how="on_site", conclusion="看到了")
    with moment.travel(t0.replace(month=4)):
        publish(Period.month(2026, 3), by=world.user("leader"), words="说明")
    call_command("verify_trail")
    statement, words = TAMPERINGS[what]
    _raw(statement)
    with pytest.raises(CommandError, match=words):
        call_command("verify_trail")
