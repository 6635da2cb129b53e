"""Servers of the fault run's own: a PostgreSQL cluster, a Redis and a mail server that may be killed at will."""

import asyncio
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from email import message_from_bytes
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait(answers: Any, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not answers():
        if time.monotonic() > until:
            raise SystemExit("a server did not come up")
        time.sleep(0.1)


class Postgres:
    """A cluster in a folder of its own, with fsync on; root hands it to the user postgres."""

    def __init__(self, folder: Path) -> None:
        found = [*sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")), Path(shutil.which("initdb") or "/")][0]
        if not found.is_file():
            raise SystemExit("make faults needs PostgreSQL's own programs: install the system package postgresql.")
        self.bin, self.folder, self.port = found.parent, folder / "pg", free_port()
        self.folder.mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
            shutil.chown(self.folder, "postgres")
        self._as("initdb", "-D", str(self.folder), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale")
        self.start()
        self._as("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "audit")
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/audit"

    def _as(self, program: str, *arguments: str) -> None:
        command = [str(self.bin / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/tmp")

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}"
        self._as("pg_ctl", "-D", str(self.folder), "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def crash(self) -> None:
        """Stop at once, as a power cut would, and come up again with recovery."""
        self._as("pg_ctl", "-D", str(self.folder), "-m", "immediate", "stop")
        time.sleep(1)
        self.start()

    def stop(self) -> None:
        self._as("pg_ctl", "-D", str(self.folder), "-m", "immediate", "stop")


class Redis:
    """A Redis that keeps nothing on disk: killed, it has forgotten every task."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server")
        if program is None:
            raise SystemExit("make faults needs redis-server: install the system package redis-server.")
        self.program, self.folder, self.port = program, folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        command = [self.program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen([*command, "--dir", "/tmp"], stdout=subprocess.DEVNULL)
        _wait(self._answers)

    def _answers(self) -> bool:
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0

    def crash(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        time.sleep(1)
        self.start()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


class Mail:
    """A mail server that refuses now and later, hangs and hangs up; what it took stands in `log`."""

    def __init__(self, rng: random.Random) -> None:
        self.rng, self.port, self.bad = rng, free_port(), True
        #: (message id, ids of the notices in it) of every message taken, also where the sender never heard of it.
        self.log: list[tuple[str, tuple[str, ...]]] = []
        self.misbehaved: dict[str, int] = {}
        self._server = Controller(self, hostname="127.0.0.1", port=self.port)
        self._server.start()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        how = self.rng.choices(["well", "4xx", "5xx", "hang", "drop", "took and dropped"], [70, 10, 6, 2, 6, 6])[0]
        how = how if self.bad else "well"
        self.misbehaved[how] = self.misbehaved.get(how, 0) + 1
        if how == "4xx":
            return "451 try later"
        if how == "5xx":
            return "554 refused"
        if how == "hang":
            await asyncio.sleep(5)
            return "421 too slow"
        if how == "drop":
            server.transport.abort()
            return "421 bye"
        message = message_from_bytes(envelope.content)
        notices = tuple(" ".join(str(message["X-Notices"]).split()).split(", "))
        self.log.append((str(message["Message-ID"]), notices))
        if how == "took and dropped":
            server.transport.abort()
        return "250 OK"

    def stop(self) -> None:
        self._server.stop()
