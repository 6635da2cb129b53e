"""How audits are found: by number, customer, people, places, what is written in the request, names of files."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audits.models import Audit
from customers.models import AuditKind, Customer
from people.models import Site, User
from people.search_sources import names_of
from search.sources import Source, Text, names, register

WRITTEN = ("division", "product", "customer_contact", "criteria", "scope", "departments", "agenda", "special_demands")
ALSO = ("logistics", "lead_note", "remark", "customer_name", "score")


def _rows(keys: Iterable[int]) -> Any:
    people = ("customer", "kind", "leader", "lead_escort")
    beside = ("places__site", "team__user", "auditors", "documents", "files", "questions")
    return Audit.objects.filter(pk__in=keys).select_related(*people).prefetch_related(*beside)


def _text(audit: Audit) -> Text:
    who = [person for person in (audit.leader, audit.lead_escort, *(one.user for one in audit.team.all())) if person]
    named = [audit.customer, audit.kind, *(place.site for place in audit.places.all()), *who]
    return Text(
        audit.number,
        (),
        (
            *(getattr(audit, name) for name in (*WRITTEN, *ALSO)),
            *(auditor.name for auditor in audit.auditors.all()),
            *(document.item for document in audit.documents.all()),
            *(message.text for message in audit.questions.all()),
        ),
        (
            " ".join(name for thing in named if thing for name in names_of(thing)),
            *(Path(file.name).stem for file in audit.files.all()),
        ),
    )


def _about(audit: Audit) -> str:
    parts = (audit.customer_label, audit.planned_start, audit.get_state_display())
    return " · ".join(str(part) for part in parts if part)


register(
    Source(
        kind="audit",
        label=_("Audits"),
        model=Audit,
        rows=_rows,
        text=_text,
        visible=lambda user: Audit.objects.visible_to(user),
        shown=lambda keys: Audit.objects.filter(pk__in=keys).select_related("customer"),
        link=lambda row: row.get_absolute_url(),
        about=_about,
        everything="audits:list",
    )
)
names(Customer, "audit", lambda customer: Audit.objects.filter(customer=customer))
names(AuditKind, "audit", lambda kind: Audit.objects.filter(kind=kind))
names(Site, "audit", lambda site: Audit.objects.filter(places__site=site))
names(User, "audit", lambda user: Audit.objects.filter(Q(leader=user) | Q(lead_escort=user) | Q(team__user=user)))
