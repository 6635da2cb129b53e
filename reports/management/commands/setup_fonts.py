"""`manage.py setup_fonts`: write the font settings of the PDF and say what is missing."""

from typing import Any

from django.core.management.base import BaseCommand

from reports import fonts


class Command(BaseCommand):
    help = "Write var/fonts.conf and name the system packages that the PDF still needs."

    def handle(self, *args: Any, **options: Any) -> None:
        fonts.write_conf()
        if sentence := fonts.hint():
            self.stdout.write(f"· {sentence}")
