"""`make faults`: workers killed at random, servers crashing, a mail server that misbehaves; then everything is counted.

Two sweep workers, two delivery workers and two beats of the product itself, on a PostgreSQL, a Redis and a mail server of
the run's own. Counted from the database and the mail server's log: every rung of every clock decided exactly once for
every person and channel, every message delivered at least once and always with the same id, none missing, none undecided.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bench.servers import Mail, Postgres, Redis

ROOT = Path(__file__).resolve().parent.parent
#: Seconds over which the clocks come due.
SPREAD = 120


class Workers:
    """The processes of the product, to be killed and put back."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.environment, self.folder = environment, folder
        celery = [sys.executable, "-m", "celery", "-A", "config"]
        self.commands = {
            f"{queue}{n}": [
                *celery,
                "worker",
                "-Q",
                queue,
                "-c",
                "1",
                "-n",
                f"{queue}{n}@here",
                "-l",
                "ERROR",
                "--without-gossip",
                "--without-mingle",
            ]
            for queue in ("sweep", "deliver")
            for n in (1, 2)
        }
        self.commands |= {f"beat{n}": [*celery, "beat", "-l", "ERROR"] for n in (1, 2)}
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        for name in self.commands:
            self.start(name)

    def start(self, name: str) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        environment = self.environment | {"BEAT_FILE": str(self.folder / f"{name}.schedule")}
        self.running[name] = subprocess.Popen(
            self.commands[name], cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        )

    def children(self, name: str) -> list[int]:
        """The processes that do the work for one worker."""
        found = subprocess.run(
            ["pgrep", "-P", str(self.running[name].pid)], capture_output=True, text=True, check=False
        )
        return [int(pid) for pid in found.stdout.split()]

    def kill_one(self, rng: random.Random) -> str:
        """Kill the working process of one worker with SIGKILL; one time in fifteen the whole worker or beat. Returns what."""
        name = rng.choice([one for one in self.commands if not one.startswith("beat")])
        if rng.random() < 1 / 15:
            name = rng.choice(list(self.commands))
            os.killpg(self.running[name].pid, signal.SIGKILL)
            self.running[name].wait()
            self.start(name)
            return "whole " + name.rstrip("12")
        children = self.children(name)
        if not children:
            return ""
        try:
            os.kill(rng.choice(children), signal.SIGKILL)
        except ProcessLookupError:
            return ""
        return name.rstrip("12")

    def look_after(self) -> None:
        """Start again whatever ended by itself (as a service manager would)."""
        for name, process in list(self.running.items()):
            if process.poll() is not None:
                self.start(name)

    def stop(self) -> None:
        for process in self.running.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def prepare(count: int) -> None:
    """`count` findings whose first clocks come due while the workers are being killed."""
    from django.core.management import call_command
    from django.db import connection

    from bench.data import fill
    from clocks.deadlines import Deadline

    call_command("migrate", verbosity=0)
    fill(count)
    Deadline.objects.exclude(step="contain").delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE clocks_deadline SET answered_at = NULL, accepted_at = NULL, started_at = now() - interval '2 days', "
            "due_at = now() + (id %% %s) * interval '1 second', "
            "next_alarm_at = now() + (id %% %s) * interval '1 second' - interval '4 hours'",
            [SPREAD, SPREAD],
        )


def let_time_pass() -> None:
    """Leases and waits of minutes and hours are over at once: nobody waits for them here."""
    from django.utils import timezone

    from notices.delivery import send_again
    from notices.models import Delivery

    Delivery.objects.filter(status=Delivery.Status.PENDING).update(next_try_at=timezone.now())
    send_again(list(Delivery.objects.filter(status=Delivery.Status.DEAD).values_list("pk", flat=True)))


def chaos(kills: int, workers: Workers, postgres: Postgres, redis: Redis, rng: random.Random) -> Counter[str]:
    """Kill until enough is killed; Redis and PostgreSQL crash on the way."""
    done: Counter[str] = Counter()
    crashes = {
        kills // 4: ("Redis", redis.crash),
        kills // 2: ("PostgreSQL", postgres.crash),
        kills * 3 // 4: ("Redis", redis.crash),
        kills * 7 // 8: ("PostgreSQL", postgres.crash),
    }
    while (total := sum(count for name, count in done.items() if "crash" not in name)) < kills:
        time.sleep(rng.uniform(0.05, 0.6))
        if total in crashes:
            name, crash = crashes.pop(total)
            crash()
            done[f"crash of {name}"] += 1
        workers.look_after()
        if killed := workers.kill_one(rng):
            done[killed] += 1
        if total % 25 == 0:
            _try(let_time_pass)
            print(f"\r  {total} kills", end="", flush=True)
    print()
    return done


def _try(act: Any) -> Any:
    """Do it on a fresh connection; a server that is down just now does not matter."""
    from django.db import Error, close_old_connections, connection

    try:
        connection.close()
        return act()
    except Error:
        close_old_connections()
        return None


def drain(workers: Workers, seconds: float) -> bool:
    """Let the product finish what is due. False when it did not in the given time."""
    from django.utils import timezone

    from clocks.deadlines import Deadline
    from notices.models import Delivery

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        workers.look_after()
        _try(let_time_pass)
        waiting = _try(lambda: Delivery.objects.filter(status=Delivery.Status.PENDING).count())
        due = _try(lambda: Deadline.objects.filter(next_alarm_at__lte=timezone.now()).count())
        print(f"\r  {due} clocks due, {waiting} deliveries waiting   ", end="", flush=True)
        if waiting == 0 and due == 0:
            print()
            return True
        time.sleep(5)
    print()
    return False


