"""What every page shows around its content."""

from typing import Any

import rules
from django.conf import settings
from django.http import HttpRequest

from closure.engine import sweep_is_late
from notices.models import Notice
from people.models import StandingRole, User
from people.rules import has_role
from workflow import moment


def shell(request: HttpRequest) -> dict[str, Any]:
    """Navigation by permission, the unread count, the administrators' banner, the demo's list of people."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"demo_people": _demo_people} if settings.DEMO else {}
    if request.headers.get("HX-Request"):
        return {}
    return {
        "may_use_desk": rules.has_perm("closure.desk", user),
        "may_read_reports": rules.has_perm("reports.view", user),
        "may_administer": user.is_staff,
        "unread": Notice.objects.filter(recipient_id=user.pk, read_at=None).order_by()[:100].count(),
        "may_keep_master_data": rules.has_perm("audits.keep_master_data", user),
        "may_see_people": has_role(user, "system_office", "process_owner", "top"),
        "may_keep_policies": rules.has_perm("closure.policies", user),
        "may_run_engine": rules.has_perm("closure.engine", user),
        "sweep_late": rules.has_perm("closure.engine", user) and sweep_is_late(moment.now()),
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
