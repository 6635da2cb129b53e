"""Which people: by role, by standing in, by place in the tree."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models

if TYPE_CHECKING:
    from people.models import Deputy, User


def local_day(moment: datetime) -> date:
    """The day of `moment` (aware) where the group's headquarters are."""
    return moment.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


class UserManager(DjangoUserManager["User"]):
    """Users, and who holds a standing role."""

    def holding(self, *roles: str) -> models.QuerySet["User"]:
        return self.filter(is_active=True, standing_roles__role__in=roles).distinct()

    def engineers(self) -> models.QuerySet["User"]:
        """Everyone who may own a finding: engineer or above (procedure §4)."""
        return self.filter(is_active=True, level__gte=self.model.Level.ENGINEER)


class DeputyQuerySet(models.QuerySet["Deputy"]):
    def at(self, moment: datetime) -> "models.QuerySet[Deputy]":
        """Deputies in force on the local day of `moment` (aware)."""
        return self.on(local_day(moment))

    def on(self, day: Any) -> "models.QuerySet[Deputy]":
        """Deputies in force on the day, a date or an expression for one."""
        return self.filter(starts_on__lte=day, ends_on__gte=day)
