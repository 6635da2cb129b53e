from celery import shared_task

from closure.ledger import record_missed, record_returns
from closure.weekly import tell_management


@shared_task(name="closure.record_returns", acks_late=True)
def returns() -> int:
    return record_returns() + record_missed()


@shared_task(name="closure.weekly", acks_late=True)
def weekly() -> int:
    return tell_management()
