"""What else a move of a finding does: database rows only, in the order of the table."""

from collections.abc import Iterable
from typing import Any

from findings import clock
from findings.answers import (
    ActionResult,
    Countermeasure,
    DocumentChange,
    Evidence,
    Exemption,
    ReadAcross,
    Root,
    Submission,
    Verdict,
    Why,
)
from findings.models import Deadline, Finding
from findings.rules import verifier_id
from findings.states import ORDER, FindingState, Step
from findings.storage import Stored
from notices import actions as notices
from notices.models import Notice
from people.models import StandingRole, User
from workflow import moment
from workflow.door import Effect, Step as Moved
from workflow.trail import plain

OWNER_CLOCKS: tuple[str, ...] = ORDER
PURPOSE = {"submit_containment": "contain", "submit_analysis": "analyse", "submit_implementation": "close",
           "answer_observation": "close", "close_for_customer": "customer", "withdraw": "customer"}


def _tell(
    moved: Moved, kind: str, people: Iterable[Any], level: str = Notice.Level.INFO, /, **more: Any
) -> None:
    finding = moved.subject
    facts = {"number": finding.number, "what": finding.what[:120], "site": str(finding.site), "by": str(moved.by)}
    notices.tell(
        {person for person in people if person is not None and person != moved.by},
        kind, f"{finding.number}:{moved.move}:{finding.version}",
        url=finding.get_absolute_url(), level=level, facts=facts | more,
    )


def _clocks(finding: Finding) -> dict[str, Deadline]:
    """The newest clock of every step, locked in the order of their ids."""
    rows = Deadline.objects.select_for_update(no_key=True, of=("self",)).filter(finding=finding)
    loaded = rows.select_related("policy_step").prefetch_related("policy_step__rungs").order_by("id")
    return {deadline.step: deadline for deadline in sorted(loaded, key=lambda one: (one.cycle, one.pk))}


# Clocks -------------------------------------------------------------------------------------------------------------


def start_clocks(moved: Moved) -> None:
    """T0: all of the owner's clocks start together (domain §4 A2)."""
    clock.start(moved.subject, OWNER_CLOCKS, at=moved.at, by=moved.by, cycle=moved.subject.cycle)


def start_next_cycle(moved: Moved) -> None:
    """Reopened: new clocks for what has to be done again; the old ones keep what happened."""
    steps = OWNER_CLOCKS if moved.subject.state == FindingState.ISSUED else (Step.CLOSE,)
    clock.start(moved.subject, steps, at=moved.at, by=moved.by, cycle=moved.subject.cycle)


def answer_clock(moved: Moved) -> None:
    """The owner's clock is answered; the reviewer's own 24 hours begin unless they already run (A5)."""
    step = STEP_OF[moved.move]
    clocks = _clocks(moved.subject)
    if step in clocks and clocks[step].running:
        clock.answer(clocks[step], moved.at)
    review = clocks.get(Step.REVIEW)
    if review is None or not review.running:
        cycle = review.cycle + 1 if review else 1
        clock.start(moved.subject, (Step.REVIEW,), at=moved.at, by=moved.by, cycle=cycle)


def _end_review(moved: Moved, clocks: dict[str, Deadline]) -> None:
    """The reviewer has answered once nothing waits for a verdict."""
    review = clocks.get(Step.REVIEW)
    waiting = any(one.pending for one in moved.subject.submissions.filter(current=True))
    if review and review.running and not waiting:
        clock.answer(review, moved.at)


def open_clocks_again(moved: Moved) -> None:
    """Sent back: the step and those after it run on from where they stood; their due times stay (A5)."""
    clocks = _clocks(moved.subject)
    for step in _from(moved.facts["step"]):
        if step in clocks:
            clock.open_again(clocks[step])
    _end_review(moved, clocks)


def stop_clocks(moved: Moved) -> None:
    Deadline.objects.filter(finding=moved.subject, stopped_at=None, answered_at=None).update(
        stopped_at=moved.at, next_alarm_at=None
    )


# Submissions and verdicts -------------------------------------------------------------------------------------------


def _from(step: str) -> tuple[str, ...]:
    return ORDER[ORDER.index(Step(step)):]


STEP_OF = {
    "submit_containment": Step.CONTAIN, "submit_analysis": Step.ANALYSE, "submit_implementation": Step.CLOSE,
    "answer_observation": Step.CLOSE,
}
#: Facts that become rows of their own instead of text in the submission.
ROWS = {"files", "legs", "actions", "results", "documents", "read_across"}


