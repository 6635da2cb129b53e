"""The clock engine beside bare SQL: the sweep busy and idle, issuing, delivering, memory."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from django.core import mail
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone

from audits.models import Audit
from clocks.deadlines import Deadline
from clocks.health import keep_canary
from clocks.models import Escalation
from clocks.sweep import sweep
from closure.models import LedgerEntry
from findings import actions
from notices.actions import Owed, write
from notices.delivery import deliver
from notices.models import Delivery, Notice
from people.models import Site, User
from people.rules import roles_of

SideBySide = Callable[..., tuple[float, float]]
Say = Callable[..., None]

#: The same rows the sweep writes for a clock whose due rung fires: one statement, nothing computed in Python.
BARE_SWEEP = """
WITH due AS (
  SELECT d.id, f.id AS finding_id, d.step, d.cycle, d.rung, d.due_at, f.number, f.what, d.owes_id, f.closure_manager_id,
         s.unit_id, s.name
  FROM clocks_deadline d JOIN findings_finding f ON f.id = d.subject_id JOIN people_site s ON s.id = f.site_id
  WHERE d.next_alarm_at <= %(now)s ORDER BY d.next_alarm_at, d.id FOR NO KEY UPDATE OF d SKIP LOCKED
), fired AS (
  INSERT INTO clocks_escalation (deadline_id, cycle, rung, level, breached_at, fired_at, told)
  SELECT id, cycle, rung, 'red', due_at, %(now)s,
         jsonb_build_array(jsonb_build_object('id', owes_id), jsonb_build_object('id', closure_manager_id)) FROM due
  ON CONFLICT DO NOTHING
), told AS (
  INSERT INTO notices_notice (id, recipient_id, kind, key, topic, level, facts, url, created_at, needs_answer)
  SELECT md5(p || ':clock:' || due.id || rung)::uuid, p, 'clock', due.id || ':' || step || ':' || rung, 'clock:' || due.id,
         'red', jsonb_build_object('number', number, 'step', step, 'what', what, 'site', name, 'due', due_at::text,
         'late', true), '/findings/' || number || '/', %(now)s, false
  FROM due, LATERAL (VALUES (owes_id), (closure_manager_id)) AS who(p) ON CONFLICT DO NOTHING RETURNING id
), sent AS (
  INSERT INTO notices_delivery (id, notice_id, channel, status, attempts, next_try_at, error)
  SELECT md5(id || 'email')::uuid, id, 'email', 'pending', 0, %(now)s, '' FROM told ON CONFLICT DO NOTHING
), listed AS (
  INSERT INTO closure_ledgerentry (number, person_id, unit_id, finding_id, deadline_id, rule, month, breached_at,
                                   recorded_at, facts)
  SELECT number || '-' || step || '-' || cycle || '-' || rung, owes_id, unit_id, finding_id, id, 'late_contain',
         to_char(due_at, 'YYYY-MM'), due_at, %(now)s,
         jsonb_build_object('policy', '2485', 'version', 1, 'started', due_at::text, 'due', due_at::text, 'zone', 'x')
  FROM due ON CONFLICT DO NOTHING
), beaten AS (
  UPDATE clocks_heartbeat SET at = %(now)s, counts = jsonb_build_object('clocks', (SELECT count(*) FROM due))
  WHERE job = 'sweep'
)
UPDATE clocks_deadline d SET rung = d.rung + 1, next_alarm_at = due.due_at + interval '4 hours'
FROM due WHERE due.id = d.id
"""


def engine(size: int, rounds: int, side_by_side: SideBySide, say: Say) -> None:
    """Everything at one size of the tables."""
    keep_canary()
    sweep()
    _busy(size, rounds, say)
    _idle(rounds, side_by_side, say)


def _clear() -> None:
    """Take back what sweeps wrote, and leave every table as tidy as it was before the first."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "TRUNCATE notices_notice, notices_delivery, closure_ledgerentry, clocks_escalation RESTART IDENTITY CASCADE"
            )
        return
    for model in (Delivery, Notice, LedgerEntry, Escalation):
        model.objects.all().delete()


