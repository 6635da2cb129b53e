from celery import shared_task

from search.index import BATCH, catch_up


@shared_task(name="search.catch_up", acks_late=True)
def keep_index() -> int:
    """Write what changed into the index, until nothing is left; may run twice and side by side."""
    done = 0
    while count := catch_up(BATCH):
        done += count
    return done
