"""What a report is about: a month, a quarter, half a year, a year, or any days, in the group's time zone."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from lib import moment

DAY = timedelta(days=1)
#: Reports reach no further than this: days outside are typing errors.
EARLIEST, LATEST = 2000, 2100
#: A range longer than this is two reports.
LONGEST = timedelta(days=5 * 366)


@dataclass(frozen=True)
class Kind:
    """How long a period is, what its name looks like, and what its report is called."""

    key: str
    months: int
    pattern: re.Pattern[str]
    title: Promise
    #: What the chart of rates over six of them is called.
    trend: Promise
    #: The name of the period that begins with this day.
    name: Callable[[date], str]

    def first(self, day: date) -> date:
        """The first day of the period that `day` lies in."""
        return date(day.year, day.month - (day.month - 1) % self.months, 1)


KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind(
            "month",
            1,
            re.compile(r"(?P<year>\d{4})-(?P<n>0[1-9]|1[0-2])", re.ASCII),
            gettext_lazy("Monthly summary"),
            gettext_lazy("On-time rates over six months"),
            lambda first: f"{first:%Y-%m}",
        ),
        Kind(
            "quarter",
            3,
            re.compile(r"(?P<year>\d{4})-Q(?P<n>[1-4])", re.ASCII),
            gettext_lazy("Quarterly summary"),
            gettext_lazy("On-time rates over six quarters"),
            lambda first: f"{first.year:04d}-Q{first.month // 3 + 1}",
        ),
        Kind(
            "half",
            6,
            re.compile(r"(?P<year>\d{4})-H(?P<n>[12])", re.ASCII),
            gettext_lazy("Half-yearly summary"),
            gettext_lazy("On-time rates over six half-years"),
            lambda first: f"{first.year:04d}-H{first.month // 6 + 1}",
        ),
        Kind(
            "year",
            12,
            re.compile(r"(?P<year>\d{4})(?P<n>)", re.ASCII),
            gettext_lazy("Yearly summary"),
            gettext_lazy("On-time rates over six years"),
            lambda first: f"{first.year:04d}",
        ),
    )
}
RANGE = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})", re.ASCII)


@dataclass(frozen=True)
class Period:
    """From `first` to `last`, both days in it. `kind` is a key of KINDS, or "range"."""

    kind: str
    first: date
    last: date

    RANGE: ClassVar[str] = "range"

    @classmethod
    def of(cls, day: date | datetime, kind: str = "month") -> "Period":
        """The period of this kind that a day, or a moment (aware), lies in."""
        found = KINDS[kind]
        first = found.first(moment.day_of(day) if isinstance(day, datetime) else day)
        return cls(kind, first, _after(first, found.months) - DAY)

    @classmethod
    def month(cls, year: int, month: int) -> "Period":
        return cls.of(date(year, month, 1))

    @classmethod
    def current(cls, kind: str = "month") -> "Period":
        return cls.of(moment.now(), kind)

    @classmethod
    def parse(cls, text: str) -> "Period":
        """From "2026-10", "2026-Q4", "2026-H2", "2026" or "2026-10-05..2026-11-20". Raises ValueError with a sentence."""
        try:
            found = _named(text) or _range(text)
        except ValueError:
            found = None
        if found is None or not EARLIEST <= found.first.year <= found.last.year <= LATEST:
            said = _("“%(text)s” is no period such as 2026-10, 2026-Q4, 2026-H2, 2026 or 2026-10-05..2026-11-20.")
            raise ValueError(said % {"text": text})
        return found

    @classmethod
    def past_or_present(cls, text: str) -> "Period":
        """As `parse`; a period that has not begun has nothing to report. Raises ValueError with a sentence."""
        period = cls.parse(text)
        if period.first > moment.today():
            raise ValueError(_("%(period)s has not begun yet.") % {"period": period})
        return period

    def __str__(self) -> str:
        if self.kind == self.RANGE:
            return f"{self.first}..{self.last}"
        return KINDS[self.kind].name(self.first)

    @property
    def short(self) -> str:
        """Its name where there is little room."""
        return f"{self.first:%m-%d}–{self.last:%m-%d}" if self.kind == self.RANGE else str(self)

    @property
    def title(self) -> str:
        """What its report is called."""
        return str(KINDS[self.kind].title) if self.kind in KINDS else _("Summary")

    @property
    def trend_title(self) -> str:
        return str(KINDS[self.kind].trend) if self.kind in KINDS else _("On-time rates over six periods of this length")

    @property
    def start(self) -> datetime:
        """Aware; belongs to it."""
        return datetime.combine(self.first, time(0), moment.zone_of_group())

    @property
    def end(self) -> datetime:
        """Aware; the start of the day after, which does not belong to it."""
        return datetime.combine(self.last + DAY, time(0), moment.zone_of_group())

    @property
    def is_over(self) -> bool:
        return self.last < moment.today()

    @property
    def may_be_published(self) -> bool:
        """After its end; a range of days is for looking only: two of them may overlap and say different things."""
        return self.is_over and self.kind in KINDS

    @property
    def next(self) -> "Period":
        """The one that follows: of the same kind, or as many days."""
        if self.kind in KINDS:
            return self.of(self.last + DAY, self.kind)
        return Period(self.kind, self.last + DAY, self.last + DAY + (self.last - self.first))

    @property
    def previous(self) -> "Period":
        if self.kind in KINDS:
            return self.of(self.first - DAY, self.kind)
        return Period(self.kind, self.first - DAY - (self.last - self.first), self.first - DAY)

    def back(self, count: int) -> list["Period"]:
        """This one and those before it, `count` in all, the oldest first."""
        periods = [self]
        while len(periods) < count:
            periods.append(periods[-1].previous)
        return periods[::-1]

    @property
    def month_names(self) -> list[str]:
        """The calendar months it consists of; none for a range, which may begin in the middle of one."""
        if self.kind not in KINDS:
            return []
        return [f"{_after(self.first, n):%Y-%m}" for n in range(KINDS[self.kind].months)]

    def named(self) -> dict[str, str]:
        """Its name as figures and published documents carry it; a month's under the key that they always had."""
        return {"month" if self.kind == "month" else "period": str(self)}


def _after(first: date, months: int) -> date:
    """The first of a month, so many months later."""
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)


def _named(text: str) -> Period | None:
    for kind in KINDS.values():
        if found := kind.pattern.fullmatch(text):
            return Period.of(date(int(found["year"]), (int(found["n"] or 1) - 1) * kind.months + 1, 1), kind.key)
    return None


def _range(text: str) -> Period | None:
    """Raises ValueError for days that no calendar has."""
    found = RANGE.fullmatch(text)
    if found is None:
        return None
    first, last = date.fromisoformat(found[1]), date.fromisoformat(found[2])
    return Period(Period.RANGE, first, last) if timedelta() <= last - first <= LONGEST else None
