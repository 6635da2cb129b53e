from django.urls import path

from audits import settings_views as views

app_name = "settings"
urlpatterns = [
    path("", views.index, name="index"),
    path("customers/", views.customers, name="customers"),
    path("customers/new/", views.edit_customer, name="new_customer"),
    path("customers/<str:code>/", views.edit_customer, name="customer"),
    path("kinds/", views.kinds, name="kinds"),
    path("kinds/new/", views.edit_kind, name="new_kind"),
    path("kinds/<str:code>/", views.edit_kind, name="kind"),
    path("matrix/", views.matrix, name="matrix"),
    path("matrix/new/", views.edit_row, name="new_row"),
    path("matrix/<int:pk>/", views.edit_row, name="row"),
    path("matrix/<int:pk>/delete/", views.delete_row, name="delete_row"),
]
