from django.urls import path

from closure import engine_views as views

app_name = "engine"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("undelivered/", views.undelivered, name="undelivered"),
    path("undelivered/resend/", views.resend, name="resend"),
    path("undelivered/people/<int:pk>/", views.mend_address, name="mend_address"),
    path("policies/", views.policies, name="policies"),
    path("policies/<int:pk>/", views.policy, name="policy"),
    path("policies/<int:pk>/edit/", views.edit_policy, name="edit_policy"),
    path("policies/<int:pk>/next/", views.new_version, name="new_version"),
    path("policies/<int:pk>/changes/", views.policy_changes, name="changes"),
    path("policies/<int:pk>/in-force/", views.put_in_force, name="put_in_force"),
    path("policies/<int:pk>/back/", views.take_back, name="take_back"),
    path("policies/<int:pk>/clocks/", views.add_clock, name="add_clock"),
    path("ladders/<int:pk>/edit/", views.edit_ladder, name="edit_ladder"),
    path("calendars/<str:code>/days/", views.special_day, name="special_day"),
    path("calendars/<str:code>/changes/", views.calendar_changes, name="calendar_changes"),
]
