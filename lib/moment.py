"""What time it is: the server's clock, or the travelling clock of the demo and the tests."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.utils import timezone

_travelling: ContextVar[datetime | None] = ContextVar("travelling", default=None)


def now() -> datetime:
    """The present moment, aware, UTC."""
    return _travelling.get() or timezone.now()


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    """The time zone; the group's where the name is none that this machine knows: a bad row stops nobody's work."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        logging.getLogger(__name__).warning("unknown time zone %r: %s is used", name, settings.TIME_ZONE)
        return ZoneInfo(settings.TIME_ZONE)


def zone_of_group() -> ZoneInfo:
    """Where the group's headquarters are."""
    return zone_of(settings.TIME_ZONE)


def today(zone: ZoneInfo | None = None) -> date:
    """The day it is now in `zone` (a plant's), or where the group's headquarters are. The only "today" there is:
    a day taken from a moment in UTC would be yesterday until eight in the morning in Shanghai.
    """
    return day_of(now(), zone)


def day_of(at: datetime, zone: ZoneInfo | None = None) -> date:
    """The day of `at` (aware) in `zone`, or where the group's headquarters are."""
    return at.astimezone(zone or ZoneInfo(settings.TIME_ZONE)).date()


@contextmanager
def travel(to: datetime) -> Iterator[None]:
    """Let `now()` answer `to` (aware) inside the block, in this thread only."""
    token = _travelling.set(to)
    try:
        yield
    finally:
        _travelling.reset(token)
