from django.urls import path

from notices import views

app_name = "notices"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("read-all/", views.read_all, name="read_all"),
    path("<uuid:pk>/", views.follow, name="follow"),
    path("<uuid:pk>/answer/", views.answer, name="answer"),
]
