from celery import shared_task

from workflow.once import forget


@shared_task(name="workflow.forget", acks_late=True)
def forget_sent_forms() -> int:
    return forget()
