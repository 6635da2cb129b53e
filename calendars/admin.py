"""Master data of the calendars; special days with a look at what they would change are entered on the calendar's page."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from calendars.models import CalendarDay, PlantCalendar, Shift, WorkCalendar
from workflow.admin import Page, Table


class ShiftInline(Table[WorkCalendar]):
    model = Shift
    extra = 0


class DayInline(Table[WorkCalendar]):
    model = CalendarDay
    extra = 0


@admin.register(WorkCalendar)
class WorkCalendarAdmin(Page[WorkCalendar]):
    list_display = ["code", "name", "country"]
    search_fields = ["code", "name", "name_en"]
    inlines = [ShiftInline, DayInline]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing that runs moves by itself: say where to see what the change would mean for it."""
        super().save_related(request, form, formsets, change)
        if change:
            url = reverse("clocks:calendar_changes", args=[form.instance.code])
            link = format_html('<a href="{}">{}</a>', url, _("Effect on running clocks"))
            messages.info(
                request,
                format_html("{} {}", _("Running clocks keep their due times until you apply the change."), link),
            )


@admin.register(PlantCalendar)
class PlantCalendarAdmin(Page[PlantCalendar]):
    list_display = ["unit", "calendar"]
    list_select_related = ["unit", "calendar"]
    autocomplete_fields = ["unit", "calendar"]
