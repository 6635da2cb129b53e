"""What the procedure still demands before a move, one sentence per missing thing (domain §3.6)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from audits.models import Audit
from audits.states import CAPTURING
from clocks.policy import Policy
from findings.answers import Countermeasure, DocumentChange, ReadAcrossDecision, Root, Submission
from findings.facts import (
    Acceptance,
    ActionReport,
    Containment,
    CustomerClosure,
    Effect,
    Implementation,
    NewActionOwner,
    Return,
    Withdrawal,
)
from findings.models import Finding
from findings.states import FindingState, Leg, Step
from lib import moment
from people.models import Site, Unit
from people.rules import runs_the_system
from workflow.errors import Missing
from workflow.trail import about

#: The customer is silent only after this long (domain §3.6).
SILENCE_AFTER = timedelta(days=7)
#: Where a gate reads no fact in particular.
Facts = Mapping[str, Any]


def issuing(finding: Finding, facts: Facts, at: datetime) -> list[str]:
    """5W2H complete, a grade, and an owner of engineer level or above (procedure §4)."""
    asked = {
        "what": _("What"),
        "when": _("When"),
        "where": _("Where"),
        "found_by": _("Who"),
        "why": _("Why it counts"),
        "how": _("How"),
        "how_much": _("How much"),
    }
    lacking = {field: name for field, name in asked.items() if not getattr(finding, field).strip()}
    sentences: list[str] = []
    if lacking:
        said = _("The 5W2H description lacks: %(names)s.") % {"names": "、".join(lacking.values())}
        sentences.append(Missing(said, form_url(finding, "edit", next(iter(lacking)))))
    owner = form_url(finding, "edit", "owner")
    if finding.owner is None:
        sentences.append(Missing(_("Name the issue owner."), owner))
    elif not finding.owner.is_active:
        sentences.append(
            Missing(_("%(owner)s no longer works here: name another owner.") % {"owner": finding.owner}, owner)
        )
    elif runs_the_system(finding.owner):
        sentences.append(
            Missing(_("%(owner)s runs the system and may not own a finding.") % {"owner": finding.owner}, owner)
        )
    elif not finding.owner.may_own_findings:
        sentences.append(
            Missing(_("%(owner)s is below engineer level and may not own a finding.") % {"owner": finding.owner}, owner)
        )
    manager = form_url(finding, "edit", "closure_manager")
    if finding.closure_manager is None:
        sentences.append(Missing(_("Name the closure manager."), manager))
    elif not finding.closure_manager.is_active:
        sentences.append(
            Missing(
                _("%(manager)s no longer works here: name another closure manager.")
                % {"manager": finding.closure_manager},
                manager,
            )
        )
    if finding.audit.state not in CAPTURING:
        sentences.append(_("Findings are issued from the day on site until the audit is closed."))
    return sentences


def form_url(finding: Finding, move: str, field: str) -> str:
    """The field of a move's form, for a sentence that says what is missing."""
    return f"{finding.get_absolute_url()}moves/{move}/#id_{field}"


def wrong_kind(finding: Finding, facts: Facts, at: datetime) -> list[str]:
    if finding.is_observation:
        return [_("An observation needs one answer within five days, nothing else.")]
    return []


def answering_observation(finding: Finding, facts: Facts, at: datetime) -> list[str]:
    if finding.is_observation:
        return []
    return [_("Only an observation is answered at once; a nonconformity needs containment and root cause.")]


def closing(finding: Finding, facts: Facts, at: datetime) -> list[str]:
    """The closure gates; who verifies is stated in the rules, not here."""
    answer = finding.standing(Step.CLOSE)
    if answer is None:
        return [_("There is no implementation to verify.")]
    return [] if finding.is_observation else [*_answers(finding), *_actions(finding, answer), *_wide(answer)]