def count(mail: Mail, ended: Any) -> list[tuple[str, int, int]]:
    """What was found against what had to be: (name, found, expected)."""
    from clocks.deadlines import Deadline
    from clocks.models import Escalation
    from clocks.policy import rung_time
    from closure.models import LedgerEntry
    from notices.models import Delivery, Notice

    # The engine's own canary rings as well; it tells nobody and is not counted.
    clocks = list(Deadline.objects.filter(step="contain").select_related("policy_step").order_by("pk"))
    ladder = sorted(clocks[0].policy_step.rungs.all(), key=lambda rung: rung.position)
    due = {
        (row.pk, n)
        for row in clocks
        for n in range(40)
        if (at := rung_time(ladder, row.started_at, row.due_at, n)) is not None and at <= ended
    }
    fired = list(
        Escalation.objects.filter(deadline__step="contain").values_list(
            "deadline_id", "cycle", "rung", "fired_at", "told"
        )
    )
    # After an outage one notice per person tells the highest rung of one sweep: that is where a rung was decided.
    highest: dict[tuple[int, Any], int] = {}
    for clock, _cycle, rung, at, _told in fired:
        highest[clock, at] = max(rung, highest.get((clock, at), 0))
    decided = {(clock, highest[clock, at], one["id"]) for clock, _cycle, _rung, at, told in fired for one in told}
    notices = set()
    for key, person in Notice.objects.values_list("key", "recipient_id"):
        parts = key.split(":")
        notices.add((int(parts[0]), int(parts[2]), person))
    rows = list(Delivery.objects.values_list("pk", "status", "bundle"))
    taken: dict[str, set[str]] = {}
    for message, inside in mail.log:
        for notice in inside:
            taken.setdefault(notice, set()).add(message)
    by_status = Counter(status for _pk, status, _bundle in rows)
    ledger_rungs = {n for n, rung in enumerate(ladder) if rung.ledger}
    return [
        ("rungs due", len(due), len(due)),
        ("rungs decided", len({(clock, rung) for clock, _c, rung, _a, _t in fired}), len(due)),
        ("rungs decided twice", len(fired) - len({(c, y, r) for c, y, r, _a, _t in fired}), 0),
        ("rungs decided that were not due", len({(c, r) for c, _y, r, _a, _t in fired} - due), 0),
        ("ledger rows", LedgerEntry.objects.count(), sum(n in ledger_rungs for _clock, n in due)),
        ("(clock, rung, person) decided", len(notices), len(decided)),
        ("decided but not written, or written undecided", len(notices ^ decided), 0),
        ("deliveries", len(rows), len(decided)),
        ("deliveries sent", by_status.get("sent", 0), len(rows)),
        ("deliveries undecided", by_status.get("pending", 0) + by_status.get("dead", 0), 0),
        ("deliveries in the mail server's log", len(taken), len(rows)),
        ("deliveries the mail server never saw", len({str(pk) for pk, _s, _b in rows} - set(taken)), 0),
        ("deliveries under more than one message id", sum(len(ids) > 1 for ids in taken.values()), 0),
        ("messages taken more than once (same id)", len(mail.log) - len({one for one, _inside in mail.log}), -1),
    ]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clocks", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        postgres, redis, mail = Postgres(folder), Redis(folder), Mail(rng)
        environment = {
            **os.environ,
            "DATABASE_URL": postgres.url,
            "REDIS_URL": redis.url,
            "VAR_DIR": str(folder / "var"),
            "DJANGO_SETTINGS_MODULE": "bench.fault_settings",
            "SMTP_PORT": str(mail.port),
            "LOG_LEVEL": "ERROR",
        }
        os.environ.update(environment)
        import django

        django.setup()
        print(f"{options.clocks:,} clocks, {options.kills} kills, seed {options.seed}", flush=True)
        prepare(options.clocks)
        workers = Workers(environment, folder)
        began = time.monotonic()
        try:
            killed = chaos(options.kills, workers, postgres, redis, rng)
            mail.bad = False
            time.sleep(max(0.0, SPREAD + 5 - (time.monotonic() - began)))
            drained = drain(workers, 600)
        finally:
            workers.stop()
        return _say(options, mail, killed, drained, time.monotonic() - began, postgres, redis)


def _say(
    options: argparse.Namespace,
    mail: Mail,
    killed: Counter[str],
    drained: bool,
    seconds: float,
    postgres: Postgres,
    redis: Redis,
) -> int:
    from django.db import connections
    from django.utils import timezone

    found = count(mail, timezone.now())
    connections.close_all()
    mail.stop()
    redis.stop()
    postgres.stop()
    print(f"  killed: {', '.join(f'{name} {n}' for name, n in sorted(killed.items()))}")
    print(f"  mail server: {', '.join(f'{how} {n}' for how, n in sorted(mail.misbehaved.items()))}")
    bad = 0 if drained else 1
    for name, have, wanted in found:
        wrong = wanted >= 0 and have != wanted
        bad += wrong
        print(f"  {name:<50} {have:>9,}   {'' if wanted < 0 else f'expected {wanted:>9,}'} {'WRONG' if wrong else ''}")
    print(
        f"  {'everything holds' if not bad else 'IT DOES NOT HOLD'} after {seconds:.0f} s (seed {options.seed})",
        flush=True,
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
