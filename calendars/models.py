"""Working calendars: shifts per weekday, days that differ, and which plant lives by which."""

import re
from datetime import date, time, timedelta
from functools import cached_property
from typing import Any

import holidays
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from calendars import arithmetic
from people.models import Unit
from people.naming import Named, in_an_address

WEEKDAYS = [
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
]
RANGE = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


def are_ranges(text: str) -> None:
    """Raises ValidationError as `ranges` does."""
    ranges(text)


def ranges(text: str) -> tuple[tuple[time, time], ...]:
    """ "12:00-13:00, 17:00-17:30" as pairs. Raises ValidationError naming the part that is not a range."""
    found = []
    for part in filter(None, (part.strip() for part in text.replace("，", ",").split(","))):
        match = RANGE.fullmatch(part)
        if match is None:
            raise ValidationError(_("“%(part)s” is not a range like 12:00-13:00."), params={"part": part})
        a, b, c, d = (int(group) for group in match.groups())
        found.append((time(a, b), time(c, d)))
    return tuple(found)


SATURDAY = 5


class WorkCalendar(Named):
    """A working calendar. Public holidays and make-up days come from the country's rules, rows of its own go before."""

    code = models.CharField(_("Code"), max_length=20, unique=True, validators=[in_an_address])
    country = models.CharField(
        _("Public holidays of"), max_length=2, blank=True, help_text=_("Two letters such as CN; empty: none.")
    )

    class Meta:
        ordering = ["code"]
        verbose_name = _("working calendar")
        verbose_name_plural = _("working calendars")

    def clean(self) -> None:
        if self.country and self.country not in holidays.list_supported_countries():
            raise ValidationError({"country": _("No public holidays are known for this country.")})

    def get_absolute_url(self) -> str:
        return reverse("calendars:year", args=[self.code])

    @cached_property
    def _public(self) -> Any:
        return holidays.country_holidays(self.country) if self.country else {}

    def _known(self, day: date) -> Any:
        """The public holidays with the year of the day loaded; a December may be arranged with the January after it."""
        for year in {day.year, (day + timedelta(days=7)).year}:
            _loads = date(year, 1, 1) in self._public
        return self._public

    def arithmetic(self) -> arithmetic.Calendar:
        """The calendar as the clock engine counts with it. Two statements."""
        weekdays: dict[int, tuple[arithmetic.Shift, ...]] = {}
        for shift in self.shifts.all():
            weekdays[shift.weekday] = (*weekdays.get(shift.weekday, ()), shift.as_shift())
        own = {day.day: day for day in self.days.all()}
        exceptions = {day: weekdays.get(one.like_weekday, ()) if one.working else () for day, one in own.items()}

        #: A make-up day is worked like the first weekday that has shifts.
        usual = next((weekdays[weekday] for weekday in sorted(weekdays)), ())

        def public(day: date) -> tuple[arithmetic.Shift, ...] | None:
            if not self.country:
                return None
            known = self._known(day)
            if day in getattr(known, "weekend_workdays", ()):
                return usual
            return () if day in known or self._bridged(day) else None

        return arithmetic.Calendar(weekdays, exceptions, public, lambda day: self.name_of(day, own))

    def name_of(self, day: date, own: "dict[date, CalendarDay]") -> tuple[str, str]:
        """What the day is called, in Chinese and in English: the row's own name, or the holiday's."""
        if day in own:
            return own[day].name, own[day].name
        if not self.country:
            return "", ""
        found = self._known(day)
        if day in getattr(found, "weekend_workdays", ()):
            return "调休上班", "Make-up working day"
        day = self._bridged(day) or day
        return self._called("zh_CN", day), self._called("en_US", day)

    def _bridged(self, day: date) -> date | None:
        """The holiday that a weekend day belongs to: China's breaks run through the weekends beside them, which counts
        for plants that work on Saturdays; the library names only the other days.
        """
        if self.country != "CN" or day.weekday() < SATURDAY or day in self._known(day):
            return None
        for step in (-1, 1):
            one = day
            while one.weekday() >= SATURDAY and one not in self._known(one).weekend_workdays:
                one += timedelta(days=step)
            if one in self._known(one) and one not in self._known(one).weekend_workdays:
                return one
        return None

    def _called(self, language: str, day: date) -> str:
        """The holiday's name in the language, or in the country's own where it has none in that one."""
        names = self.__dict__.setdefault("_names", {})
        if language not in names:
            offered = getattr(holidays.country_holidays(self.country), "supported_languages", ())
            spoken = language if language in offered else None
            names[language] = holidays.country_holidays(self.country, language=spoken)
        return str(names[language].get(day) or "")


