"""Run a command on PostgreSQL and Redis; without them it fails and says how to start them."""

from __future__ import annotations

import os
import subprocess
import sys

DATABASE_URL = "postgres://postgres@127.0.0.1:5432/postgres"
REDIS_URL = "redis://127.0.0.1:6379/9"


def check_database(url: str) -> None:
    import psycopg2

    try:
        psycopg2.connect(url.replace("postgres://", "postgresql://"), connect_timeout=5).close()
    except psycopg2.OperationalError as error:
        raise SystemExit(
            f"PostgreSQL does not answer at {url}: start it (Debian: pg_ctlcluster 15 main start) or set DATABASE_URL.\n"
            f"{error}"
        ) from error


def check_redis(url: str) -> None:
    import redis

    try:
        redis.Redis.from_url(url, socket_connect_timeout=5).ping()
    except redis.RedisError as error:
        raise SystemExit(
            f"Redis does not answer at {url}: start it (redis-server --daemonize yes) or set REDIS_URL.\n{error}"
        ) from error


def main() -> int:
    environment = {
        **os.environ,
        "DATABASE_URL": os.environ.get("DATABASE_URL") or DATABASE_URL,
        "REDIS_URL": os.environ.get("REDIS_URL") or REDIS_URL,
        "SERVICES": "1",
    }
    check_database(environment["DATABASE_URL"])
    check_redis(environment["REDIS_URL"])
    return subprocess.run(sys.argv[1:], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