def _answers(finding: Finding) -> list[str]:
    names = {Step.CONTAIN: _("containment"), Step.ANALYSE: _("root cause and countermeasures")}
    found = {step: finding.standing(step) for step in names}
    missing = [_("The %(step)s is missing.") % {"step": name} for step, name in names.items() if not found[step]]
    analysis = found[Step.ANALYSE]
    if analysis is None:
        return missing
    roots = {root.leg: root for root in Root.objects.filter(submission=analysis).prefetch_related("actions")}
    for leg in Leg:
        if leg not in roots:
            missing.append(_("The leg “%(leg)s” has no root cause.") % {"leg": leg.label})
        elif not roots[leg].actions.all():
            missing.append(_("The root cause of the leg “%(leg)s” has no countermeasure.") % {"leg": leg.label})
    return missing


def _actions(finding: Finding, answer: Submission) -> list[str]:
    actions = list(Countermeasure.objects.filter(submission__finding=finding, submission__current=True))
    done = set(answer.results.values_list("action_id", flat=True))
    proven = proven_actions(finding)
    missing = []
    if any(action.documents for action in actions) and not answer.documents.exists():
        missing.append(_("Documents were to be changed, but none is given with its old and new version."))
    for action in actions:
        facts = {"n": action.position, "text": action.text[:40]}
        if action.pk not in done:
            missing.append(_("Action %(n)s (%(text)s) is not done.") % facts)
        elif action.pk not in proven:
            said = _("Action %(n)s (%(text)s) has no evidence.") % facts
            missing.append(Missing(said, f"{finding.get_absolute_url()}#attach"))
    return missing


def proven_actions(finding: Finding) -> set[int]:
    """The actions with evidence of this cycle: what the customer refused proves nothing a second time."""
    clock = finding.deadlines.filter(step=Step.CLOSE, cycle=finding.cycle).first()
    rows = finding.evidence.filter(about__startswith="countermeasure:")
    if clock is not None:
        rows = rows.filter(uploaded_at__gte=clock.started_at)
    return {pk for row in rows if (pk := row.key_of("countermeasure"))}


def _wide(answer: Submission) -> list[str]:
    """Documents released, and read-across decided for every audited site of the group's list."""
    missing = [
        _("Document %(name)s has no released version.") % {"name": change.name}
        for change in DocumentChange.objects.filter(submission=answer, new_version="")
    ]
    decided = set(ReadAcrossDecision.objects.filter(submission=answer).values_list("site_id", flat=True))
    open_sites = [str(site) for site in read_across_sites(answer.finding) if site.pk not in decided]
    if open_sites:
        missing.append(_("Read-across is not decided for: %(sites)s.") % {"sites": "、".join(open_sites)})
    return missing


def read_across_sites(finding: Finding) -> list[Site]:
    """The other sites in scope: those audited together with the place found; without any, those of its factory."""
    audited = list(Site.objects.filter(audited__audit=finding.audit).exclude(pk=finding.site_id).distinct())
    if audited:
        return audited
    units = {unit.pk: unit for unit in Unit.objects.filter(pk__in=finding.site.unit.ancestor_ids())}
    factory = next((unit for unit in units.values() if unit.kind == Unit.Kind.FACTORY), finding.site.unit)
    return list(Site.objects.in_use().filter(unit__path__startswith=factory.path).exclude(pk=finding.site_id))


def sending_back(finding: Finding, facts: Return, at: datetime) -> list[str]:
    """Only what stands and was submitted in this cycle can be sent back; going further back is for reopening."""
    return [] if facts.get("step") in finding.reviewable() else [_("This step cannot be sent back as it stands.")]


def accepting(finding: Finding, facts: Acceptance, at: datetime) -> list[str]:
    return [] if facts.get("step") in finding.awaiting() else [_("Nothing of this step waits for a verdict.")]


def withdrawing(finding: Finding, facts: Withdrawal, at: datetime) -> list[str]:
    """Once issued, a finding is withdrawn only with the customer's proof (domain §4 A31)."""
    if finding.state == FindingState.DRAFT or facts.get("files"):
        return []
    return [
        Missing(
            _("Attach the customer's proof: an issued finding is not withdrawn without it."),
            form_url(finding, "withdraw", "files"),
        )
    ]


