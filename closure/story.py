"""What happened around a ledger entry: submitted, sent back, answered again, and by whom; told as it was (domain §4 A5)."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from closure.models import LedgerEntry
from findings.answers import Submission, Verdict
from findings.exemptions import GRANTED, Exemption, ExemptionState
from findings.states import Step
from lib.moment import zone_of


@dataclass(frozen=True)
class Happened:
    """One thing that happened: what (`submitted`, `returned`, `accepted`, `breached`, `applied`, `approved`, `refused`), when (UTC), who, in which words."""

    what: str
    at: datetime
    by: str
    revision: int
    late: bool
    reason: str = ""

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


def stories(entries: Iterable[LedgerEntry]) -> dict[int, list[Happened]]:
    """The story behind each entry of a late answer, by the entry's key. Three statements for any number of entries.

    The entries come with `deadline` and `person` loaded.
    """
    rows = [entry for entry in entries if entry.deadline is not None]
    findings = {row.finding_id for row in rows}
    if not findings:
        return {}
    answers = list(
        Submission.objects.filter(finding__in=findings)
        .select_related("by", "on_behalf_of")
        .prefetch_related("verdicts__by")
        .order_by("submitted_at", "id")
    )
    carried = list(
        Exemption.objects.filter(finding__in=findings)
        .select_related("applied_by", "leader_by", "top_by")
        .order_by("applied_at", "id")
    )
    return {
        row.pk: _story(
            row,
            [each for each in answers if each.finding_id == row.finding_id],
            [each for each in carried if each.finding_id == row.finding_id],
        )
        for row in rows
    }


def _story(entry: LedgerEntry, answers: list[Submission], carried: list[Exemption]) -> list[Happened]:
    clock = entry.deadline
    assert clock is not None
    # A review answers for whatever was submitted in its time; the owner's clocks for their own step in their own round.
    mine = [
        answer
        for answer in answers
        if (
            clock.step == "review"
            and answer.submitted_at >= clock.started_at
            and answer.submitted_at <= (clock.answered_at or entry.recorded_at)
        )
        or (answer.step == clock.step and answer.cycle == clock.cycle)
    ]
    found = [
        Happened(
            "breached", entry.breached_at, str(entry.person), _in_review(mine, clock.step, entry.breached_at), True
        )
    ]
    for one in mine:
        found.append(
            Happened("submitted", one.submitted_at, str(one.by), one.revision, one.submitted_at > clock.judged_due_at)
        )
        found.extend(
            Happened(str(verdict.outcome), verdict.at, str(verdict.by), one.revision, False, verdict.reason)
            for verdict in one.verdicts.all()
            if verdict.outcome != Verdict.Outcome.OVERTAKEN
        )
    if clock.step == Step.CLOSE:
        # Applied for in time and decided late: whoever judges the entry has to know (domain §4 A6, A17).
        for exemption in (one for one in carried if one.cycle == clock.cycle):
            found.append(Happened("applied", exemption.applied_at, str(exemption.applied_by), 0, False))
            decided = exemption.top_at or exemption.leader_at
            refused = exemption.state == ExemptionState.REFUSED
            if decided and (refused or exemption.state in GRANTED):
                what = "refused" if refused else "approved"
                found.append(Happened(what, decided, str(exemption.top_by or exemption.leader_by or ""), 0, False))
    return sorted(found, key=lambda each: each.at)


def _in_review(answers: list[Submission], step: str, at: datetime) -> int:
    """The revision that lay with the reviewer at that moment; 0 for none, or where the review itself was late."""
    waiting = [
        answer.revision
        for answer in answers
        if step != "review" and answer.submitted_at <= at and all(verdict.at > at for verdict in answer.verdicts.all())
    ]
    return max(waiting, default=0)


def in_words(story: list[Happened], zone: str) -> list[str]:
    """The story in the reader's language, with times as the plant's wall shows them."""
    said = {
        "submitted": _("%(at)s: %(by)s submitted revision %(n)s"),
        "returned": _("%(at)s: %(by)s sent revision %(n)s back"),
        "accepted": _("%(at)s: %(by)s accepted revision %(n)s"),
        "breached": _("%(at)s: the time was over; %(by)s owed it"),
        "in_review": _("%(at)s: the time was over while revision %(n)s of %(by)s waited for its review"),
        "applied": _("%(at)s: %(by)s applied for an exemption"),
        "approved": _("%(at)s: %(by)s approved the exemption"),
        "refused": _("%(at)s: %(by)s refused the exemption"),
    }
    lines = []
    for one in story:
        at = one.at.astimezone(zone_of(zone)).strftime("%Y-%m-%d %H:%M")
        what = "in_review" if one.what == "breached" and one.revision else one.what
        line = said[what] % {"at": at, "by": one.by, "n": one.revision}
        if one.what == "submitted":
            line += " (" + (_("late") if one.late else _("in time")) + ")"
        lines.append(f"{line}: {one.reason}" if one.reason else line)
    return lines
