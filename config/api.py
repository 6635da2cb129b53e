"""The root of the API."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import DefaultRouter

from audits.api import AuditViewSet
from closure.api import LedgerViewSet
from findings.api import DeadlineViewSet, FindingViewSet
from reports.api import MonthView

router = DefaultRouter()
router.register("audits", AuditViewSet, basename="audit")
router.register("findings", FindingViewSet, basename="finding")
router.register("deadlines", DeadlineViewSet, basename="deadline")
router.register("ledger", LedgerViewSet, basename="ledger")

urlpatterns = [
    path("v1/", include(router.urls)),
    path("v1/reports/<str:month>/", MonthView.as_view(), name="api-report"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api-docs"),
]
