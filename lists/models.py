"""Views of lists that people keep: a name for an address, for oneself or for a role or a unit."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lib.listing import LONGEST_QUERY
from people.models import StandingRole, Unit
from people.rules import roles_of


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: Any) -> "SavedViewQuerySet":
        """One's own, and those shared with a role one has or a unit one works in."""
        shared = Q(role__in=roles_of(user))
        if user.unit_id:
            shared |= Q(unit_id__in=user.unit.ancestor_ids())
        return self.filter(Q(owner_id=user.pk) | shared)


class SavedView(models.Model):
    """One view of one register. `query` is the address behind the question mark, kept by `lib.listing.sane`."""

    register = models.CharField(max_length=20)
    name = models.CharField(_("Name of the view"), max_length=40)
    query = models.CharField(max_length=LONGEST_QUERY, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    role = models.CharField(_("Shared with a role"), max_length=15, choices=StandingRole.Role.choices, blank=True)
    unit = models.ForeignKey(
        Unit, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Shared with a unit")
    )

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        indexes = [models.Index(fields=["register", "owner"], name="saved_view_of")]
        constraints = [
            models.UniqueConstraint(fields=["register", "owner", "name"], name="own_view_once"),
            models.CheckConstraint(condition=Q(role="") | Q(unit=None), name="shared_with_one"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_shared(self) -> bool:
        return bool(self.role or self.unit_id)
