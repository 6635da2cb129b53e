from django.urls import path

from closure import views

app_name = "closure"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("export/<str:which>/", views.export_desk, name="export_desk"),
    path("ledger/export/", views.export_ledger, name="export_ledger"),
    path("ledger/", views.ledger, name="ledger"),
]
