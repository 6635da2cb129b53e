"""`manage.py demo`: play a year of a fictitious group into an empty database."""

import json
import time
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audits.models import Audit
from clocks.models import Escalation
from closure.models import LedgerEntry
from demo.people import PASSWORD
from demo.play import AUDITS, FINDINGS, FULL_AUDITS, FULL_FINDINGS, Play
from findings.models import Finding
from people.models import User


class Command(BaseCommand):
    help = "Play a year of a fictitious group through the doors. Needs a database without people."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=2485)
        parser.add_argument(
            "--full", action="store_true", help="the year of a big plant: 44 audits, 330 findings; takes minutes"
        )
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there are people already")

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError("The database has people already; the demo needs an empty one.")
        began = time.monotonic()
        audits, findings = (FULL_AUDITS, FULL_FINDINGS) if options["full"] else (AUDITS, FINDINGS)
        Play(options["seed"], audits=audits, findings=findings, told=self._tell()).run()
        said = {
            "people": User.objects.count(),
            "audits": Audit.objects.count(),
            "findings": Finding.objects.count(),
            "escalations": Escalation.objects.count(),
            "ledger": LedgerEntry.objects.count(),
            "seconds": round(time.monotonic() - began, 1),
            "password": PASSWORD,
        }
        self.stdout.write(json.dumps(said))

    def _tell(self) -> Callable[[int], None]:
        """Say on the error stream how far the play has come, a line for every tenth."""
        said = 0

        def told(percent: int) -> None:
            nonlocal said
            if percent // 10 > said:
                said = percent // 10
                self.stderr.write(f"  demo: {said * 10} % of the year played")

        return told
