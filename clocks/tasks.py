from dataclasses import asdict

from celery import shared_task

from clocks.health import CANARY, keep_canary
from clocks.models import Deadline
from clocks.sweep import sweep


@shared_task(name="clocks.sweep", acks_late=True)
def sweep_due() -> dict[str, int]:
    if not Deadline.objects.filter(step=CANARY, stopped_at=None).exists():
        keep_canary()
    return asdict(sweep())


@shared_task(name="clocks.canary", acks_late=True)
def canary() -> None:
    keep_canary()
