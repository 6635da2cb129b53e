"""`manage.py verify_trail`: whether every trail is whole, and the records and published reports still say the same."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audits.models import Audit
from closure.verify import faults
from findings.models import Finding
from reports.bundle import is_whole
from reports.models import Publication


class Command(BaseCommand):
    help = "Check the hash chain of every trail, the records against it, and the hash of every published report."

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(faults())
        published = Publication.objects.select_related("published_by").order_by("period")
        found += [f"{one.period}: not what was published" for one in published if not is_whole(one)]
        if found:
            raise CommandError("\n".join(found))
        trails = Audit.objects.count() + Finding.objects.count()
        self.stdout.write(f"{trails} trails, all whole; {published.count()} published reports, all whole")
