"""`manage.py sweep`: fire what is due now, or at a given time, and print what was done as JSON."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from clocks.sweep import sweep


def moment_of(text: str) -> datetime:
    """An ISO time; without a zone it is read in the server's time zone."""
    try:
        at = parse_datetime(text)
    except ValueError:
        at = None
    if at is None:
        raise CommandError(f"--now {text!r} is not an ISO time such as 2026-11-22T18:00:00+08:00")
    return at if timezone.is_aware(at) else timezone.make_aware(at)


class Command(BaseCommand):
    help = "Fire every rung that is due. Safe to run twice, late, or side by side."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--now", help="ISO time to take for now")
        parser.add_argument("--dry-run", action="store_true", help="only count the clocks that are due")

    def handle(self, *args: Any, **options: Any) -> None:
        now = moment_of(options["now"]) if options["now"] else None
        counts = sweep(now=now, dry_run=options["dry_run"])
        self.stdout.write(json.dumps(asdict(counts) | {"dry_run": options["dry_run"]}))
