from django.urls import path

from people import views

app_name = "people"
urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("profile/deputies/<int:pk>/end/", views.end_deputy, name="end_deputy"),
    path("profile/token/", views.new_token, name="new_token"),
    path("language/", views.set_language, name="language"),
    path("demo/login/", views.demo_login, name="demo_login"),
]
