from django.urls import path

from closure import views

app_name = "closure"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("ledger/", views.ledger, name="ledger"),
]
