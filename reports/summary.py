"""A summary ready to be shown or printed: live, or as it was published."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, gettext as _

from findings.states import FindingState
from reports import bundle, charts
from reports.figures import FIGURES, RATE_LABELS, Figure, figures
from reports.models import Publication
from reports.periods import Period


@dataclass(frozen=True)
class Summary:
    """The figures of one period with their words."""

    period: Period
    figures: dict[str, Any]
    publication: Publication | None

    @property
    def is_whole(self) -> bool:
        """Whether what is shown is still what was published; true for live figures."""
        return self.publication is None or bundle.is_whole(self.publication)

    def blocks(self, part: str) -> list[dict[str, Any]]:
        """The figures of a part of the report that are lists of entries, each with its title and its rows."""
        return [
            {"title": str(figure.label), "figure": figure.key, "rows": self.figures[figure.key]}
            for figure in FIGURES
            if figure.part == part and figure.key in self.figures
        ]

    @property
    def opens_closures(self) -> bool:
        """Whether the closures open the rows behind them: months published long ago were kept without."""
        return self.publication is None or "closing/all" in self.publication.members

    @property
    def of_findings(self) -> list[dict[str, Any]]:
        return self.blocks("findings")

    @property
    def of_what_is_open(self) -> list[dict[str, Any]]:
        return self.blocks("open")

    @property
    def cut_off(self) -> datetime | None:
        return parse_datetime(self.figures["cut_off"])


def summary(period: Period, *, now: datetime | None = None, ledger: bool = True) -> Summary:
    """The published summary if there is one, else the live figures. Labels are in the language of the caller.

    Without `ledger` the counts of the ledger are left out: not everyone who reads reports may read it.
    """
    publication = Publication.objects.filter(period=str(period)).select_related("published_by").first()
    data = publication.figures if publication else figures(period, now=now)
    if not ledger:
        hidden = {figure.key for figure in FIGURES if figure.restricted}
        data = {name: value for name, value in data.items() if name not in hidden}
    return Summary(period, labelled(data), publication)


def labelled(data: dict[str, Any]) -> dict[str, Any]:
    """The figures with a label on every entry."""
    english = (get_language() or "").startswith("en")
    said = dict(data)
    for figure in (figure for figure in FIGURES if figure.key in data and isinstance(data[figure.key], list)):
        said[figure.key] = [{**row, "label": _label(figure, row, english)} for row in data[figure.key]]
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


def _label(figure: Figure, row: dict[str, Any], english: bool) -> str:
    """What an entry is called: by the figure's own words, or by the name that it brought along when it was counted."""
    if figure.labels is not None:
        return str(figure.labels[row["key"]])
    return (row["name_en"] if english else "") or row["name"] or _("Not named")


def drawings(said: dict[str, Any]) -> dict[str, Any]:
    """The three charts: findings by customer, by 5M1E (the most first), and the three rates over the months."""
    pareto = sorted(said["category"], key=lambda row: -row["count"])
    return {
        "customers": charts.bars([(row["label"], row["count"]) for row in said["customer"]]),
        "categories": charts.bars([(row["label"], row["count"]) for row in pareto]),
        "rates": charts.rates(said["trend"], {key: str(label) for key, label in RATE_LABELS.items()}),
    }
