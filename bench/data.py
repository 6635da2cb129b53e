"""A group with very many findings, written straight into the tables: what is measured is reading and sweeping."""

from datetime import timedelta
from pathlib import Path

from django.db import connection
from django.utils import timezone

from audits.models import Audit
from clocks.deadlines import Deadline
from clocks.policy import PolicyStep
from customers.models import AuditKind, Customer
from demo import people
from findings.models import Finding
from people.models import Site, User

FILL = Path(__file__).with_name("fill.sql").read_text()


def fill(count: int) -> None:
    """Bring the tables up to `count` findings with three clocks each."""
    if not User.objects.exists():
        people.build(timezone.localdate())
    have = Finding.objects.count()
    if have >= count:
        return
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(FILL, {"first": have, "count": count - have})
            cursor.execute("VACUUM ANALYZE")
    else:
        _fill_by_django(have, count - have)


def _fill_by_django(first: int, count: int) -> None:
    """The same rows, for SQLite."""
    now, users = timezone.now(), {user.username: user for user in User.objects.all()}
    audit = Audit.objects.create(
        number=f"B-{first}",
        state="in_closure",
        customer=Customer.objects.first(),
        kind=AuditKind.objects.first(),
        leader=users["leader1"],
        lead_escort=users["escort1"],
        received_at=now,
        created_at=now,
        actual_start=now,
    )
    steps = {step.step: step for step in PolicyStep.objects.filter(policy__code="2485")}
    sites = list(Site.objects.all())
    for low in range(first, first + count, 5000):
        findings = Finding.objects.bulk_create(
            [
                Finding(
                    number=f"B-{n:07d}",
                    state="customer_closed" if n % 10 else "issued",
                    audit=audit,
                    sequence=n - first,
                    site=sites[n % len(sites)],
                    what="电动螺丝刀扭力点检记录缺失，现场实测低于下限",
                    owner_id=sites[n % len(sites)].owner_id,
                    closure_manager_id=sites[n % len(sites)].closure_manager_id,
                    created_by=users["escort1"],
                    created_at=now,
                    issued_at=now - timedelta(minutes=n),
                )
                for n in range(low, min(low + 5000, first + count))
            ],
            batch_size=500,
        )
        Deadline.objects.bulk_create(
            [
                Deadline(
                    subject=one,
                    step=name,
                    cycle=1,
                    policy_step=steps[name],
                    zone="Asia/Shanghai",
                    owes_id=one.owner_id,
                    started_at=one.issued_at,
                    started_by=users["escort1"],
                    base_due_at=one.issued_at + timedelta(hours=hours),
                    due_at=one.issued_at + timedelta(hours=hours),
                    original_due_at=one.issued_at + timedelta(hours=hours),
                    judged_due_at=one.issued_at + timedelta(hours=hours),
                    answered_at=None if one.state == "issued" else one.issued_at,
                    next_alarm_at=now + timedelta(days=300) if one.state == "issued" else None,
                )
                for one in findings
                for name, hours in (("contain", 24), ("analyse", 48), ("close", 120))
            ],
            batch_size=500,
        )
