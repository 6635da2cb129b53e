"""The product's addresses, and two minimal views that make only the queries nobody can avoid."""

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from config.urls import urlpatterns as product
from findings.models import Finding

ROWS = engines["django"].from_string(
    "{% for f in rows %}<tr><td>{{ f.number }}</td><td>{{ f.what }}</td><td>{{ f.audit.customer }}</td><td>{{ f.site }}</td>"
    "<td>{{ f.owner }}</td><td>{{ f.get_grade_display }}</td><td>{% for c in f.clock_rows %}{{ c.due_at }}{% endfor %}</td>"
    "<td>{{ f.get_state_display }}</td></tr>{% endfor %}"
)
ONE = engines["django"].from_string(
    "{{ f.number }} {{ f.what }} {{ f.owner }} {% for c in clocks %}{{ c.step }} {{ c.due_at }}{% endfor %}"
    "{% for s in answers %}{{ s.step }} {{ s.data }}{% endfor %}{% for e in files %}{{ e.name }}{% endfor %}"
    "{% for e in events %}{{ e.move }} {{ e.by }} {{ e.at }}{% endfor %}"
)


def minimal_list(request: HttpRequest) -> HttpResponse:
    """Session, user, one page of findings, their clocks."""
    rows = Finding.objects.visible_to(request.user).for_list().order_by("-created_at", "-id")[:51]
    return HttpResponse(ROWS.render({"rows": rows}, request))


def minimal_page(request: HttpRequest, number: str) -> HttpResponse:
    """Session, user, the finding, its clocks, answers, evidence, trail."""
    finding = Finding.objects.visible_to(request.user).for_page().get(number=number)
    context = {
        "f": finding,
        "clocks": finding.deadlines.select_related("policy_step__policy", "started_by"),
        "answers": finding.submissions.select_related("by").prefetch_related("verdicts__by"),
        "files": finding.evidence.select_related("uploaded_by"),
        "events": finding.events.select_related("by"),
    }
    return HttpResponse(ONE.render(context, request))


urlpatterns = [*product, path("bench/list/", minimal_list), path("bench/page/<str:number>/", minimal_page)]
