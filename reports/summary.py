"""A summary ready to be shown or printed: live, or as it was published."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, gettext as _

from closure.models import LedgerEntry
from findings.states import Category, FindingState, Grade
from reports import bundle, charts
from reports.figures import figures
from reports.models import Publication
from reports.months import Month


@dataclass(frozen=True)
class Summary:
    """The figures of one month with their words."""

    month: Month
    figures: dict[str, Any]
    publication: Publication | None

    @property
    def is_whole(self) -> bool:
        """Whether what is shown is still what was published; true for live figures."""
        return self.publication is None or bundle.is_whole(self.publication)

    @property
    def cut_off(self) -> datetime | None:
        return parse_datetime(self.figures["cut_off"])


def summary(month: Month, *, now: datetime | None = None, ledger: bool = True) -> Summary:
    """The published summary if there is one, else the live figures. Labels are in the language of the caller.

    Without `ledger` the counts of the ledger are left out: not everyone who reads reports may read it.
    """
    publication = Publication.objects.filter(month=str(month)).select_related("published_by").first()
    data = publication.figures if publication else figures(month, now=now)
    if not ledger:
        data = {name: value for name, value in data.items() if name != "ledger"}
    return Summary(month, labelled(data), publication)


def _audit_labels() -> dict[str, str]:
    return {
        "planned": _("Planned"),
        "held": _("Audits held"),
        "sudden": _("Of these sudden"),
        "postponed": _("Postponed"),
        "cancelled": _("Cancelled"),
    }


def _age_labels() -> dict[str, str]:
    return {"0-5": _("0–5 days"), "6-30": _("6–30 days"), "31-90": _("31–90 days"), "90+": _("over 90 days")}


def rate_labels() -> dict[str, str]:
    return {
        "contain": _("24 h containment"),
        "analyse": _("48 h root cause"),
        "close": _("5-day closure"),
    }


def labelled(data: dict[str, Any]) -> dict[str, Any]:
    """The figures with a label on every entry."""
    english = (get_language() or "").startswith("en")
    none = {"none": _("Not coded yet")}
    names: dict[str, dict[str, str]] = {
        "audits": _audit_labels(),
        "ageing": _age_labels(),
        "ageing_self": _age_labels(),
        "grade": {str(choice.value): str(choice.label) for choice in Grade} | none,
        "category": {str(choice.value): str(choice.label) for choice in Category} | none,
        "ledger": {str(choice.value): str(choice.label) for choice in LedgerEntry.Rule},
        "rates": rate_labels(),
    }
    said = dict(data)
    for block, labels in names.items():
        if block not in data:
            continue
        said[block] = [{**row, "label": labels[row["key"]]} for row in data[block]]
    for block in ("customer", "site"):
        said[block] = [
            {**row, "label": (row["name_en"] if english else "") or row["name"] or _("Not named")}
            for row in data[block]
        ]
    states = {str(choice.value): str(choice.label) for choice in FindingState}
    for block in ("late", "findings"):
        said[block] = [
            {
                **row,
                "state_label": states[row["state"]],
                "customer": (row["customer_en"] if english else "") or row["customer"],
            }
            for row in data[block]
        ]
    return said


def drawings(said: dict[str, Any]) -> dict[str, Any]:
    """The three charts: findings by customer, by 5M1E (the most first), and the three rates over the months."""
    pareto = sorted(said["category"], key=lambda row: -row["count"])
    return {
        "customers": charts.bars([(row["label"], row["count"]) for row in said["customer"]]),
        "categories": charts.bars([(row["label"], row["count"]) for row in pareto]),
        "rates": charts.rates(said["trend"], rate_labels()),
    }
