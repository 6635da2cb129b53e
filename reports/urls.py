from django.urls import path

from reports import views

app_name = "reports"
urlpatterns = [
    path("", views.index, name="index"),
    path("<str:month>/", views.show, name="month"),
    path("<str:month>/pdf/", views.print_pdf, name="pdf"),
    path("<str:month>/published.json", views.download, name="download"),
    path("<str:month>/publish/", views.publish, name="publish"),
    path("<str:month>/rows/<str:figure>/<str:key>/", views.drill, name="rows"),
]
