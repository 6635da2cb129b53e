from django.urls import path

from reports import views

app_name = "reports"
urlpatterns = [
    path("", views.index, name="index"),
    path("<str:period>/", views.show, name="period"),
    path("<str:period>/figures.xlsx", views.export, name="export"),
    path("<str:period>/pdf/", views.print_pdf, name="pdf"),
    path("<str:period>/published.json", views.download, name="download"),
    path("<str:period>/publish/", views.publish, name="publish"),
    path("<str:period>/rows/<str:figure>/<str:key>/", views.drill, name="rows"),
]
