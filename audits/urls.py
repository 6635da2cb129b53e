from django.urls import path

from audits import views

app_name = "audits"
urlpatterns = [
    path("", views.listing, name="list"),
    path("new/", views.new, name="new"),
    path("export/", views.export, name="export"),
    path("plan/", views.plan, name="plan"),
    path("plan/export/", views.export_plan, name="export_plan"),
    path("lead/", views.lead, name="lead"),
    path("<str:number>/", views.show, name="page"),
    path("<str:number>/moves/<str:move>/", views.move, name="move"),
    path("<str:number>/questions/", views.ask, name="ask"),
    path("<str:number>/files/", views.attach, name="attach"),
]
