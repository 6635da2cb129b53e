from dataclasses import asdict

from celery import shared_task

from closure.engine import CANARY, keep_canary
from closure.ledger import record_missed, record_returns
from closure.sweep import sweep
from closure.weekly import tell_management
from findings.deadlines import Deadline


@shared_task(name="closure.sweep", acks_late=True)
def sweep_due() -> dict[str, int]:
    if not Deadline.objects.filter(step=CANARY, stopped_at=None).exists():
        keep_canary()
    return asdict(sweep())


@shared_task(name="closure.record_returns", acks_late=True)
def returns() -> int:
    return record_returns() + record_missed()


@shared_task(name="closure.weekly", acks_late=True)
def weekly() -> int:
    return tell_management()


@shared_task(name="closure.canary", acks_late=True)
def canary() -> None:
    keep_canary()
