"""What one revision of an answer says, line by line, and what it changed against the one before."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from findings.answers import Countermeasure, Submission
from findings.states import Leg, Scope, Strength


@dataclass(frozen=True)
class Line:
    """One thing said in an answer. `key` is the same in every revision; `label` is in the reader's language."""

    key: str
    label: str
    text: str


@dataclass(frozen=True)
class Difference:
    """One line that differs from the revision before ("" where it was not there)."""

    label: str
    before: str
    after: str


def lines(submission: Submission) -> list[Line]:
    """Everything the revision says, in the order of its form. A constant number of statements."""
    return [*_data(submission), *_scope(submission), *_causes(submission), *_done(submission)]


def _labels() -> dict[str, str]:
    return {
        "action": _("What was done at once"),
        "done_by": _("Who"),
        "done_at": _("When"),
        "effect": _("Proof that it works"),
        "prelim_cause": _("First idea of the cause"),
        "removal": _("When it may be lifted"),
        "place": _("The place: who went there, and when"),
        "thing": _("The object: what was looked at"),
        "facts_seen": _("The facts: what was seen and measured"),
        "summary": _("What was achieved, with figures"),
        "answer": _("What is done, or why not"),
        "done_by_date": _("By"),
        "adopt": _("Answer"),
    }


def _data(submission: Submission) -> Iterator[Line]:
    for key, label in _labels().items():
        value = submission.data.get(key)
        if key == "adopt" and value is not None:
            value = _("Taken up") if value else _("Not taken up")
        if value not in (None, ""):
            yield Line(key, label, str(value))


def _scope(submission: Submission) -> Iterator[Line]:
    seen: dict[str, int] = {}
    for row in submission.data.get("scope", []):
        # A place may be named more than once: two warehouses, two shipments.
        seen[row["area"]] = n = seen.get(row["area"], 0) + 1
        said = [row.get("note") or ""]
        if row.get("applies"):
            said = [
                _("checked %(checked)s, bad %(bad)s") % {"checked": row.get("checked"), "bad": row.get("bad") or 0},
                *said,
            ]
        label = str(Scope(row["area"]).label) + (f" {n}" if n > 1 else "")
        yield Line(f"scope-{row['area']}-{n}", label, "; ".join(part for part in said if part))


def _causes(submission: Submission) -> Iterator[Line]:
    legs = {leg.value: str(leg.label) for leg in Leg}
    for why in submission.whys.all():
        proof = f" ({why.proof})" if why.proof else ""
        yield Line(
            f"why-{why.leg}-{why.position}", f"{legs[why.leg]} {why.position}", f"{why.question} → {why.because}{proof}"
        )
    for root in submission.roots.all():
        verified = f" · {root.verified_by}" if root.verified_by else ""
        yield Line(
            f"root-{root.leg}",
            legs[root.leg] + " " + _("Root cause"),
            f"{root.statement} [{root.get_category_display()}]{verified}",
        )
    for action in submission.actions.select_related("root", "owner"):
        yield Line(f"action-{action.position}", _("Countermeasure") + f" {action.position}", _action(action, legs))


def _action(action: Countermeasure, legs: dict[str, str]) -> str:
    parts = [
        action.text,
        legs[action.root.leg],
        str(Strength(action.strength).label),
        str(action.owner),
        str(action.due_on),
    ]
    if action.documents:
        parts.append(_("Documents to change") + f": {action.documents}")
    return " · ".join(parts)


def _done(submission: Submission) -> Iterator[Line]:
    for result in submission.results.select_related("action"):
        said = f"{result.action.text} · " + _("done") + f" {result.done_on}"
        yield Line(
            f"result-{result.action.position}",
            _("Action") + f" {result.action.position}",
            f"{said} · {result.remark}" if result.remark else said,
        )
    for n, change in enumerate(submission.documents.all(), 1):
        yield Line(
            f"document-{n}",
            _("Document") + f" {n}",
            f"{change.name}: {change.old_version} → {change.new_version} ({change.released_on})",
        )
    for row in submission.read_across.select_related("site"):
        applies = _("Applies") if row.applies else _("Not applicable")
        yield Line(f"across-{row.site.code}", _("Read-across") + f" {row.site}", f"{applies} — {row.note}")


def before(submission: Submission) -> Submission | None:
    """The revision before this one, of the same step."""
    earlier = Submission.objects.filter(
        finding_id=submission.finding_id, step=submission.step, revision__lt=submission.revision
    )
    return earlier.order_by("-revision").first()


def differences(old: list[Line], new: list[Line]) -> list[Difference]:
    """What the new lines say otherwise than the old ones."""
    was, now = {line.key: line for line in old}, {line.key: line for line in new}
    found = []
    for key in [*now, *(old_key for old_key in was if old_key not in now)]:
        first, second = was.get(key), now.get(key)
        if (first.text if first else "") != (second.text if second else ""):
            label = (second or first).label  # type: ignore[union-attr]
            found.append(Difference(label, first.text if first else "", second.text if second else ""))
    return found


def revision(submission: Submission) -> dict[str, Any]:
    """The revision for its page: its lines, what changed since the one before, and the verdicts on it."""
    said, earlier = lines(submission), before(submission)
    return {
        "lines": said,
        "earlier": earlier,
        "differences": differences(lines(earlier), said) if earlier else [],
        "verdicts": submission.verdicts.select_related("by"),
    }
