"""What every page shows around its content."""

from dataclasses import dataclass
from typing import Any

import rules
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from clocks.health import sweep_is_late
from lib import moment
from notices.models import Notice
from people.models import StandingRole, User
from people.rules import has_role


@dataclass(frozen=True)
class Place:
    """One entry of the main navigation. `whole`: only this very page is it, not those below its address."""

    label: str
    url: str
    shown: bool = True
    whole: bool = False

    def is_at(self, path: str) -> bool:
        return path == self.url if self.whole else path.startswith(self.url)


def _places(user: User) -> list[Place]:
    runs_engine = rules.has_perm("clocks.engine", user)
    keeps_policies = rules.has_perm("clocks.policies", user) and not runs_engine
    sees_people = has_role(user, "system_office", "process_owner", "top")
    return [
        Place(_("My work"), reverse("work"), whole=True),
        Place(_("Audits"), reverse("audits:list")),
        Place(_("Findings"), reverse("findings:list")),
        Place(_("Closure desk"), reverse("closure:desk"), rules.has_perm("closure.desk", user), whole=True),
        Place(_("Ledger"), reverse("closure:ledger"), whole=True),
        Place(_("Reports"), reverse("reports:index"), rules.has_perm("reports.view", user)),
        Place(_("Clock engine"), reverse("clocks:overview"), runs_engine),
        Place(_("Clock policies"), reverse("clocks:policies"), keeps_policies),
        Place(_("Settings"), reverse("settings:index"), rules.has_perm("audits.keep_master_data", user)),
        Place(_("People"), reverse("people:index"), sees_people),
        Place(_("Administration"), reverse("admin:index"), user.is_staff),
    ]


def shell(request: HttpRequest) -> dict[str, Any]:
    """Navigation by permission, the unread count, the administrators' banner, the demo's list of people."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"demo_people": _demo_people} if settings.DEMO else {}
    if request.headers.get("HX-Request"):
        return {}
    return {
        "navigation": [place for place in _places(user) if place.shown],
        "unread": Notice.objects.filter(recipient_id=user.pk, read_at=None).order_by()[:100].count(),
        "sweep_late": rules.has_perm("clocks.engine", user) and sweep_is_late(moment.now()),
        "demo": settings.DEMO,
    }


def _demo_people() -> list[dict[str, Any]]:
    """The people of the demo by role, for the log-in page."""
    roles = dict(StandingRole.Role.choices)
    found: dict[str, list[User]] = {}
    for person in User.objects.filter(is_active=True).prefetch_related("standing_roles").order_by("username"):
        held = [role.role for role in person.standing_roles.all()] or ["member"]
        found.setdefault(held[0], []).append(person)
    order = [*roles, "member"]
    return [{"role": role, "label": roles.get(role), "people": found[role]} for role in order if role in found]
