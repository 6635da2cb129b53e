from django.urls import path

from procedure.views import index

app_name = "procedure"
urlpatterns = [path("", index, name="index")]
