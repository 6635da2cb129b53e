"""`manage.py report --month 2026-10 --pdf out.pdf`: the report of a period as PDF, or its figures as JSON."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from reports import pdf
from reports.periods import Period
from reports.summary import summary


class Command(BaseCommand):
    help = "Make the report about a period."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--month", "--period", dest="period", required=True, help="such as 2026-10, 2026-Q4, 2026-H2 or 2026"
        )
        parser.add_argument("--pdf", type=Path, help="write the PDF here; without it the figures are printed as JSON")
        parser.add_argument("--language", default=settings.LANGUAGE_CODE, choices=[c for c, _n in settings.LANGUAGES])

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"]):
            try:
                made = summary(Period.past_or_present(options["period"]))
                if options["pdf"] is None:
                    self.stdout.write(json.dumps(made.figures, ensure_ascii=False, indent=1))
                    return
                content = pdf.of_summary(made)
                options["pdf"].write_bytes(content)
            except (ValueError, pdf.PdfUnavailable, OSError) as error:
                raise CommandError(str(error)) from error
        self.stdout.write(f"{options['pdf']} {len(content)} bytes sha256 {pdf.fingerprint(content)}")
