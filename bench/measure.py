"""What is measured: pages against minimal views, the sweep against bare SQL, the PDF against WeasyPrint alone."""

from collections.abc import Callable
from datetime import timedelta

from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from bench.data import fill
from closure.models import Escalation, LedgerEntry
from closure.sweep import sweep
from findings.models import Deadline, Finding
from notices.models import Notice
from people.models import User
from reports import pdf
from reports.months import Month
from reports.summary import drawings, summary

SideBySide = Callable[..., tuple[float, float]]

#: The same rows the sweep writes for a clock whose due rung fires: one statement, nothing computed in Python.
BARE_SWEEP = """
WITH due AS (
  SELECT d.id, d.finding_id, d.step, d.cycle, d.rung, d.due_at, f.number, f.owner_id, f.closure_manager_id, s.unit_id
  FROM findings_deadline d JOIN findings_finding f ON f.id = d.finding_id JOIN people_site s ON s.id = f.site_id
  WHERE d.next_alarm_at <= %(now)s ORDER BY d.next_alarm_at, d.id FOR NO KEY UPDATE OF d SKIP LOCKED
), fired AS (
  INSERT INTO closure_escalation (deadline_id, cycle, rung, level, breached_at, fired_at, told)
  SELECT id, cycle, rung, 'red', due_at, %(now)s, jsonb_build_array(owner_id, closure_manager_id) FROM due
  ON CONFLICT DO NOTHING
), told AS (
  INSERT INTO notices_notice (id, recipient_id, kind, key, level, facts, url, created_at, needs_answer)
  SELECT gen_random_uuid(), p, 'clock', finding_id || ':' || step || ':' || cycle || ':' || rung, 'red',
         jsonb_build_object('number', number), '/findings/' || number || '/', %(now)s, false
  FROM due, LATERAL (VALUES (owner_id), (closure_manager_id)) AS who(p) ON CONFLICT DO NOTHING RETURNING id
), sent AS (
  INSERT INTO notices_delivery (id, notice_id, channel, status, attempts, next_try_at, error)
  SELECT gen_random_uuid(), id, 'email', 'pending', 0, %(now)s, '' FROM told ON CONFLICT DO NOTHING
), listed AS (
  INSERT INTO closure_ledgerentry (number, person_id, unit_id, finding_id, deadline_id, rule, month, breached_at,
                                   recorded_at, facts)
  SELECT number || '-' || step || '-' || cycle, owner_id, unit_id, finding_id, id, 'late_contain', '2026-01', due_at,
         %(now)s, '{}'::jsonb FROM due ON CONFLICT DO NOTHING
)
UPDATE findings_deadline d SET rung = d.rung + 1, next_alarm_at = due.due_at + interval '4 hours'
FROM due WHERE due.id = d.id
"""


def say(name: str, ours: float, bare: float, note: str, *, inverse: bool = False) -> None:
    ratio = bare / ours if inverse else ours / bare
    print(f"  {name:<34} {ours:9.1f} ms   beside {bare:9.1f} ms   {ratio:5.2f}×  {note}", flush=True)


def report(sizes: list[int], rounds: int, side_by_side: SideBySide) -> None:
    call_command("migrate", verbosity=0)
    for size in sizes:
        fill(size)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        print(f"\n{size:,} findings, {Deadline.objects.count():,} clocks; median of {rounds}", flush=True)
        _pages(rounds, side_by_side)
        _sweep(size, rounds, side_by_side)
        _report(rounds, side_by_side)


def _pages(rounds: int, side_by_side: SideBySide) -> None:
    client = Client()
    client.force_login(User.objects.get(username="leader1"), backend="django.contrib.auth.backends.ModelBackend")
    number = Finding.objects.filter(state="customer_closed").order_by("-id").values_list("number", flat=True)[0]

    def get(url: str) -> Callable[[], None]:
        def act() -> None:
            assert client.get(url).status_code == 200

        return act

    note = "of the speed of a minimal view"
    say("list page", *side_by_side(rounds * 3, get("/findings/"), get("/bench/list/")), note, inverse=True)
    part = Client(headers={"HX-Request": "true"})
    part.cookies = client.cookies
    say("list page, htmx part",
        *side_by_side(rounds * 3, lambda: part.get("/findings/?state=issued"), get("/bench/list/")), note, inverse=True)
    say("finding page", *side_by_side(rounds * 3, get(f"/findings/{number}/"), get(f"/bench/page/{number}/")), note,
        inverse=True)


def _due(size: int) -> int:
    """Make a hundredth of the findings' first clocks due for their second rung, with nothing fired yet."""
    Notice.objects.filter(kind="clock").delete()
    LedgerEntry.objects.all().delete()
    Escalation.objects.all().delete()
    now = timezone.now()
    ids = Deadline.objects.filter(step="contain", answered_at=None).order_by("id").values_list("id", flat=True)
    chosen = list(ids[: size // 100])
    Deadline.objects.filter(id__in=chosen).update(
        rung=1, started_at=now - timedelta(hours=25), due_at=now - timedelta(minutes=1),
        next_alarm_at=now - timedelta(minutes=1),
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE findings_deadline")
    return len(chosen)


def _sweep(size: int, rounds: int, side_by_side: SideBySide) -> None:
    import statistics
    import time

    times: dict[str, list[float]] = {"ours": [], "bare": []}
    count = 0
    for _round in range(rounds):
        for name in times:
            count = _due(size)
            began = time.perf_counter()
            if name == "ours":
                assert sweep().clocks == count
            else:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(BARE_SWEEP, {"now": timezone.now()})
            times[name].append((time.perf_counter() - began) * 1000)
            assert Escalation.objects.count() == count and LedgerEntry.objects.count() == count
    medians = {name: statistics.median(found) for name, found in times.items()}
    say(f"sweep, {count:,} due", medians["ours"], medians["bare"], "of the time of bare SQL doing the same writes")

    def probe() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM findings_deadline WHERE next_alarm_at <= now() LIMIT 1")
            cursor.fetchall()

    _quiet()
    say("idle sweep", *side_by_side(rounds * 3, sweep, probe), "of one index probe (heartbeat and savepoints included)")


def _quiet() -> None:
    Deadline.objects.filter(next_alarm_at__lte=timezone.now()).update(next_alarm_at=timezone.now() + timedelta(days=300))


def _report(rounds: int, side_by_side: SideBySide) -> None:
    from django.template.loader import render_to_string

    month = Month.current()
    made = summary(month)
    context = {"summary": made, "f": made.figures, "charts": drawings(made.figures)}
    html = render_to_string("reports/month_pdf.html", context)
    say("PDF of the month", *side_by_side(3, lambda: pdf.of_summary(summary(month)), lambda: pdf.render(html)),
        "of the time of WeasyPrint alone (figures and template included)")
