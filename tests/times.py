"""Lengths of time that tests count in."""

from datetime import UTC, datetime, timedelta

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: A Friday, 18:00 in Shanghai.
T0 = datetime(2026, 3, 6, 10, 0, tzinfo=UTC)
