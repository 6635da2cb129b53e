from typing import Any

from django.core.management.base import BaseCommand

from search.index import rebuild


class Command(BaseCommand):
    help = "Write the whole index of the search anew, for instance after rows were filled in by SQL."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{rebuild()} records can be found")
