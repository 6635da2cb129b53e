from django.urls import path

from masterdata import views

#: Below `settings/`; the overview stands with the app that knows what a first request needs.
urlpatterns = [
    path("<slug:name>/", views.listing, name="table"),
    path("<slug:name>/new/", views.edit, name="new"),
    path("<slug:name>/export/", views.export, name="export"),
    path("<slug:name>/<str:code>/", views.edit, name="row"),
    path("<slug:name>/<str:code>/retire/", views.retire, name="retire"),
    path("<slug:name>/<str:code>/delete/", views.delete, name="delete"),
    path("<slug:name>/<str:code>/merge/", views.merge, name="merge"),
]
