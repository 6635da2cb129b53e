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
from people.models import StandingRole, Theme, User
from people.rules import has_role, runs_the_system


@dataclass(frozen=True)
class Place:
    """One entry of the main navigation. `whole`: only this very page is it, not those below its address."""

    label: str
    url: str
    icon: str
    shown: bool = True
    whole: bool = False
    #: Which number of `/counts/` stands beside it.
    count: str = ""
    #: A line above it sets it apart.
    begins_group: bool = False

    def is_at(self, path: str) -> bool:
        return path == self.url if self.whole else path.startswith(self.url)


def _places(user: User) -> list[Place]:
    runs_engine = rules.has_perm("clocks.engine", user)
    sees_desk = rules.has_perm("closure.desk", user)
    keeps_master_data = rules.has_perm("people.keep_master_data", user)
    sees_people = has_role(user, "system_office", "process_owner", "top")
    return [
        Place(_("Today"), reverse("work"), "sun", whole=True, count="tasks"),
        Place(_("Audits"), reverse("audits:list"), "calendar3"),
        Place(_("Findings"), reverse("findings:list"), "exclamation-diamond"),
        Place(_("Closure"), reverse("closure:desk"), "check2-square", sees_desk, whole=True, count="reviews"),
        Place(_("Reports"), reverse("reports:index"), "bar-chart", rules.has_perm("reports.view", user)),
        Place(_("Ledger"), reverse("closure:ledger"), "journal-x", whole=True),
        Place(_("Procedure"), reverse("procedure:index"), "diagram-3", begins_group=True),
        Place(_("Settings"), reverse("settings:index"), "sliders", keeps_master_data),
        Place(_("Joiners and leavers"), reverse("people:index"), "people", sees_people),
        Place(_("Clock policies"), reverse("clocks:policies"), "stopwatch"),
        Place(_("Working calendars"), reverse("calendars:index"), "calendar-week"),
        Place(_("Clock engine"), reverse("clocks:overview"), "activity", runs_engine),
        Place(_("Administration"), reverse("admin:index"), "tools", user.is_staff),
    ]


def _bottom() -> list[Place]:
    """What lies under the thumb on a phone; an entry without address is the list of what can be begun."""
    return [
        Place(_("Today"), reverse("work"), "sun", whole=True, count="tasks"),
        Place(_("Findings"), reverse("findings:list"), "exclamation-diamond"),
        Place(_("New"), "", "plus-lg"),
        Place(_("Inbox"), reverse("notices:inbox"), "bell", count="unread"),
    ]


def _new_things(user: User) -> list[Place]:
    """What this person may begin from any page."""
    return [
        place
        for place in (
            Place(_("New request"), reverse("audits:new"), "telephone-plus", rules.has_perm("audits.create", user)),
            Place(_("Pass on a lead"), reverse("audits:lead"), "megaphone", rules.has_perm("audits.pass_on", user)),
            Place(_("Record a finding"), reverse("findings:record"), "camera", not runs_the_system(user)),
        )
        if place.shown
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
        "bottom": _bottom(),
        "new_things": _new_things(user),
        "themes": Theme.choices,
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
