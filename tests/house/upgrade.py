"""Databases as each version left them, for the test that the next one can carry them on.

`python -m tests.house.upgrade NAME` fills tests/house/upgrades/NAME.sqlite3.gz and, on the PostgreSQL of DATABASE_URL (see
scripts/services.py), NAME.sql.gz. Run it with a version that is about to be left behind, never again afterwards.
"""

import gzip
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
KEPT = Path(__file__).with_name("upgrades")
#: A small play that still has every state, an exemption and ledger entries.
PLAY = "from demo.play import Play; Play(2485, audits=14, findings=24).run()"


def environment(folder: Path, database: str = "") -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL", "VAR_DIR"}}
    # With a real database the product refuses the demo's open door; the play itself needs none.
    return plain | {"VAR_DIR": str(folder), "DEMO": "0"} | ({"DATABASE_URL": database} if database else {})


def manage(settings: dict[str, str], *arguments: str) -> str:
    """Run a management command; what it said. Raises CalledProcessError, with what it said on the error stream."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"{' '.join(arguments)}\n{done.stderr}")
    return done.stdout


def server(statement: str) -> None:
    """One statement on the server itself, outside any transaction."""
    import psycopg2

    connection = psycopg2.connect(os.environ["DATABASE_URL"].replace("postgres://", "postgresql://"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


def url(name: str) -> str:
    """The address of another database on the same server."""
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def keep(name: str) -> None:
    KEPT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = environment(Path(folder))
        manage(settings, "migrate", "-v0")
        manage(settings, "shell", "-v0", "-c", PLAY)
        manage(
            settings, "shell", "-v0", "-c", "from django.db import connection; connection.cursor().execute('VACUUM')"
        )
        (KEPT / f"{name}.sqlite3.gz").write_bytes(gzip.compress((Path(folder) / "db.sqlite3").read_bytes(), 9))
    if not os.environ.get("DATABASE_URL"):
        print("DATABASE_URL is not set: PostgreSQL left out", file=sys.stderr)
        return
    database = f"upgrade_{os.getpid()}"
    server(f"CREATE DATABASE {database}")
    try:
        with tempfile.TemporaryDirectory() as folder:
            settings = environment(Path(folder), url(database))
            manage(settings, "migrate", "-v0")
            manage(settings, "shell", "-v0", "-c", PLAY)
        dump = ["pg_dump", "--no-owner", "--no-privileges", "--inserts", "--rows-per-insert=500", url(database)]
        text = subprocess.run(dump, capture_output=True, check=True, text=True).stdout
        # Lines for psql alone, which no driver understands.
        plain = "\n".join(line for line in text.splitlines() if not line.startswith(("\\", "--")))
        (KEPT / f"{name}.sql.gz").write_bytes(gzip.compress(plain.encode(), 9))
    finally:
        server(f"DROP DATABASE {database} WITH (FORCE)")


if __name__ == "__main__":
    keep(sys.argv[1])
