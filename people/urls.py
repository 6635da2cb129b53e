from django.urls import path

from people import views

app_name = "people"
urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("profile/deputies/<int:pk>/end/", views.end_deputy, name="end_deputy"),
    path("profile/tokens/", views.new_token, name="new_token"),
    path("profile/tokens/<int:pk>/end/", views.end_token, name="end_token"),
    path("profile/address/", views.confirm_own_address, name="confirm_own_address"),
    path("people/", views.index, name="index"),
    path("people/<str:username>/handover/", views.handover, name="handover"),
    path("people/<str:username>/reopen/", views.reopen, name="reopen"),
    path("people/<str:username>/invite/", views.invite, name="invite"),
    path("people/<str:username>/address/", views.confirm_address, name="confirm_address"),
    path("language/", views.set_language, name="language"),
    path("theme/", views.set_theme, name="theme"),
    path("session/", views.session, name="session"),
    path("demo/login/", views.demo_login, name="demo_login"),
]
