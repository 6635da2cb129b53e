from django.urls import path

from findings import list_views, views

app_name = "findings"
urlpatterns = [
    path("", list_views.listing, name="list"),
    path("export/", list_views.export, name="export"),
    path("bulk/", list_views.bulk, name="bulk"),
    path("record/", views.record, name="record"),
    path("new/<str:number>/", views.new, name="new"),
    path("issue/<str:number>/", views.issue_many, name="issue_many"),
    path("<str:number>/", views.show, name="page"),
    path("<str:number>/glance/", list_views.glance, name="glance"),
    path("<str:number>/moves/<str:move>/", views.move, name="move"),
    path("<str:number>/revisions/<int:pk>/", views.show_revision, name="revision"),
    path("<str:number>/<slug:place>/<int:pk>/moves/<str:move>/", views.child_move, name="child_move"),
    path("<str:number>/questions/", views.ask, name="ask"),
    path("<str:number>/evidence/", views.attach, name="attach"),
]
