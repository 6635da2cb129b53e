"""Publishing a month: the figures are frozen with the rows behind them."""

from typing import Any

import rules
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from people.models import User
from reports import bundle
from reports.figures import figures
from reports.models import Publication
from reports.months import Month
from reports.rows import RATE_KEYS, behind
from workflow import moment
from workflow.errors import StaleState
from workflow.trail import plain

KEYED = ("audits", "grade", "category", "customer", "site", "ageing", "ageing_self", "ledger")


def publish(month: Month, *, by: Any, words: str = "") -> Publication:
    """Freeze the summary of `month`. Raises PermissionDenied, or StaleState when it is published already."""
    if not rules.has_perm("reports.publish", by):
        raise PermissionDenied("reports.publish")
    at = moment.now()
    try:
        with transaction.atomic():
            said = plain(figures(month, now=at))
            members = _members(month, said, at)
            person = User.objects.get(pk=by.pk)
            whole = bundle.document(
                month=str(month), figures=said, members=members, words=words, by=person.username, at=at
            )
            return Publication.objects.create(
                month=str(month),
                figures=said,
                members=members,
                words=words,
                sha256=bundle.digest(whole),
                published_by=person,
                published_at=at,
            )
    except IntegrityError as error:
        raise StaleState from error


def _members(month: Month, said: dict[str, Any], at: Any) -> dict[str, list[int]]:
    """The ids behind every figure, so that the drill-down equals the printed number for ever."""
    wanted = [(figure, row["key"]) for figure in KEYED for row in said[figure]]
    wanted += [(row["key"], key) for row in said["rates"] for key in RATE_KEYS]
    wanted.append(("total", "all"))
    return {
        f"{figure}/{key}": sorted(behind(month, figure, key or "none", at).values_list("pk", flat=True))
        for figure, key in wanted
    }
