"""How the clock engine reaches an audit."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from audits.models import Audit
from clocks import subjects
from lib.prepared import Among, Prepared
from people.models import Unit


class AuditAround(NamedTuple):
    """What the sweep reads of an audit."""

    number: str
    leader_id: int | None
    lead_escort_id: int | None
    customer: str | None
    customer_en: str | None

    @property
    def url(self) -> str:
        return f"/audits/{self.number}/"

    def posts(self, owes: int | None) -> subjects.Posts:
        return (("leader", self.leader_id), ("lead_escort", self.lead_escort_id))

    def facts(self) -> dict[str, Any]:
        customer = self.customer or ""
        return {"what": {"zh": customer, "en": self.customer_en or customer}, "site": ""}


COLUMNS = ("number", "leader_id", "lead_escort_id", "customer__name", "customer__name_en")
AUDITS = Prepared(lambda: Audit.objects.filter(Among("pk", "ids")).order_by().values_list("pk", *COLUMNS))


def _around(ids: set[int]) -> Mapping[int, AuditAround]:
    return {pk: AuditAround(*values) for pk, *values in AUDITS.rows(ids=ids)}


def _unit(audit: Audit) -> Unit | None:
    """The first audited place's, else the Leader's."""
    place = next(iter(audit.places.select_related("site__unit")[:1]), None)
    if place is not None:
        return place.site.unit
    return audit.leader.unit if audit.leader else None


subjects.register(
    subjects.Subject(
        key="audit",
        label=_("Audits"),
        model=Audit,
        unit=_unit,
        scope={"customer_id": "customer_id", "kind_id": "kind_id"},
        posts={"leader": _("Leader"), "lead_escort": _("Lead escort")},
        around=_around,
        rows=lambda: Audit.objects.select_related("customer", "leader__unit"),
        visible_to=lambda user: Audit.objects.visible_to(user),
        about=lambda audit: f"{audit.customer_label} {audit.planned_start or ''}",
        names={"audit": "number"},
    )
)
