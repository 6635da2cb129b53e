"""Which audits."""

from typing import Any, Self

from django.db import models
from django.db.models import Prefetch, Q

from people.rules import acting_ids, reads_group, runs_the_system


class AuditQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """The rows for which `audits.view` holds; a test keeps the two in step."""
        if reads_group(user):
            return self
        return self.filter(pk__in=self.model.objects.filter(_seen_by(user)).values("pk"))

    def for_list(self) -> Self:
        from audits.records import AuditPlace

        places = AuditPlace.objects.select_related("site")
        return self.select_related("customer", "kind", "leader", "lead_escort").prefetch_related(
            Prefetch("places", queryset=places)
        )

    def for_page(self) -> Self:
        from audits.records import AuditPlace, TeamMember

        places = AuditPlace.objects.select_related("site__unit", "contact")
        team = TeamMember.objects.select_related("user")
        return self.select_related(
            "customer",
            "kind",
            "leader",
            "lead_escort",
            "passed_on_by",
            "matrix_row__lead_unit",
            "matrix_row__leader",
            "matrix_row__kind",
            "matrix_row__customer",
        ).prefetch_related(Prefetch("places", queryset=places), Prefetch("team", queryset=team))


def _seen_by(user: Any) -> Q:
    if runs_the_system(user):
        return Q(pk__in=[])
    ids = acting_ids(user)
    seen = Q(leader_id__in=ids) | Q(lead_escort_id__in=ids) | Q(team__user_id__in=ids) | Q(places__contact_id__in=ids)
    if user.unit_id:
        seen |= Q(places__site__unit__path__contains=f"/{user.unit_id}/")
    return seen
