"""What else a move of a finding does: database rows only, in the order of the table."""

from collections.abc import Iterable, Mapping
from typing import Any

from attachments import models as attachments
from clocks import actions as clock
from findings import facts
from findings.answers import (
    ActionReport,
    ActionResult,
    Countermeasure,
    DocumentChange,
    ReadAcrossDecision,
    Root,
    Submission,
    Verdict,
    Why,
)
from findings.models import Finding
from findings.read_across import LIVE, ReadAcross, ReadAcrossState
from findings.states import ORDER, Purpose, Step
from workflow import door
from workflow.move import Effect, Moved
from workflow.trail import plain

#: Where an effect reads no fact in particular.
Facts = Mapping[str, Any]


# Submissions and verdicts -------------------------------------------------------------------------------------------


def _from(step: str) -> tuple[str, ...]:
    return ORDER[ORDER.index(Step(step)) :]


#: Facts that become rows of their own instead of text in the submission.
ROWS = {"files", "legs", "actions", "results", "documents", "read_across"}


def keep_submission(step: Step) -> Effect[Finding, Facts]:
    """One immutable revision of this step's answer, with its rows."""

    def keep(moved: Moved[Finding, Facts]) -> None:
        finding = moved.subject
        earlier = [submission for submission in finding.submission_rows if submission.step == step]
        if any(submission.current for submission in earlier):
            finding.submissions.filter(step=step, current=True).update(current=False)
        submission = Submission.objects.create(
            finding=finding,
            step=step,
            cycle=finding.cycle,
            revision=1 + max((submission.revision for submission in earlier), default=0),
            data=plain({name: value for name, value in moved.facts.items() if name not in ROWS}),
            by=moved.by,
            on_behalf_of=moved.on_behalf_of,
            submitted_at=moved.at,
        )
        _keep_analysis(submission, moved.facts)
        _keep_implementation(submission, moved.facts)
        finding.remember(submission)

    return keep


def _keep_analysis(submission: Submission, facts: Any) -> None:
    roots: dict[str, Root] = {}
    for leg in facts.get("legs", []):
        Why.objects.bulk_create(
            Why(submission=submission, leg=leg["leg"], position=position, **rung)
            for position, rung in enumerate(leg["whys"], 1)
        )
        roots[leg["leg"]] = Root.objects.create(
            submission=submission,
            leg=leg["leg"],
            statement=leg["root"],
            category=leg["category"],
            verified_by=leg["verified_by"],
        )
    Countermeasure.objects.bulk_create(
        Countermeasure(
            submission=submission,
            position=position,
            root=roots[action["leg"]],
            **{name: value for name, value in action.items() if name != "leg"},
        )
        for position, action in enumerate(facts.get("actions", []), 1)
    )


def _keep_implementation(submission: Submission, facts: Any) -> None:
    ActionResult.objects.bulk_create(
        ActionResult(submission=submission, **result) for result in facts.get("results", [])
    )
    DocumentChange.objects.bulk_create(
        DocumentChange(submission=submission, **change) for change in facts.get("documents", [])
    )
    ReadAcrossDecision.objects.bulk_create(
        ReadAcrossDecision(submission=submission, **row) for row in facts.get("read_across", [])
    )


def keep_report(moved: Moved[Finding, facts.ActionReport]) -> None:
    """The action's owner reports it done; the proof is tied to the action."""
    told = moved.facts
    ActionReport.objects.create(
        action=told["action"], done_on=told["done_on"], remark=told.get("remark", ""), by=moved.by, at=moved.at
    )


def pass_action_on(moved: Moved[Finding, facts.NewActionOwner]) -> None:
    """Another owner for one action of the current analysis; what it says stays as it was submitted."""
    Countermeasure.objects.filter(pk=moved.facts["action"].pk).update(owner=moved.facts["owner"])
    moved.subject.forget()


def keep_files(purpose: Purpose) -> Effect[Finding, facts.Files]:
    """The files of the move as evidence of this purpose, of the record beside the finding where the move opened one."""

    def keep(moved: Moved[Finding, facts.Files]) -> None:
        attachments.keep(moved.subject, moved.facts.get("files", ()), by=moved.by, kind=purpose, beside=moved.made)

    return keep


