"""A calendar month in the group's time zone."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from workflow import moment


@dataclass(frozen=True, order=True)
class Month:
    """One month; `start` belongs to it, `end` (the start of the next) does not. Both aware."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> "Month":
        """From "2026-10". Raises ValueError with a sentence for anything else."""
        try:
            first = datetime.strptime(text, "%Y-%m")
        except ValueError as error:
            raise ValueError(_("“%(text)s” is not a month such as 2026-10.") % {"text": text}) from error
        if not 2000 <= first.year <= 2100 or text != first.strftime("%Y-%m"):
            raise ValueError(_("“%(text)s” is not a month such as 2026-10.") % {"text": text})
        return cls(first.year, first.month)

    @classmethod
    def of(cls, at: datetime) -> "Month":
        local = moment.day_of(at)
        return cls(local.year, local.month)

    @classmethod
    def past_or_present(cls, text: str) -> "Month":
        """As `parse`; a month that has not begun has nothing to report. Raises ValueError with a sentence."""
        month = cls.parse(text)
        if month > cls.current():
            raise ValueError(_("%(month)s has not begun yet.") % {"month": month})
        return month

    @classmethod
    def current(cls) -> "Month":
        return cls.of(moment.now())

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        return self.next.first - timedelta(days=1)

    @property
    def start(self) -> datetime:
        return datetime(self.year, self.month, 1, tzinfo=moment.zone_of_group())

    @property
    def end(self) -> datetime:
        return self.next.start

    @property
    def next(self) -> "Month":
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    @property
    def previous(self) -> "Month":
        return Month(self.year - (self.month == 1), (self.month - 2) % 12 + 1)

    def back(self, count: int) -> list["Month"]:
        """This month and the ones before it, `count` in all, the oldest first."""
        months = [self]
        while len(months) < count:
            months.append(months[-1].previous)
        return months[::-1]
