"""The root of the API."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import DefaultRouter

from audits.api import AuditViewSet, CustomerViewSet, KindViewSet, LeadViewSet, PlanView
from clocks.api import DeadlineViewSet
from closure.api import LedgerViewSet
from findings.api import DisputeViewSet, ExemptionViewSet, FindingViewSet, ReadAcrossViewSet
from lists.api import SavedViewViewSet
from masterdata.api import MasterDataViewSet
from notices.api import NoticeViewSet
from people.api import PersonViewSet, SiteViewSet, UnitViewSet
from procedure.views import ProcedureView
from reports.api import PeriodView
from search.api import SearchView

router = DefaultRouter()
router.register("audits", AuditViewSet, basename="audit")
router.register("leads", LeadViewSet, basename="lead")
router.register("findings", FindingViewSet, basename="finding")
router.register("findings/(?P<number>[^/]+)/disputes", DisputeViewSet, basename="dispute")
router.register("findings/(?P<number>[^/]+)/exemptions", ExemptionViewSet, basename="exemption")
router.register("findings/(?P<number>[^/]+)/read-across", ReadAcrossViewSet, basename="read-across")
router.register("deadlines", DeadlineViewSet, basename="deadline")
router.register("ledger", LedgerViewSet, basename="ledger")
router.register("notices", NoticeViewSet, basename="notice")
router.register("customers", CustomerViewSet, basename="customer")
router.register("kinds", KindViewSet, basename="kind")
router.register("people", PersonViewSet, basename="person")
router.register("sites", SiteViewSet, basename="site")
router.register("settings/(?P<table>[a-z]+)", MasterDataViewSet, basename="master")
router.register("views", SavedViewViewSet, basename="view")
router.register("units", UnitViewSet, basename="unit")

urlpatterns = [
    path("v1/", include(router.urls)),
    path("v1/procedure/", ProcedureView.as_view(), name="api-procedure"),
    path("v1/search/", SearchView.as_view(), name="api-search"),
    path("v1/plan/", PlanView.as_view(), name="api-plan"),
    path("v1/reports/<str:period>/", PeriodView.as_view(), name="api-report"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api-docs"),
]