def implementing(finding: Finding, facts: Implementation, at: datetime) -> list[str]:
    """An implementation is submitted with the evidence of every action, or it would stop the clock with nothing."""
    if finding.is_observation:
        return wrong_kind(finding, facts, at)
    brought = {getattr(file, "about", "") for file in facts.get("files", ())}
    proven = proven_actions(finding)
    actions = Countermeasure.objects.filter(submission__finding=finding, submission__current=True)
    return [
        Missing(
            _("Action %(n)s (%(text)s) has no evidence.") % {"n": action.position, "text": action.text[:40]},
            form_url(finding, "submit_implementation", "results"),
        )
        for action in actions.order_by("position")
        if action.pk not in proven and about(action) not in brought
    ]


def completing(finding: Finding, facts: ActionReport, at: datetime) -> list[str]:
    """One's own action, and proof with it."""
    action = facts.get("action")
    if action is None or action.pk not in finding.action_owner_by_id:
        return [_("This action is not part of the current analysis.")]
    if action.reports.exists():
        return [_("This action was reported done already.")]
    if not facts.get("files") and action.pk not in proven_actions(finding):
        return [Missing(_("Attach the proof that the action is done."), form_url(finding, "complete_action", "files"))]
    return []


def replacing_action_owner(finding: Finding, facts: NewActionOwner, at: datetime) -> list[str]:
    action = facts.get("action")
    known = action is not None and action.pk in finding.action_owner_by_id
    return [] if known else [_("This action is not part of the current analysis.")]


def closing_for_customer(finding: Finding, facts: CustomerClosure, at: datetime) -> list[str]:
    """The customer's statement, or silence: accepted knowingly, and only after the customer had time to answer (§3.6)."""
    if not facts.get("silence") and not facts.get("files"):
        return [
            Missing(
                _("Attach the customer's statement, or accept the silence knowingly."),
                form_url(finding, "close_for_customer", "files"),
            )
        ]
    if not facts.get("silence") or finding.closed_at is None:
        return []
    since = moment.now() - finding.closed_at
    if since >= SILENCE_AFTER:
        return []
    return [_("Silence counts from %(days)s days after the internal closure on.") % {"days": SILENCE_AFTER.days}]


def confirming(finding: Finding, facts: Effect, at: datetime) -> list[str]:
    """The window has to have passed since the customer closed; lots are counted by the verifier (domain §3.7)."""
    window = str(facts.get("window", ""))
    since = finding.customer_closed_at
    if not window.isdecimal() or since is None or moment.now() - since >= timedelta(days=int(window)):
        return []
    return [_("The %(days)s days of observation are not over yet.") % {"days": window}]


def containing(finding: Finding, facts: Containment, at: datetime) -> list[str]:
    """Where the policy requires it, the preliminary cause comes with the containment (domain §4 A1)."""
    if finding.is_observation:
        return wrong_kind(finding, facts, at)
    if str(facts.get("prelim_cause", "")).strip():
        return []
    row = finding.deadlines.filter(step=Step.CONTAIN, cycle=finding.cycle).select_related("policy_step__policy").first()
    if row is not None and row.policy_step.policy.prelim_cause == Policy.PrelimCause.REQUIRED:
        return [_("The policy of this finding requires the preliminary cause with the containment.")]
    return []


def audit_may_close(audit: Audit) -> list[str]:
    """Every finding is closed by the customer (or withdrawn) before its audit is closed."""
    settled = {FindingState.CUSTOMER_CLOSED, FindingState.EFFECTIVE, FindingState.WITHDRAWN}
    numbers = list(audit.findings.exclude(state__in=settled).values_list("number", flat=True)[:6])
    if not numbers:
        return []
    return [_("These findings are not closed by the customer yet: %(numbers)s.") % {"numbers": "、".join(numbers)}]


def audit_may_begin_closure(audit: Audit) -> list[str]:
    numbers = list(audit.findings.filter(state=FindingState.DRAFT).values_list("number", flat=True)[:6])
    if not numbers:
        return []
    return [_("Issue or withdraw these drafts first: %(numbers)s.") % {"numbers": "、".join(numbers)}]