def keep_submission(moved: Moved) -> None:
    """One immutable revision with its rows."""
    finding, step = moved.subject, STEP_OF[moved.move]
    earlier = finding.submissions.filter(step=step)
    last = earlier.order_by("-revision").first()
    earlier.filter(current=True).update(current=False)
    submission = Submission.objects.create(
        finding=finding, step=step, cycle=finding.cycle, revision=last.revision + 1 if last else 1,
        data=plain({name: value for name, value in moved.facts.items() if name not in ROWS}),
        by=moved.by, on_behalf_of=moved.on_behalf_of, submitted_at=moved.at,
    )
    _keep_analysis(submission, moved.facts)
    _keep_implementation(submission, moved.facts)
    # The finding remembers its submissions and who has an action; both have just changed.
    for name in ("submission_rows", "action_owner_ids", "answerer_ids"):
        finding.__dict__.pop(name, None)


def _keep_analysis(submission: Submission, facts: Any) -> None:
    roots: dict[str, Root] = {}
    for leg in facts.get("legs", []):
        Why.objects.bulk_create(
            Why(submission=submission, leg=leg["leg"], position=position, **rung)
            for position, rung in enumerate(leg["whys"], 1)
        )
        roots[leg["leg"]] = Root.objects.create(
            submission=submission, leg=leg["leg"], statement=leg["root"], category=leg["category"],
            verified_by=leg["verified_by"],
        )
    Countermeasure.objects.bulk_create(
        Countermeasure(
            submission=submission, position=position, root=roots[action["leg"]],
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
    ReadAcross.objects.bulk_create(ReadAcross(submission=submission, **row) for row in facts.get("read_across", []))


def keep_files(moved: Moved) -> None:
    add_evidence(
        moved.subject, moved.facts.get("files", ()), by=moved.by, purpose=PURPOSE.get(moved.move, "problem")
    )


def add_evidence(finding: Finding, files: Iterable[Stored], *, by: Any, purpose: str, caption: str = "") -> None:
    """Rows for files that already lie in the storage."""
    at = moment.now()
    Evidence.objects.bulk_create(
        Evidence(
            finding=finding, action_id=file.action_id, purpose=purpose, caption=caption, file=file.path,
            token=file.token, name=file.checked.original_name, content_type=file.checked.content_type,
            size=file.checked.size, sha256=file.checked.sha256, uploaded_by=by, uploaded_at=at,
        )
        for file in files
    )


def _judge(moved: Moved, submissions: Iterable[Submission], outcome: str, reason: str) -> None:
    Verdict.objects.bulk_create(
        Verdict(submission=one, outcome=outcome, reason=reason, by=moved.by, at=moved.at) for one in submissions
    )


def return_submissions(moved: Moved) -> None:
    """The step goes back with the reason; answers built on it are overtaken."""
    returned, *later = _from(moved.facts["step"])
    current = list(moved.subject.submissions.filter(current=True))
    _judge(moved, [one for one in current if one.step == returned], Verdict.Outcome.RETURNED, moved.facts["reason"])
    _judge(moved, [one for one in current if one.step in later], Verdict.Outcome.OVERTAKEN, "")


def accept_submission(moved: Moved) -> None:
    """A verdict on that revision; on time is judged by when it was submitted (domain §1.5)."""
    _accept(moved, [moved.facts["step"]], moved.facts.get("reason", ""))


def accept_all(moved: Moved) -> None:
    _accept(moved, list(OWNER_CLOCKS), moved.facts["conclusion"])


def _accept(moved: Moved, steps: list[str], reason: str) -> None:
    rows = moved.subject.submissions.filter(current=True, step__in=steps).prefetch_related("verdicts")
    waiting = [one for one in rows if one.pending]
    _judge(moved, waiting, Verdict.Outcome.ACCEPTED, reason)
    clocks = _clocks(moved.subject)
    for one in waiting:
        if one.step in clocks:
            clocks[one.step].accepted_at = moved.at
            clocks[one.step].save(update_fields=["accepted_at"])
    _end_review(moved, clocks)


# Exemptions ---------------------------------------------------------------------------------------------------------


def keep_exemption(moved: Moved) -> None:
    """The application waits for the Leader, or for management where the Leader may not decide."""
    finding = moved.subject
    Exemption.objects.create(
        finding=finding, cycle=finding.cycle, applied_by=moved.by, applied_at=moved.at,
        **moved.facts,
    )


def decide_exemption(moved: Moved) -> None:
    """First the Leader, then management where money or a move is asked; the last approval moves the five days."""
    exemption, approve = moved.subject.pending_exemption, moved.facts["approve"]
    if exemption.waits_for_leader:
        exemption.leader_by, exemption.leader_at = moved.by, moved.at
        finished = not approve or not exemption.needs_top
    else:
        exemption.top_by, exemption.top_at = moved.by, moved.at
        finished = True
    exemption.decision_note = f"{exemption.decision_note}\n{moved.facts['reason']}".strip()
    if finished:
        exemption.outcome = Exemption.Outcome.APPROVED if approve else Exemption.Outcome.REFUSED
    exemption.save()
    if finished and approve:
        clock.exempt(_clocks(moved.subject)[Step.CLOSE], exemption.new_date, moved.at)


def lapse_exemption(moved: Moved) -> None:
    """An application nobody decided ends with the cycle it was made in."""
    moved.subject.exemptions.filter(outcome="").update(outcome=Exemption.Outcome.LAPSED)


def tell_deciders(moved: Moved) -> None:
    exemption = moved.subject.exemptions.first()
    if exemption is None or exemption.outcome:
        _tell(moved, "exemption_decided", [moved.subject.owner, moved.subject.closure_manager],
              outcome=exemption.get_outcome_display() if exemption else "")
        return
    people: Iterable[Any] = [moved.subject.audit.leader]
    if not exemption.waits_for_leader:
        people = User.objects.holding(StandingRole.Role.TOP, StandingRole.Role.PROCESS_OWNER)
    _tell(moved, "exemption_waits", people)


# Telling ------------------------------------------------------------------------------------------------------------


def tell_issued(moved: Moved) -> None:
    finding = moved.subject
    level = Notice.Level.RED if finding.grade == "critical" else Notice.Level.INFO
    _tell(moved, "finding_issued", [finding.owner, finding.closure_manager, finding.site.contact, finding.audit.leader],
          level, grade=finding.grade, observation=finding.is_observation)


def tell_reviewer(moved: Moved) -> None:
    people = User.objects.filter(pk__in=[verifier_id(moved.subject) or 0])
    _tell(moved, "finding_submitted", people, step=str(STEP_OF[moved.move].label))


def tell_action_owners(moved: Moved) -> None:
    people = User.objects.filter(pk__in=moved.subject.action_owner_ids).exclude(pk=moved.subject.owner_id)
    _tell(moved, "finding_action", people)


def tell_owner(moved: Moved) -> None:
    reason = str(moved.facts.get("reason") or moved.facts.get("conclusion") or "")
    _tell(moved, f"finding_{moved.move}", [moved.subject.owner], reason=reason)


def tell_lead_escort(moved: Moved) -> None:
    _tell(moved, f"finding_{moved.move}", [moved.subject.owner, moved.subject.audit.lead_escort], reason="")


def void_answered(moved: Moved) -> None:
    """Reminders of the answered clock that are not sent yet have lost their reason; those of other clocks have not."""
    notices.void("clock", f"{moved.subject.pk}:{STEP_OF[moved.move].value}:")


def void_all(moved: Moved) -> None:
    notices.void("clock", f"{moved.subject.pk}:")


def void_former_owner(moved: Moved) -> None:
    """Whoever owned it until now is no longer reminded; everyone above still is."""
    if moved.subject.former_owner_id:
        notices.void("clock", f"{moved.subject.pk}:", recipient_id=moved.subject.former_owner_id)


ANSWER: tuple[Effect, ...] = (keep_submission, keep_files, answer_clock, void_answered, tell_reviewer)
EFFECTS: dict[str, tuple[Effect, ...]] = {
    "edit": (keep_files,),
    "issue": (start_clocks, tell_issued),
    "submit_containment": ANSWER,
    "submit_analysis": (*ANSWER, tell_action_owners),
    "submit_implementation": ANSWER,
    "answer_observation": ANSWER,
    "accept_step": (accept_submission, tell_owner),
    "send_back": (return_submissions, open_clocks_again, tell_owner),
    "close": (accept_all, lapse_exemption, tell_lead_escort),
    "close_for_customer": (keep_files, tell_owner),
    "confirm_effective": (tell_lead_escort,),
    "reopen": (lapse_exemption, start_next_cycle, tell_lead_escort),
    "withdraw": (keep_files, stop_clocks, lapse_exemption, void_all, tell_owner),
    "reassign": (void_former_owner, tell_owner),
    "regrade": (tell_owner,),
    "apply_exemption": (keep_exemption, tell_deciders),
    "decide_exemption": (decide_exemption, tell_deciders),
}
