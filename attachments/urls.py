from django.urls import path

from attachments import views

app_name = "attachments"
urlpatterns = [path("<str:token>/", views.file, name="file")]
