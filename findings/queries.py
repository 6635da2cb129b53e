"""Which findings, and what a page of them needs."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q

from clocks.deadlines import Deadline
from findings.states import OPEN, ORDER, Step
from people.rules import acting_ids, reads_group, runs_the_system


class FindingQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """The rows for which `findings.view` holds; a test keeps the two in step."""
        if reads_group(user):
            return self
        return self.filter(pk__in=self.model.objects.filter(_seen_by(user)).values("pk"))

    def open(self) -> Self:
        return self.filter(state__in=OPEN)

    def overdue(self, now: datetime) -> Self:
        """Findings with a clock of their owner past due and unanswered: what the word means on every page."""
        return self.filter(Exists(_owners_clocks().filter(due_at__lt=now)))

    def not_overdue(self, now: datetime) -> Self:
        return self.filter(~Exists(_owners_clocks().filter(due_at__lt=now)))

    def due_soon(self, now: datetime) -> Self:
        """Open findings with a clock of their owner that runs out within 24 hours."""
        soon = _owners_clocks().filter(due_at__gte=now, due_at__lte=now + timedelta(hours=24))
        return self.open().filter(Exists(soon))

    def waiting_for_review(self) -> Self:
        """Open findings with an answer that waits for its verdict."""
        return self.open().filter(Exists(_clocks().filter(step=Step.REVIEW)))

    def for_list(self) -> Self:
        clocks = Deadline.objects.filter(step__in=ORDER).order_by("due_at")
        return self.select_related("audit__customer", "site__unit", "owner").prefetch_related(
            Prefetch("deadlines", queryset=clocks, to_attr="clock_rows")
        )

    def for_page(self) -> Self:
        return self.select_related(
            "audit__customer",
            "audit__leader",
            "audit__lead_escort",
            "site__unit",
            "owner",
            "closure_manager",
            "created_by",
            "repeat_of__audit",
            "repeat_of__site__unit",
        )


def _clocks() -> Any:
    """The running clocks of the finding in the outer query."""
    from findings.models import Finding

    return Deadline.objects.of(Finding).running().filter(subject_id=OuterRef("pk"))


def _owners_clocks() -> Any:
    return _clocks().filter(step__in=ORDER)


def _seen_by(user: Any) -> Q:
    if runs_the_system(user):
        return Q(pk__in=[])
    ids = acting_ids(user)
    seen = (
        Q(owner_id__in=ids)
        | Q(closure_manager_id__in=ids)
        | Q(site__contact_id__in=ids)
        | Q(created_by_id=user.pk)
        | Q(audit__leader_id__in=ids)
        | Q(audit__lead_escort_id__in=ids)
        | Q(audit__team__user_id__in=ids)
        | Q(pk__in=_with_actions_of(ids))
        | Q(pk__in=_with_read_across_of(ids))
    )
    if user.unit_id:
        seen |= Q(site__unit__path__contains=f"/{user.unit_id}/")
    return seen


def _with_actions_of(ids: Any) -> Any:
    """Findings whose current analysis gives one of these people an action."""
    from findings.models import Countermeasure

    return Countermeasure.objects.filter(owner_id__in=ids, submission__current=True).values("submission__finding")


def _with_read_across_of(ids: Any) -> Any:
    """Findings that one of these people carries over to another site."""
    from findings.read_across import ReadAcross

    return ReadAcross.objects.with_people(ids).values("finding")
