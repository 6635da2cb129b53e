"""What the procedure still demands before a move, one sentence per missing thing (domain §3.6)."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from audits.models import Audit
from audits.states import CAPTURING
from findings.answers import Countermeasure, DocumentChange, ReadAcross, Root, Submission
from findings.models import Finding
from findings.states import FindingState, Leg, Step
from people.models import Site

Gate = Callable[[Finding], list[str]]


def issuing(finding: Finding) -> list[str]:
    """5W2H complete, a grade, and an owner of engineer level or above (procedure §4)."""
    asked = {
        "what": _("What"), "when": _("When"), "where": _("Where"), "found_by": _("Who"), "why": _("Why it counts"),
        "how": _("How"), "how_much": _("How much"),
    }
    lacking = [name for field, name in asked.items() if not getattr(finding, field).strip()]
    sentences = [_("The 5W2H description lacks: %(names)s.") % {"names": "、".join(lacking)}] if lacking else []
    if finding.owner is None:
        sentences.append(_("Name the issue owner."))
    elif not finding.owner.may_own_findings:
        sentences.append(_("%(owner)s is below engineer level and may not own a finding.") % {"owner": finding.owner})
    if finding.closure_manager_id is None:
        sentences.append(_("Name the closure manager."))
    if finding.audit.state not in CAPTURING:
        sentences.append(_("Findings are issued from the day on site until the audit is closed."))
    return sentences


def _wrong_kind(finding: Finding) -> list[str]:
    if finding.is_observation:
        return [_("An observation needs one answer within five days, nothing else.")]
    return []


def answering_observation(finding: Finding) -> list[str]:
    if finding.is_observation:
        return []
    return [_("Only an observation is answered at once; a nonconformity needs containment and root cause.")]


def closing(finding: Finding) -> list[str]:
    """The closure gates; who verifies is stated in the rules, not here."""
    answer = finding.current(Step.CLOSE)
    if answer is None or answer.returned:
        return [_("There is no implementation to verify.")]
    return [] if finding.is_observation else [*_answers(finding), *_actions(finding, answer), *_wide(answer)]


def _answers(finding: Finding) -> list[str]:
    names = {Step.CONTAIN: _("containment"), Step.ANALYSE: _("root cause and countermeasures")}
    found = {step: finding.current(step) for step in names}
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
    actions = Countermeasure.objects.filter(submission__finding=finding, submission__current=True)
    done = set(answer.results.values_list("action_id", flat=True))
    proven = set(finding.evidence.exclude(action=None).values_list("action_id", flat=True))
    missing = []
    for action in actions:
        facts = {"n": action.position, "text": action.text[:40]}
        if action.pk not in done:
            missing.append(_("Action %(n)s (%(text)s) is not done.") % facts)
        elif action.pk not in proven:
            missing.append(_("Action %(n)s (%(text)s) has no evidence.") % facts)
    return missing


def _wide(answer: Submission) -> list[str]:
    """Documents released, and read-across decided for every audited site of the group's list."""
    missing = [
        _("Document %(name)s has no released version.") % {"name": change.name}
        for change in DocumentChange.objects.filter(submission=answer, new_version="")
    ]
    decided = set(ReadAcross.objects.filter(submission=answer).values_list("site_id", flat=True))
    open_sites = [str(site) for site in read_across_sites(answer.finding) if site.pk not in decided]
    if open_sites:
        missing.append(_("Read-across is not decided for: %(sites)s.") % {"sites": "、".join(open_sites)})
    return missing


def read_across_sites(finding: Finding) -> list[Site]:
    """The other sites in scope: those audited together with the place found; without any, those of its factory."""
    audited = list(Site.objects.filter(audited__audit=finding.audit).exclude(pk=finding.site_id).distinct())
    return audited or list(Site.objects.filter(unit=finding.site.unit).exclude(pk=finding.site_id))


GATES: dict[str, Gate] = {
    "issue": issuing,
    "submit_containment": _wrong_kind,
    "submit_analysis": _wrong_kind,
    "submit_implementation": _wrong_kind,
    "answer_observation": answering_observation,
    "close": closing,
}


def missing(finding: Finding, move: str) -> list[str]:
    return GATES[move](finding) if move in GATES else []


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


