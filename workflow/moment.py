"""What time it is: the server's clock, or the travelling clock of the demo and the tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_travelling: ContextVar[datetime | None] = ContextVar("travelling", default=None)


def now() -> datetime:
    """The present moment, aware, UTC."""
    return _travelling.get() or timezone.now()


@contextmanager
def travel(to: datetime) -> Iterator[None]:
    """Let `now()` answer `to` (aware) inside the block, in this thread only."""
    token = _travelling.set(to)
    try:
        yield
    finally:
        _travelling.reset(token)
