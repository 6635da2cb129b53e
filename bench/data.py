"""A group with very many findings, written straight into the tables: what is measured is reading and sweeping."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from audits.models import Audit
from demo import people
from findings.models import Deadline, Finding
from findings.policy import PolicyStep
from people.models import User

PER_AUDIT = 50
BATCH = 5000


def fill(count: int) -> dict[str, Any]:
    """`count` findings with three clocks each; most are closed, a tenth is open with clocks far from due."""
    if not User.objects.exists():
        people.build(timezone.localdate())
    world = {"sites": list(_sites()), "users": {user.username: user for user in User.objects.all()}}
    have = Finding.objects.count()
    now = timezone.now()
    while have < count:
        have += _batch(world, have, min(BATCH, count - have), now)
    return world


def _sites() -> Any:
    from people.models import Site

    return Site.objects.select_related("owner", "closure_manager")


def _batch(world: dict[str, Any], start: int, size: int, now: datetime) -> int:
    from audits.models import AuditKind, Customer

    customers, kind = list(Customer.objects.all()), AuditKind.objects.first()
    users, sites = world["users"], world["sites"]
    audits = Audit.objects.bulk_create(
        Audit(
            number=f"B-{start // PER_AUDIT + n:07d}", state="in_closure", customer=customers[n % len(customers)], kind=kind,
            leader=users["leader1"], lead_escort=users["escort1"], received_at=now, created_at=now,
            planned_start=now.date(), planned_end=now.date(), actual_start=now,
        )
        for n in range(-(-size // PER_AUDIT))
    )
    findings = []
    for n in range(size):
        site, issued = sites[n % len(sites)], now - timedelta(minutes=start + n)
        still_open = n % 10 == 0
        findings.append(Finding(
            number=f"B-{start + n:07d}", state="issued" if still_open else "customer_closed", audit=audits[n // PER_AUDIT],
            sequence=n % PER_AUDIT + 1, site=site, what="电动螺丝刀扭力点检记录缺失，现场实测低于下限", grade="minor",
            category="method", owner=site.owner, closure_manager=site.closure_manager, created_by=users["escort1"],
            created_at=issued, issued_at=issued, closed_at=None if still_open else issued + timedelta(days=4),
        ))
    Finding.objects.bulk_create(findings, batch_size=1000)
    Deadline.objects.bulk_create(_clocks(findings, users["escort1"]), batch_size=2000)
    return size


def _clocks(findings: list[Finding], by: User) -> list[Deadline]:
    steps = {step.step: step for step in PolicyStep.objects.filter(policy__code="2485")}
    rows = []
    for finding in findings:
        at = finding.issued_at
        assert at is not None
        for name, hours in (("contain", 24), ("analyse", 48), ("close", 120)):
            due, done = at + timedelta(hours=hours), finding.state != "issued"
            rows.append(Deadline(
                finding=finding, step=name, cycle=1, policy_step=steps[name], zone="Asia/Shanghai", started_at=at,
                started_by=by, base_due_at=due, due_at=due, answered_at=due - timedelta(hours=2) if done else None,
                accepted_at=due if done else None, next_alarm_at=None if done else timezone.now() + timedelta(days=300),
            ))
    return rows
