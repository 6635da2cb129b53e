"""Master data of the calendars; special days with a look at what they would change are entered on the calendar's page."""

from django.contrib import admin

from calendars.models import CalendarDay, PlantCalendar, Shift, WorkCalendar


class ShiftInline(admin.TabularInline[Shift, WorkCalendar]):
    model = Shift
    extra = 0


class DayInline(admin.TabularInline[CalendarDay, WorkCalendar]):
    model = CalendarDay
    extra = 0


@admin.register(WorkCalendar)
class WorkCalendarAdmin(admin.ModelAdmin[WorkCalendar]):
    list_display = ["code", "name", "country"]
    search_fields = ["code", "name", "name_en"]
    inlines = [ShiftInline, DayInline]


@admin.register(PlantCalendar)
class PlantCalendarAdmin(admin.ModelAdmin[PlantCalendar]):
    list_display = ["unit", "calendar"]
    list_select_related = ["unit", "calendar"]
    autocomplete_fields = ["unit", "calendar"]
