from django.urls import path

from clocks import policy_views, views as views

app_name = "clocks"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("undelivered/", views.undelivered, name="undelivered"),
    path("undelivered/resend/", views.resend, name="resend"),
    path("undelivered/people/<int:pk>/", views.mend_address, name="mend_address"),
    path("policies/", policy_views.policies, name="policies"),
    path("policies/<int:pk>/", policy_views.policy, name="policy"),
    path("policies/<int:pk>/edit/", policy_views.edit_policy, name="edit_policy"),
    path("policies/<int:pk>/next/", policy_views.new_version, name="new_version"),
    path("policies/<int:pk>/changes/", policy_views.policy_changes, name="changes"),
    path("policies/<int:pk>/in-force/", policy_views.put_in_force, name="put_in_force"),
    path("policies/<int:pk>/back/", policy_views.take_back, name="take_back"),
    path("policies/<int:pk>/clocks/", policy_views.add_clock, name="add_clock"),
    path("ladders/<int:pk>/edit/", policy_views.edit_ladder, name="edit_ladder"),
    path("calendars/<str:code>/days/", policy_views.special_day, name="special_day"),
    path("calendars/<str:code>/changes/", policy_views.calendar_changes, name="calendar_changes"),
]
