"""Which people: by role, by standing in, by place in the tree."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models

from lib.moment import day_of

if TYPE_CHECKING:
    from people.models import Deputy, User


class UserManager(DjangoUserManager["User"]):
    """Users, and who holds a standing role."""

    def at_work(self) -> models.QuerySet["User"]:
        """Everyone who works with audits: who is here, but for those who only run the system (domain §5.2)."""
        return self.filter(is_active=True, is_staff=False, is_superuser=False).exclude(standing_roles__role="admin")

    def holding(self, *roles: str) -> models.QuerySet["User"]:
        """Who holds one of the roles; of the business roles nobody who runs the system."""
        people = self.filter(is_active=True) if "admin" in roles else self.at_work()
        return people.filter(standing_roles__role__in=roles).distinct()

    def engineers(self) -> models.QuerySet["User"]:
        """Everyone who may own a finding: engineer or above (procedure §4)."""
        return self.at_work().filter(level__gte=self.model.Level.ENGINEER)


class DeputyQuerySet(models.QuerySet["Deputy"]):
    def at(self, moment: datetime) -> "models.QuerySet[Deputy]":
        """Deputies in force on the local day of `moment` (aware)."""
        return self.on(day_of(moment))

    def on(self, day: Any) -> "models.QuerySet[Deputy]":
        """Deputies in force on the day, a date or an expression for one."""
        return self.filter(starts_on__lte=day, ends_on__gte=day)
