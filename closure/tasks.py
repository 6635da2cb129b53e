from dataclasses import asdict

from celery import shared_task

from closure.engine import keep_canary
from closure.ledger import record_returns
from closure.sweep import sweep


@shared_task(name="closure.sweep", acks_late=True)
def sweep_due() -> dict[str, int]:
    return asdict(sweep())


@shared_task(name="closure.record_returns", acks_late=True)
def returns() -> int:
    return record_returns()


@shared_task(name="closure.canary", acks_late=True)
def canary() -> None:
    keep_canary()
