"""`manage.py verify_trail`: whether every trail is whole."""

from itertools import groupby
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audits.models import AuditEvent
from findings.models import FindingEvent
from workflow.trail import broken


class Command(BaseCommand):
    help = "Check the hash chain of every audit's and every finding's trail."

    def handle(self, *args: Any, **options: Any) -> None:
        faults, trails = [], 0
        for model, subject in ((AuditEvent, "audit_id"), (FindingEvent, "finding_id")):
            rows = model._default_manager.order_by(subject, "position").iterator()
            for _subject, events in groupby(rows, key=lambda event: event.subject_id()):
                trails += 1
                faults += [f"{model.__name__} {fault}" for fault in broken(events)]
        if faults:
            raise CommandError("\n".join(faults))
        self.stdout.write(f"{trails} trails, all whole")