def due(count: int) -> int:
    """Make the first clocks of `count` open findings due for their second rung, with nothing fired yet."""
    _clear()
    now = timezone.now()
    ids = Deadline.objects.filter(step="contain", answered_at=None).order_by("id").values_list("id", flat=True)
    chosen = Deadline.objects.filter(id__in=list(ids[:count]))
    moved = chosen.update(
        rung=1,
        started_at=now - timedelta(hours=25),
        due_at=now - timedelta(minutes=1),
        next_alarm_at=now - timedelta(minutes=1),
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE clocks_deadline")
    return moved


def _busy(size: int, rounds: int, say: Say) -> None:
    times: dict[str, list[float]] = {"ours": [], "bare": []}
    peak, count = 0.0, 0
    both = ("ours", "bare") if connection.vendor == "postgresql" else ("ours",)
    for turn in range(rounds + 1):  # the first warms up; who goes first changes from round to round
        for name in both[:: 1 if turn % 2 else -1]:
            count = due(size // 100)
            before = _lower_peak() if name == "ours" else 0.0
            began = time.perf_counter()
            if name == "ours":
                done = sweep()
            else:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(BARE_SWEEP, {"now": timezone.now()})
            times[name].append((time.perf_counter() - began) * 1000)
            if name == "ours":
                assert done.clocks == count, done
                peak = max(peak, _memory("VmHWM") - before)
            assert Escalation.objects.count() == LedgerEntry.objects.count() == count
            assert Notice.objects.count() == Delivery.objects.count() == 2 * count
    ours = statistics.median(times["ours"][1:])
    bare = statistics.median(times["bare"][1:]) if times["bare"] else float("nan")
    say(f"sweep, {count:,} due", ours, bare, "of the time of bare SQL doing the same writes")
    print(
        f"  {'sweep, memory':<34} {peak:9.1f} MB at most above what the process held before, {count:,} due", flush=True
    )


def _memory(name: str) -> float:
    """A figure of the kernel about this process, in MB."""
    found = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(found.split()[1]) / 1024


def _lower_peak() -> float:
    """Let the kernel forget the peak so far. Returns what the process holds now, in MB."""
    Path("/proc/self/clear_refs").write_text("5")
    return _memory("VmRSS")


def _idle(rounds: int, side_by_side: SideBySide, say: Say) -> None:
    Deadline.objects.filter(next_alarm_at__lte=timezone.now() + timedelta(days=1)).update(
        next_alarm_at=timezone.now() + timedelta(days=300)
    )
    statement = "SELECT 1 FROM clocks_deadline WHERE next_alarm_at <= %s LIMIT 1"

    def probe() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, [timezone.now()])
            cursor.fetchall()

    def probe_and_beat() -> None:
        probe()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE clocks_heartbeat SET at = %s WHERE job = 'sweep'", [timezone.now()])

    say("idle sweep", *side_by_side(rounds * 9, sweep, probe), "of one index probe")
    say("idle sweep", *side_by_side(rounds * 9, sweep, probe_and_beat), "of one index probe and the heartbeat's update")


def issuing(rounds: int, say: Say) -> None:
    """A hundred drafts of one audit issued in one go, beside inserting their clocks alone."""
    escort = User.objects.get(username="escort1")
    roles_of(escort)
    times: dict[str, list[float]] = {"ours": [], "bare": []}
    for _round in range(rounds):
        audit = Audit.objects.create(
            number=f"I-{time.time_ns() % 10**14}",
            state="on_site",
            leader=User.objects.get(username="leader1"),
            lead_escort=escort,
            received_at=timezone.now(),
            created_at=timezone.now(),
            actual_start=timezone.now(),
        )
        site = Site.objects.select_related("owner", "closure_manager").first()
        assert site is not None
        fields: dict[str, Any] = dict.fromkeys(("what", "when", "where", "found_by", "why", "how", "how_much"), "x")
        drafts = [actions.create(audit, by=escort, fields=fields | {"site": site}) for _n in range(100)]
        began = time.perf_counter()
        assert len(actions.issue_many(audit, [one.pk for one in drafts], by=escort)) == 100
        times["ours"].append((time.perf_counter() - began) * 1000)
        clocks = list(Deadline.objects.filter(finding__audit=audit))
        Deadline.objects.filter(pk__in=[one.pk for one in clocks]).delete()
        began = time.perf_counter()
        Deadline.objects.bulk_create(clocks)
        times["bare"].append((time.perf_counter() - began) * 1000)
    say(
        "issue 100 findings",
        statistics.median(times["ours"]),
        statistics.median(times["bare"]),
        "of inserting their clocks alone (100 doors: lock, gate, trail, notices, clocks)",
    )


class Sink:
    """A mail server that takes everything."""

    taken = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.taken += 1
        return "250 OK"


@contextmanager
def sink() -> Iterator[Sink]:
    handler = Sink()
    server = Controller(handler, hostname="127.0.0.1", port=0)
    server.port = _free_port()
    server.start()
    settings = {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": server.port,
        "EMAIL_HOST_USER": "",
        "EMAIL_HOST_PASSWORD": "",
        "EMAIL_USE_TLS": False,
    }
    try:
        with override_settings(**settings):
            yield handler
    finally:
        server.stop()


def _free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def delivering(say: Say) -> None:
    """Messages to the local mail server: ours beside the same messages from Django alone over one connection."""
    users = list(User.objects.order_by("pk")[:40])
    count = 0
    with sink() as taken:
        _clear()
        facts = {
            "number": "N-1",
            "step": "contain",
            "what": "扭力缺失",
            "site": "一线",
            "due": "2026-01-01 08:00",
            "late": True,
        }
        write(
            [
                Owed(user.pk, "clock", f"{n}:contain:1", level="red", facts=facts, topic=f"clock:{n}")
                for n in range(50)
                for user in users
            ]
        )
        began = time.perf_counter()
        while sum(done := deliver().values()):
            count += sum(done)
        ours = (time.perf_counter() - began) * 1000
        messages = taken.taken
        began = time.perf_counter()
        with mail.get_connection() as post:
            for n in range(messages):
                mail.EmailMessage(f"s{n}", "x" * 4000, to=["x@example.invalid"], connection=post).send()
        bare = (time.perf_counter() - began) * 1000
    say(
        f"deliver {count:,} notices",
        ours,
        bare,
        f"of sending {messages} such messages with Django alone; {count / ours * 1000:,.0f} notices a second",
    )
