"""`make bench`: what the product costs beside the unavoidable, as ratios measured side by side in one run.

Needs PostgreSQL (scripts/services.py sees to it). Works in a database of its own, which it makes and drops.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

NAME = "audit_bench"


def own_database(create: bool) -> str:
    """The URL of the bench's own database, made (or dropped) on the server of DATABASE_URL."""
    import psycopg2

    given = urlsplit(os.environ["DATABASE_URL"])
    connection = psycopg2.connect(urlunsplit(given._replace(scheme="postgresql")))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        if create:
            cursor.execute(f"CREATE DATABASE {NAME}")
    connection.close()
    return urlunsplit(given._replace(path=f"/{NAME}"))


def side_by_side(
    rounds: int, first: Callable[[], Any], second: Callable[[], Any], warm: bool = True
) -> tuple[float, float]:
    """Medians in milliseconds of both, taken in turns so that both see the same weather."""
    if warm:
        first(), second()
    times: tuple[list[float], list[float]] = ([], [])
    for _round in range(rounds):
        for kept, act in zip(times, (first, second), strict=True):
            began = time.perf_counter()
            act()
            kept.append((time.perf_counter() - began) * 1000)
    return statistics.median(times[0]), statistics.median(times[1])


def sqlite(options: argparse.Namespace) -> None:
    """The engine on the embedded database, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.pop("DATABASE_URL", None)
        os.environ.update(VAR_DIR=folder, DJANGO_SETTINGS_MODULE="bench.settings")
        import django

        django.setup()
        from bench.measure import report

        only = "search" if options.only == "search" else "engine"
        report([int(size) for size in options.sizes.split(",")], options.rounds, side_by_side, only)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", choices=["all", "engine", "pages", "search"], default="all")
    parser.add_argument("--sqlite", action="store_true", help="the same on SQLite, where there is no bare SQL beside")
    options = parser.parse_args()
    if options.sqlite:
        sqlite(options)
        return
    if not os.environ.get("DATABASE_URL"):
        sys.exit("bench needs PostgreSQL: run make bench")
    server = os.environ["DATABASE_URL"]
    os.environ["DATABASE_URL"] = own_database(create=True)
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    try:
        import django

        django.setup()
        from bench.measure import report

        report([int(size) for size in options.sizes.split(",")], options.rounds, side_by_side, options.only)
    finally:
        from django.db import connections

        connections.close_all()
        os.environ["DATABASE_URL"] = server
        own_database(create=False)


if __name__ == "__main__":
    main()
