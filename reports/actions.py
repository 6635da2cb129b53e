"""Publishing a report: the figures are frozen with the rows behind them."""

from typing import Any

import rules
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from lib import moment
from people.models import User
from reports import bundle
from reports.figures import FIGURES, behind, figures
from reports.models import Publication
from reports.periods import Period
from workflow.errors import StaleState
from workflow.trail import plain

TOO_EARLY = _("A month, a quarter, half a year or a year is published, after its end.")


def publish(period: Period, *, by: Any, words: str = "") -> Publication:
    """Freeze the report about `period`. Raises PermissionDenied, or StaleState when it is published already or
    cannot be yet.
    """
    if not rules.has_perm("reports.publish", by):
        raise PermissionDenied("reports.publish")
    if not period.may_be_published:
        raise StaleState(str(TOO_EARLY))
    at = moment.now()
    try:
        with transaction.atomic():
            said = plain(figures(period, now=at))
            members = _members(period, said, at)
            person = User.objects.get(pk=by.pk)
            whole = bundle.document(
                period=period, figures=said, members=members, words=words, by=person.username, at=at
            )
            return Publication.objects.create(
                period=str(period),
                figures=said,
                members=members,
                words=words,
                sha256=bundle.digest(whole),
                published_by=person,
                published_at=at,
            )
    except IntegrityError as error:
        raise StaleState from error


def _members(period: Period, said: dict[str, Any], at: Any) -> dict[str, list[int]]:
    """The ids behind every figure, so that the drill-down equals the printed number for ever."""
    wanted = [pair for figure in FIGURES for pair in figure.keys(said[figure.key])]
    return {f"{name}/{key}": sorted(behind(period, name, key, at).values_list("pk", flat=True)) for name, key in wanted}
