"""Every address of the product."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from closure.views import counts, work
from config import administration, api, health

administration.close(admin.site)
handler404, handler500 = "config.refusals.not_found", "config.refusals.failed"

urlpatterns = [
    path("", work, name="work"),
    path("counts/", counts, name="counts"),
    path("audits/", include("audits.urls")),
    path("findings/", include("findings.urls")),
    path("closure/", include("closure.urls")),
    path("files/", include("attachments.urls")),
    path("clocks/", include("clocks.urls")),
    path("calendars/", include("calendars.urls")),
    path("reports/", include("reports.urls")),
    path("procedure/", include("procedure.urls")),
    path("lists/", include("lists.urls")),
    path("search/", include("search.urls")),
    path("inbox/", include("notices.urls")),
    path("", include("people.urls")),
    # Addresses are changed on the profile, with the password; the library's own page would ask for none.
    path("accounts/email/", RedirectView.as_view(pattern_name="people:profile")),
    path("settings/", include("audits.settings_urls")),
    path("accounts/", include("allauth.urls")),
    path("api/", include(api)),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.prometheus, name="metrics"),
    path("favicon.ico", RedirectView.as_view(url="/static/icon.svg"), name="favicon"),
]
