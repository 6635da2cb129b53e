"""Raising and deciding a dispute: their forms, facts and gates (domain §4 A31)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy as _

from findings import facts
from findings.disputes import Dispute, DisputeState as S
from findings.file_fields import FilesMixin
from findings.forms import other_owners
from findings.models import Finding, FindingEvent
from findings.problem_form import earlier_findings
from findings.states import ORDER
from lib import moment
from lib.fields import FilesField, RowField, TextField, area
from people.models import User
from workflow.forms import ReasonForm

#: The finding's moves by which its owner gets it.
HANDED_OVER = ("issue", "reassign", "reopen")


class Raised(facts.Files):
    ground: str
    statement: str
    proposed_owner: User | None
    duplicate_of: Finding | None


class Decision(facts.Files):
    outcome: str
    reason: str
    owner: User | None


# Raising it, a move of the finding -----------------------------------------------------------------------------------


class DisputeForm(FilesMixin):
    """What is not right, with evidence. The clocks run on until the Leader upholds it."""

    ground = forms.ChoiceField(label=_("Why it is disputed"), choices=Dispute.Ground.choices)
    statement = TextField(label=_("What is not right"), min_length=5, max_length=2000, widget=area())
    proposed_owner = RowField(User.objects.none(), code="username", label=_("Who should answer"), required=False)
    duplicate_of = RowField(Finding.objects.none(), code="number", label=_("Recorded already as"), required=False)
    files = FilesField(label=_("Evidence"))  # type: ignore[assignment]
    intro = _("The clocks run on. Only where the Leader upholds it they stop, or count anew for the new owner.")

    def prepare(self) -> None:
        self.fields["files"].required = True
        self.fields["proposed_owner"].queryset = other_owners(self.subject)  # type: ignore[attr-defined]
        earlier = earlier_findings(self.subject.audit, self.subject, self.user)
        self.fields["duplicate_of"].queryset = earlier  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("ground") == Dispute.Ground.DUPLICATE and not data.get("duplicate_of"):
            self.add_error("duplicate_of", _("Name the finding that records it already."))
        return data


def since(finding: Finding) -> datetime | None:
    """When its present owner got it."""
    events = FindingEvent.objects.filter(finding=finding, about="", move__in=HANDED_OVER)
    return events.order_by("-position").values_list("event_at", flat=True).first()


def last_moment(finding: Finding) -> datetime | None:
    """Until when it may be disputed: so many hours after its present owner got it, by the policy its clocks run under."""
    row = (
        finding.deadlines.filter(step__in=ORDER).select_related("policy_step__policy").order_by("-cycle", "id").first()
    )
    began = since(finding)
    return began + timedelta(hours=row.policy_step.policy.dispute_hours) if row is not None and began else None


def disputing(finding: Finding, given: Any, at: datetime) -> list[str]:
    """One at a time, and in time."""
    if finding.disputes.filter(state=S.RAISED).exists():
        return [gettext("A dispute waits for its decision already.")]
    last = last_moment(finding)
    if last is None or at > last:
        return [gettext("The time to dispute it is over. Ask the Leader to look at it.")]
    return []


def is_disputable(finding: Finding) -> bool:
    return not disputing(finding, {}, moment.now())


def make(finding: Finding, by: Any, at: datetime, given: Mapping[str, Any]) -> Dispute:
    columns = {name: value for name, value in given.items() if name != "files"}
    number = f"{finding.number}-D{finding.disputes.count() + 1}"
    return Dispute(finding=finding, number=number, raised_by=by, raised_at=at, **columns)


# Deciding it ---------------------------------------------------------------------------------------------------------


class DecideDisputeForm(FilesMixin, ReasonForm):
    """The finding stands, is withdrawn, or somebody else answers it."""

    outcome = forms.ChoiceField(label=_("Decision"), choices=[("", "—"), *Dispute.Outcome.choices])
    owner = RowField(User.objects.none(), code="username", label=_("New issue owner"), required=False)
    files = FilesField(  # type: ignore[assignment]
        label=_("Customer's proof"), help_text=_("Needed where the finding is withdrawn.")
    )
    field_order = ["outcome", "owner", "reason", "files"]

    def prepare(self) -> None:
        self.fields["owner"].queryset = other_owners(self.subject.finding)  # type: ignore[attr-defined]
        self.fields["owner"].initial = self.subject.proposed_owner_id

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        outcome = data.get("outcome")
        if outcome == Dispute.Outcome.REASSIGN and not data.get("owner"):
            self.add_error("owner", _("Say who answers it from now on."))
        if outcome == Dispute.Outcome.WITHDRAW and not data.get("files") and "files" not in self.errors:
            self.add_error("files", _("Attach the customer's proof: an issued finding is not withdrawn without it."))
        return data
