"""`manage.py demo`: play a year of a fictitious group into an empty database."""

import json
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audits.models import Audit
from closure.models import Escalation, LedgerEntry
from demo.people import PASSWORD
from demo.play import Play
from findings.models import Finding
from people.models import User


class Command(BaseCommand):
    help = "Play a year of a fictitious group through the doors. Needs a database without people."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=2485)
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there are people already")

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError("The database has people already; the demo needs an empty one.")
        began = time.monotonic()
        Play(options["seed"]).run()
        said = {
            "people": User.objects.count(), "audits": Audit.objects.count(), "findings": Finding.objects.count(),
            "escalations": Escalation.objects.count(), "ledger": LedgerEntry.objects.count(),
            "seconds": round(time.monotonic() - began, 1), "password": PASSWORD,
        }
        self.stdout.write(json.dumps(said))
