"""Which clocks, and what a page of them needs."""

from typing import Any, Self

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q

from clocks import subjects
from people.rules import reads_group


class DeadlineQuerySet(models.QuerySet[Any]):
    def of(self, model: type[models.Model]) -> Self:
        """The clocks of the records of one kind."""
        return self.filter(subject_type=ContentType.objects.get_for_model(model))

    def on(self, record: models.Model) -> Self:
        """The clocks of one record."""
        return self.of(type(record)).filter(subject_id=record.pk)

    def running(self) -> Self:
        return self.filter(answered_at=None, stopped_at=None)

    def judged(self) -> Self:
        """Those that count as kept or missed: nobody was let off before they had run out."""
        return self.filter(Q(stopped_at=None) | Q(stopped_at__gt=F("judged_due_at")))

    def visible_to(self, user: Any) -> Self:
        """The clocks of the records that the person may see; none of the engine's own."""
        if reads_group(user):
            return self.filter(subject_id__isnull=False)
        return self.filter(subjects.seen_by(user))

    def explained(self) -> Self:
        """With what `clocks.why.why` reads."""
        return self.select_related(
            "policy_step__policy__customer", "policy_step__policy__kind", "started_by", "owes"
        ).prefetch_related("changes__by")

    def with_subjects(self) -> Self:
        """With their records: one statement for each kind of record."""
        return self.prefetch_related(subjects.prefetch())