class Shift(models.Model):
    """One shift of one weekday; an end not after the beginning lies on the next day."""

    calendar = models.ForeignKey(WorkCalendar, models.CASCADE, related_name="shifts")
    weekday = models.PositiveSmallIntegerField(_("Weekday"), choices=WEEKDAYS)
    begins = models.TimeField(_("From"))
    ends = models.TimeField(_("To"))
    breaks = models.CharField(
        _("Breaks"),
        max_length=120,
        blank=True,
        validators=[are_ranges],
        help_text=_("Such as 12:00-13:00, 17:00-17:30."),
    )

    class Meta:
        ordering = ["calendar", "weekday", "begins"]
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="shift_weekday"),
            models.UniqueConstraint(fields=["calendar", "weekday", "begins"], name="shift_begins_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.begins:%H:%M}-{self.ends:%H:%M}"

    def clean(self) -> None:
        """Breaks lie inside the shift, in order, each ending after it begins."""
        if self.begins is None or self.ends is None:
            return
        first = self.begins.hour * 60 + self.begins.minute
        length = (self.ends.hour * 60 + self.ends.minute - first) % 1440 or 1440
        reached = 0
        for begins, ends in ranges(self.breaks):
            a, b = ((one.hour * 60 + one.minute - first) % 1440 for one in (begins, ends))
            if not reached <= a < b <= length:
                raise ValidationError({"breaks": _("Breaks have to lie inside the shift, one after the other.")})
            reached = b

    def as_shift(self) -> arithmetic.Shift:
        return arithmetic.Shift(self.begins, self.ends, ranges(self.breaks))


class CalendarDay(models.Model):
    """A day that differs from what weekday and country say: a plant's own holiday, or a day worked after all."""

    calendar = models.ForeignKey(WorkCalendar, models.CASCADE, related_name="days")
    day = models.DateField(_("Day"))
    working = models.BooleanField(_("Working day"), default=False)
    like_weekday = models.PositiveSmallIntegerField(_("Shifts like on a"), choices=WEEKDAYS, default=0)
    name = models.CharField(pgettext_lazy("of a thing", "Name"), max_length=60)

    class Meta:
        ordering = ["calendar", "day"]
        verbose_name = _("special day")
        verbose_name_plural = _("special days")
        constraints = [models.UniqueConstraint(fields=["calendar", "day"], name="special_day_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


#: The clocks there are; the floor that knows them fills it in.
CLOCKS: set[str] = set()


class PlantCalendar(models.Model):
    """The calendar a unit and everything below it lives by; `steps` names the clocks that count by it (empty: all)."""

    unit = models.OneToOneField(Unit, models.CASCADE, related_name="plant_calendar", verbose_name=_("Unit"))
    calendar = models.ForeignKey(WorkCalendar, models.PROTECT, related_name="plants", verbose_name=_("Calendar"))
    steps = models.JSONField(
        _("Only for the clocks"), default=list, blank=True, help_text=_('Such as ["contain", "close"]; empty: all.')
    )

    class Meta:
        ordering = ["unit"]
        verbose_name = _("plant's calendar")
        verbose_name_plural = _("plants' calendars")

    def __str__(self) -> str:
        return f"{self.unit}: {self.calendar}"

    def clean(self) -> None:
        """Only clocks that there are, or this calendar would silently count for none."""
        if not isinstance(self.steps, list) or not all(isinstance(step, str) for step in self.steps):
            raise ValidationError({"steps": _('Give a list such as ["contain", "close"].')})
        if unknown := sorted(set(self.steps) - CLOCKS):
            raise ValidationError(
                {
                    "steps": _("There is no clock %(unknown)s; there are: %(known)s.")
                    % {"unknown": ", ".join(unknown), "known": ", ".join(sorted(CLOCKS))}
                }
            )


def calendar_of(unit: Unit, step: str) -> WorkCalendar | None:
    """The calendar of the nearest unit up the tree that has one and wants it for this clock."""
    rows = PlantCalendar.objects.filter(unit_id__in=unit.ancestor_ids()).select_related("calendar", "unit")
    for row in sorted(rows, key=lambda one: len(one.unit.path), reverse=True):
        return row.calendar if not row.steps or step in row.steps else None
    return None
