"""The weekly sum for management: what stays late and what has to be decided, in one message instead of a thousand."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min, Q

from findings.disputes import Dispute, DisputeState
from findings.exemptions import Exemption
from findings.models import Finding
from findings.states import ORDER
from lib import moment
from notices import actions as notices
from people.models import User
from people.rules import MANAGEMENT

#: Monday, this hour where the group's headquarters are; a week whose beginning was missed is made up for later.
HOUR = 8
LISTED = 10


def tell_management(*, now: datetime | None = None) -> int:
    """Owe this week's sum to everyone of management, once however often it runs. Returns how many people; 0 before
    Monday morning, and when nothing is late and nothing waits.
    """
    at = now or moment.now()
    local = at.astimezone(moment.zone_of_group())
    if local.weekday() == 0 and local.hour < HOUR:
        return 0
    facts = weekly_sum(at)
    if not facts["late"] and not facts["decisions"]:
        return 0
    year, week, _day = local.isocalendar()
    people = list(User.objects.holding(*MANAGEMENT))
    return notices.tell(
        people, "management_week", f"{year}-W{week:02d}", url="/", facts={**facts, "week": f"{year}-W{week:02d}"}
    )


def weekly_sum(at: datetime) -> dict[str, Any]:
    """How many findings are late and which are latest, how many became late this week, what waits for a decision."""
    late = Finding.objects.open().overdue(at)
    clocks = Q(deadlines__step__in=ORDER, deadlines__answered_at=None, deadlines__stopped_at=None)
    worst = (
        late.annotate(since=Min("deadlines__due_at", filter=clocks))
        .select_related("site", "owner")
        .order_by("since", "id")
    )
    waiting = Exemption.objects.waiting().select_related("finding__audit")
    raised = Dispute.objects.filter(state=DisputeState.RAISED).select_related("finding__audit").order_by("raised_at")
    disputed = [dispute for dispute in raised if dispute.leader_is_passed_over]
    decisions = [one for one in waiting if not one.waits_for_leader]
    return {
        "late": late.count(),
        "new": late.count() - Finding.objects.open().overdue(at - timedelta(days=7)).count(),
        "worst": [
            {
                "number": finding.number,
                "what": finding.what[:60],
                "site": finding.site.in_both(),
                "days": (at - finding.since).days,
                "owner": finding.owner.in_both() if finding.owner else "",
            }
            for finding in worst[:LISTED]
        ],
        "decisions": [one.number for one in (*decisions, *disputed)],
    }
