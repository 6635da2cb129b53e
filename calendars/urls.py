from django.urls import path

from calendars import views

app_name = "calendars"
urlpatterns = [
    path("", views.index, name="index"),
    path("<str:code>/", views.year, name="year"),
]
