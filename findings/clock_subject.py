"""How the clock engine reaches a finding."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from clocks import subjects
from findings.disputes import Dispute
from findings.exemptions import Exemption
from findings.models import Finding
from findings.read_across import ReadAcross
from findings.states import Grade, Source
from lib.prepared import Among, Prepared


class FindingAround(NamedTuple):
    """What the sweep and the ledger read of a finding."""

    number: str
    state: str
    what: str
    closure_manager_id: int | None
    unit_id: int
    site: str
    site_en: str
    leader_id: int | None
    lead_escort_id: int | None

    @property
    def url(self) -> str:
        return f"/findings/{self.number}/"

    def posts(self, owes: int | None) -> subjects.Posts:
        """Nobody chases themselves: a closure manager who owes it is chased by the Leader."""
        manager = self.leader_id if self.closure_manager_id == owes else self.closure_manager_id
        return (("leader", self.leader_id), ("lead_escort", self.lead_escort_id), ("closure_manager", manager))

    def facts(self) -> dict[str, Any]:
        return {"what": self.what[:120], "site": {"zh": self.site, "en": self.site_en or self.site}}


COLUMNS = (
    "number",
    "state",
    "what",
    "closure_manager_id",
    "site__unit_id",
    "site__name",
    "site__name_en",
    "audit__leader_id",
    "audit__lead_escort_id",
)
FINDINGS = Prepared(lambda: Finding.objects.filter(Among("pk", "ids")).order_by().values_list("pk", *COLUMNS))


def _around(ids: set[int]) -> Mapping[int, FindingAround]:
    return {pk: FindingAround(*values) for pk, *values in FINDINGS.rows(ids=ids)}


FINDING = subjects.register(
    subjects.Subject(
        key="finding",
        label=_("Findings"),
        model=Finding,
        unit=lambda finding: finding.site.unit,
        scope={
            "customer_id": "audit__customer_id",
            "kind_id": "audit__kind_id",
            "grade": "grade",
            "source": "source",
        },
        choices={"grade": Grade.choices, "source": Source.choices, "exemption": Exemption.Reason.choices},
        posts={"leader": _("Leader"), "lead_escort": _("Lead escort"), "closure_manager": _("Closure manager")},
        around=_around,
        rows=lambda: Finding.objects.select_related("audit__customer", "audit__leader", "site__unit"),
        visible_to=lambda user: Finding.objects.visible_to(user),
        about=lambda finding: finding.what,
        names={"finding": "number", "audit": "audit__number"},
    )
)
for _model in (Exemption, Dispute, ReadAcross):
    subjects.register(subjects.beside(FINDING, _model, related=("finding__audit__customer", "finding__site__unit")))
