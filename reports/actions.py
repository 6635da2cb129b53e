"""Publishing a month: the figures are frozen with the rows behind them."""

import json
from typing import Any

import rules
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from reports.figures import figures
from reports.models import Publication
from reports.months import Month
from reports.pdf import fingerprint
from reports.rows import behind
from workflow import moment
from workflow.errors import StaleState

KEYED = ("audits", "grade", "category", "customer", "site", "ageing", "ledger")


def publish(month: Month, *, by: Any, words: str = "") -> Publication:
    """Freeze the summary of `month`. Raises PermissionDenied, or StaleState when it is published already."""
    if not rules.has_perm("reports.publish", by):
        raise PermissionDenied("reports.publish")
    at = moment.now()
    try:
        with transaction.atomic():
            said = figures(month, now=at)
            text = json.dumps(said, sort_keys=True, ensure_ascii=False)
            return Publication.objects.create(
                month=str(month), figures=said, members=_members(month, said, at), words=words,
                sha256=fingerprint(text.encode()), published_by=by, published_at=at,
            )
    except IntegrityError as error:
        raise StaleState from error


def _members(month: Month, said: dict[str, Any], at: Any) -> dict[str, list[int]]:
    """The ids behind every figure, so that the drill-down equals the printed number for ever."""
    wanted = [(figure, row["key"]) for figure in KEYED for row in said[figure]]
    wanted += [(row["key"], key) for row in said["rates"] for key in ("hit", "miss", "undecided", "exempted")]
    wanted.append(("total", "all"))
    return {
        f"{figure}/{key}": list(behind(month, figure, key or "none", at).values_list("pk", flat=True))
        for figure, key in wanted
    }
