from django.urls import path

from audits.settings_views import index
from masterdata.urls import urlpatterns as tables

app_name = "settings"
urlpatterns = [path("", index, name="index"), *tables]