def _judge(moved: Moved[Finding, Facts], submissions: Iterable[Submission], outcome: str, reason: str) -> None:
    made = Verdict.objects.bulk_create(
        Verdict(submission=submission, outcome=outcome, reason=reason, by=moved.by, at=moved.at)
        for submission in submissions
    )
    for verdict in made:
        verdict.submission.verdict_rows.append(verdict)


def return_submissions(moved: Moved[Finding, facts.Return]) -> None:
    """The step goes back with the reason; answers built on it are overtaken."""
    returned, *later = _from(moved.facts["step"])
    current = [submission for submission in moved.subject.submission_rows if submission.current]
    _judge(
        moved,
        [answer for answer in current if answer.step == returned],
        Verdict.Outcome.RETURNED,
        moved.facts["reason"],
    )
    _judge(moved, [answer for answer in current if answer.step in later], Verdict.Outcome.OVERTAKEN, "")


def accept_submission(moved: Moved[Finding, facts.Acceptance]) -> None:
    """A verdict on that revision; on time is judged by when it was submitted (domain §1.5)."""
    _accept(moved, [moved.facts["step"]], moved.facts.get("reason", ""))


def accept_all(moved: Moved[Finding, facts.Closure]) -> None:
    _accept(moved, list(ORDER), moved.facts["conclusion"])


def _accept(moved: Moved[Finding, Facts], steps: list[str], reason: str) -> None:
    waiting = [
        submission for submission in moved.subject.submission_rows if submission.step in steps and submission.pending
    ]
    _judge(moved, waiting, Verdict.Outcome.ACCEPTED, reason)
    clocks = clock.newest(moved.subject)
    for one in waiting:
        if one.step in clocks:
            clocks[one.step].accepted_at = moved.at
            clocks[one.step].save(update_fields=["accepted_at"])


# Read-across --------------------------------------------------------------------------------------------------------


def spread(moved: Moved[Finding, facts.Implementation]) -> None:
    """Every site to which it applies gets a record of its own, unless one is under way there or was verified in this round;
    where it no longer applies, what was under way is dropped.
    """
    finding, decisions = moved.subject, moved.facts.get("read_across", ())
    newest = {row.site_id: row for row in finding.read_across.order_by("pk")} if decisions else {}
    for decided in decisions:
        before = newest.get(decided["site"].pk)
        under_way = before is not None and before.state in LIVE
        settled = before is not None and before.state == ReadAcrossState.VERIFIED and before.cycle == finding.cycle
        if decided["applies"] and not under_way and not settled:
            _open_read_across(moved, decided["site"], decided["note"])
        elif before is not None and under_way and decided["applies"]:
            _goes_on(moved, before, decided["note"])
        elif before is not None and under_way:
            machine = door.MACHINES[ReadAcross]
            door.follow(moved, machine, door.beside(machine, before.pk, finding), machine.moves["drop_read_across"], {})
    vars(finding).pop("read_across_ids", None)


def _goes_on(moved: Moved[Finding, Any], record: ReadAcross, note: str) -> None:
    """What is under way is of this round from now on, as its decision now says; one from before there were clocks gets its time."""
    ReadAcross.objects.filter(pk=record.pk).update(cycle=moved.subject.cycle, note=note)
    if not record.deadlines.exists():
        door.begin(moved, door.beside(door.MACHINES[ReadAcross], record.pk, moved.subject))


def _open_read_across(moved: Moved[Finding, Any], site: Any, note: str) -> None:
    finding = moved.subject
    record = ReadAcross(
        finding=finding,
        number=f"{finding.number}-R{finding.read_across.count() + 1}",
        cycle=finding.cycle,
        site=site,
        note=note,
        # Whoever answers for findings at that site; where they have left, the finding's own owner.
        owner=site.owner if site.owner is not None and site.owner.is_active else finding.owner,
        opened_at=moved.at,
    )
    door.open_beside(moved, record)
