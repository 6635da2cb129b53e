"""Which ledger rows (domain §2.9), which clocks."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from people.models import StandingRole
from people.rules import MANAGEMENT, acting_ids, has_role, runs_the_system


class LedgerQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """The rows for which `closure.view_entry` holds; a test keeps the two in step."""
        if has_role(user, *MANAGEMENT):
            return self
        ids = acting_ids(user)
        if runs_the_system(user):
            return self.filter(person_id=user.pk)
        seen = (
            Q(person_id=user.pk)
            | Q(person__superior_id=user.pk)
            | Q(finding__closure_manager_id__in=ids)
            | Q(finding__audit__leader_id__in=ids)
            | Q(finding__audit__lead_escort_id__in=ids)
        )
        if has_role(user, StandingRole.Role.LEADER, StandingRole.Role.CLOSURE):
            return self
        return self.filter(seen)

    def for_list(self) -> Self:
        return self.select_related("person", "unit", "finding__audit__customer", "deadline")

    def explained(self) -> Self:
        """With what explains the clock behind each entry."""
        return self.select_related(
            "deadline__policy_step__policy__customer", "deadline__policy_step__policy__kind", "deadline__started_by"
        ).prefetch_related("deadline__changes__by")
