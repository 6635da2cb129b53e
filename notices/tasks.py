from celery import shared_task

from notices.delivery import deliver


@shared_task(name="notices.deliver", acks_late=True)
def deliver_due() -> dict[str, int]:
    """Send until nothing is due, at most twenty batches in one go."""
    total: dict[str, int] = {}
    for _round in range(20):
        counts = deliver()
        total = {name: total.get(name, 0) + count for name, count in counts.items()}
        if not sum(counts.values()):
            break
    return total
