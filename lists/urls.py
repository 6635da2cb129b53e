from django.urls import path

from lists import views

app_name = "lists"
urlpatterns = [
    path("save/", views.save, name="save"),
    path("<int:pk>/drop/", views.drop, name="drop"),
]
