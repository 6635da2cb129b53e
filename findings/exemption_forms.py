"""Applying for an exemption, deciding and reviewing it: their forms, facts and gates (domain §4 A6)."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, TypedDict

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy as _

from clocks.why import local
from findings import facts
from findings.exemptions import Exemption, ExemptionState as S
from findings.file_fields import FilesMixin
from findings.gates import form_url, wrong_kind
from findings.models import Finding
from findings.states import Step
from lib import moment
from lib.fields import DateField, FilesField, TextField, YesNoField, area
from workflow.errors import Missing
from workflow.forms import ReasonForm


class Application(facts.Files):
    """What cannot be solved in five days."""

    reason: str
    explanation: str
    interim_control: str
    milestones: str
    new_date: date


class Decision(TypedDict):
    approve: bool
    reason: str


class Review(TypedDict):
    go_on: bool
    reason: str


# Applying for it, a move of the finding ------------------------------------------------------------------------------


class ExemptionForm(FilesMixin):
    """What cannot be solved in five days: 24 h and 48 h still hold."""

    reason = forms.ChoiceField(label=_("Kind"), choices=Exemption.Reason.choices)
    explanation = TextField(label=_("Why it cannot be done in five days"), max_length=2000, widget=area())
    interim_control = TextField(label=_("Interim control until then"), max_length=2000, widget=area())
    milestones = TextField(label=_("Milestones"), max_length=2000, widget=area())
    new_date = DateField(label=_("New date"))
    files = FilesField(  # type: ignore[assignment]
        label=_("Customer's consent"),
        help_text=_("Needed when the new date lies after the customer's own."),
    )

    def clean_new_date(self) -> Any:
        day, today = self.cleaned_data["new_date"], moment.today(self.subject.site.unit.zone())
        if not 0 < (day - today).days <= 730:
            raise ValidationError(gettext("Give a date after today and within two years."))
        return day


def applying(finding: Finding, given: Application, at: datetime) -> list[Any]:
    """One application at a time, for a nonconformity whose five days still run."""
    if finding.is_observation:
        return wrong_kind(finding, given, at)
    if finding.pending_exemption:
        return [gettext("An application waits for its decision already.")]
    row = finding.deadlines.filter(step=Step.CLOSE, cycle=finding.cycle).select_related("policy_step__policy").first()
    if row is None or "decide_exemption" not in row.policy_step.moved_by:
        return [gettext("The policy of this finding knows no exemption.")]
    found = _date_faults(finding, given, row)
    policy = row.policy_step.policy
    if _renewed(finding) > policy.exemption_renewals:
        found.append(gettext("This exemption has been renewed %(n)s times already.") % {"n": policy.exemption_renewals})
    return found


def _renewed(finding: Finding) -> int:
    """How often one was approved in this round since the last one ended at its review: the count begins anew then."""
    own = finding.exemptions.filter(cycle=finding.cycle)
    ended = own.filter(state=S.ENDED).order_by("-applied_at").values_list("applied_at", flat=True).first()
    granted = own.filter(state__in=[S.APPROVED, S.REPLACED])
    return (granted.filter(applied_at__gt=ended) if ended else granted).count()


def _date_faults(finding: Finding, given: Application, row: Any) -> list[Any]:
    """The new date lies after the present one, within what the policy allows, and the customer agrees to it."""
    day, zone = given.get("new_date"), moment.zone_of(row.zone)
    if not day:
        return []
    found: list[Any] = []
    due = moment.day_of(row.due_at, zone)
    longest = moment.day_of(row.started_at + timedelta(days=row.policy_step.policy.exemption_days), zone)
    if day <= due:
        found.append(gettext("It is due on %(day)s anyway: an exemption needs a later date.") % {"day": due})
    if day > longest:
        found.append(gettext("An exemption may last until %(day)s at most.") % {"day": longest})
    asked = moment.day_of(row.customer_due_at, zone) if row.customer_due_at else None
    if asked and day > asked and not given.get("files"):
        said = gettext("The customer wants it by %(day)s: attach the customer's consent to a later date.") % {
            "day": asked
        }
        found.append(Missing(said, form_url(finding, "apply_exemption", "files")))
    return found


def is_askable(finding: Finding) -> bool:
    return not finding.is_observation and finding.pending_exemption is None


def make(finding: Finding, by: Any, at: datetime, given: Mapping[str, Any]) -> Exemption:
    """The application waits for the Leader, or for management where the Leader may not decide."""
    columns = {name: value for name, value in given.items() if name != "files"}
    number = f"{finding.number}-E{finding.exemptions.count() + 1}"
    finding.forget()
    return Exemption(finding=finding, number=number, cycle=finding.cycle, applied_by=by, applied_at=at, **columns)


# Deciding and reviewing it -------------------------------------------------------------------------------------------


class DecideForm(ReasonForm):
    approve = YesNoField(label=_("Decision"), yes=_("Approve"), no=_("Refuse"))
    field_order = ["approve", "reason"]

    def prepare(self) -> None:
        """What is asked for beside what holds now."""
        row = self.subject.finding.deadlines.filter(step=Step.CLOSE).order_by("cycle").last()
        if row is None:
            return
        said = gettext("Asked for until %(new)s; due now: %(due)s.") % {
            "new": self.subject.new_date,
            "due": local(row.due_at, row.zone),
        }
        if row.customer_due_at:
            said += " " + gettext("The customer wants it by %(day)s.") % {"day": local(row.customer_due_at, row.zone)}
        self.intro = said


class ExemptionReviewForm(ReasonForm):
    go_on = YesNoField(label=_("Decision"), yes=_("The exemption goes on"), no=_("End it: the clock runs on"))
    field_order = ["go_on", "reason"]


def reviewing(exemption: Exemption, given: Review, at: datetime) -> list[str]:
    """Only an exemption that carries the round under way can be reviewed."""
    return [] if exemption.in_force else [gettext("No exemption is in force.")]
