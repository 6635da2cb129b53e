"""One form per move of a finding."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy as _

from findings.analysis_form import AnalysisForm
from findings.answers import Evidence, Exemption
from findings.gates import read_across_sites
from findings.models import Countermeasure, Finding
from findings.states import FindingState, Grade, Scope, Step
from findings.storage import store
from people.models import Site, User
from workflow import moment
from workflow.files import check
from workflow.forms import DateInput, MoveForm, PlainForm, ReasonForm

DOCUMENT_ROWS = 4


def area(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once, each checked by its content."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", FilesInput())
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        uploads = data if isinstance(data, list | tuple) else [data]
        files = [super(FilesField, self).clean(one, initial) for one in uploads if one or self.required]
        if len(files) > 12:
            raise ValidationError(gettext("At most 12 files at once."))
        for file in files:
            if file:
                check(file)
        return [file for file in files if file]


class FilesMixin(MoveForm):
    """A move with evidence: the files are stored before the move and handed on as facts."""

    def facts(self) -> dict[str, Any]:
        facts = super().facts()
        facts["files"] = [store(upload) for upload in facts.pop("files")]
        return facts


PROBLEM_FIELDS = (
    "source", "site", "what", "when", "where", "found_by", "why", "how", "how_much", "customer_words",
    "customer_grade", "grade", "clause", "product", "customer_number", "customer_due_on", "owner", "closure_manager",
    "repeat_of",
)


class ProblemFields(forms.ModelForm[Finding]):
    """5W2H with the procedure's own prompts (procedure §3), the customer's words beside ours."""

    files = FilesField(label=_("Photos and documents"))  # type: ignore[assignment]

    class Meta:
        model = Finding
        fields = list(PROBLEM_FIELDS)
        widgets = {
            "what": area(), "why": area(2), "how": area(2), "customer_words": area(2), "customer_due_on": DateInput,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        audit = self.instance.audit
        audited = Site.objects.filter(audited__audit=audit).distinct()
        self.fields["site"].queryset = audited if audited.exists() else Site.objects.all()  # type: ignore[attr-defined]
        self.fields["owner"].queryset = User.objects.engineers()  # type: ignore[attr-defined]
        self.fields["closure_manager"].queryset = User.objects.holding("closure")  # type: ignore[attr-defined]
        earlier = Finding.objects.filter(audit__customer=audit.customer).exclude(pk=self.instance.pk)
        self.fields["repeat_of"].queryset = earlier.order_by("-created_at")[:200]  # type: ignore[attr-defined]
        for name in ("owner", "closure_manager"):
            self.fields[name].required = False
            self.fields[name].help_text = _("Empty: whoever answers for the place.")

    def values(self) -> dict[str, Any]:
        """The columns; empty owner and closure manager follow from the place."""
        data = {name: self.cleaned_data[name] for name in PROBLEM_FIELDS}
        site = data["site"]
        data["owner"] = data["owner"] or site.owner
        data["closure_manager"] = data["closure_manager"] or site.closure_manager
        return data


class EditForm(ProblemFields):
    """The move form of a draft; it speaks MoveForm's language on top of the model form."""

    intro: Any = ""
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)

    def __init__(self, *args: Any, subject: Finding, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, instance=subject, **kwargs)
        self.subject, self.user = subject, user
        self.fields["seen"].initial = subject.version

    def facts(self) -> dict[str, Any]:
        return {"fields": self.values(), "files": [store(upload) for upload in self.cleaned_data["files"]]}

    def say(self, errors: list[str]) -> None:
        self.add_error(None, errors)


class ContainmentForm(FilesMixin):
    """D3 (domain §3.1): what, where, who, when, and the proof that it works."""

    action = forms.CharField(label=_("What was done at once"), max_length=2000, widget=area())
    done_by = forms.CharField(label=_("Who"), max_length=120)
    done_at = forms.CharField(label=_("When"), max_length=60)
    effect = forms.CharField(label=_("Proof that it works"), max_length=1000, widget=area(2))
    prelim_cause = forms.CharField(
        label=_("First idea of the cause"), max_length=1000, required=False, widget=area(2),
        help_text=_("Asked for at 24 h; the verified root cause follows at 48 h."),
    )
    removal = forms.CharField(label=_("When it may be lifted"), max_length=300, required=False)
    files = FilesField(label=_("Photos and documents"))  # type: ignore[assignment]

    def prepare(self) -> None:
        for area_ in Scope:
            name = area_.value
            self.fields[f"{name}_applies"] = forms.BooleanField(label=area_.label, required=False)
            self.fields[f"{name}_checked"] = forms.IntegerField(
                label=_("Checked"), required=False, min_value=0, max_value=10**9
            )
            self.fields[f"{name}_bad"] = forms.IntegerField(
                label=_("Found bad"), required=False, min_value=0, max_value=10**9
            )
            self.fields[f"{name}_note"] = forms.CharField(label=_("Result, or why not"), required=False, max_length=200)
        last = self.subject.current(Step.CONTAIN)
        if last is not None:
            for name, value in last.data.items():
                if name in self.fields:
                    self.fields[name].initial = value
            for row in last.data.get("scope", []):
                for part in ("applies", "checked", "bad", "note"):
                    self.fields[f"{row['area']}_{part}"].initial = row.get(part)

    @property
    def scope_rows(self) -> list[dict[str, Any]]:
        return [{"label": s.label, **{p: self[f"{s.value}_{p}"] for p in ("applies", "checked", "bad", "note")}}
                for s in Scope]

    @property
    def plain_fields(self) -> list[Any]:
        return [self[name] for name in ("action", "done_by", "done_at", "effect", "prelim_cause", "removal", "files")]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for scope in Scope:
            name = scope.value
            checked, bad = data.get(f"{name}_checked"), data.get(f"{name}_bad")
            if data.get(f"{name}_applies"):
                if checked is None:
                    self.add_error(f"{name}_checked", _("Say how many were checked."))
                if checked is not None and (bad or 0) > checked:
                    self.add_error(f"{name}_bad", _("More bad ones than were checked."))
            elif not data.get(f"{name}_note"):
                self.add_error(f"{name}_note", _("Say why this was not checked."))
        return data

    def facts(self) -> dict[str, Any]:
        facts = super().facts()
        rows = []
        for scope in Scope:
            parts = {part: facts.pop(f"{scope.value}_{part}") for part in ("applies", "checked", "bad", "note")}
            rows.append({"area": scope.value, **parts})
        return {**facts, "scope": rows}


class ImplementationForm(FilesMixin):
    """D6/D7: every action done and proven, documents old to new, read-across decided (domain §3.6)."""

    summary = forms.CharField(label=_("What was achieved, with figures"), max_length=2000, widget=area())
    files = FilesField(label=_("More photos and documents"))  # type: ignore[assignment]

    def prepare(self) -> None:
        analysis = self.subject.current(Step.ANALYSE)
        actions = Countermeasure.objects.filter(submission=analysis).select_related("root", "owner")
        self.actions = list(actions) if analysis else []
        proven = set(self.subject.evidence.exclude(action=None).values_list("action_id", flat=True))
        last = self.subject.current(Step.CLOSE)
        done = {one.action_id: one for one in last.results.all()} if last else {}
        for action in self.actions:
            n, result = action.position, done.get(action.pk)
            self.fields[f"done{n}"] = forms.DateField(
                label=_("Done on"), widget=DateInput, initial=result.done_on if result else None
            )
            self.fields[f"remark{n}"] = forms.CharField(
                label=_("Remark"), max_length=500, required=False, initial=result.remark if result else ""
            )
            self.fields[f"proof{n}"] = FilesField(label=_("Evidence"), required=action.pk not in proven)
        self._prepare_documents(last)
        self.sites = read_across_sites(self.subject)
        decided = {row.site_id: row for row in last.read_across.all()} if last else {}
        for site in self.sites:
            row = decided.get(site.pk)
            self.fields[f"applies{site.pk}"] = forms.TypedChoiceField(
                label=str(site), choices=[("", "—"), ("1", _("Applies")), ("0", _("Not applicable"))],
                coerce=lambda value: value == "1", initial={True: "1", False: "0"}.get(row.applies) if row else "",
            )
            self.fields[f"across{site.pk}"] = forms.CharField(
                label=_("Action and date, or why not"), max_length=300, initial=row.note if row else ""
            )

    def _prepare_documents(self, last: Any) -> None:
        kept = list(last.documents.all()) if last else []
        for n in range(1, DOCUMENT_ROWS + 1):
            row = kept[n - 1] if n <= len(kept) else None
            labels = {"doc": _("Document"), "old": _("Old version"), "new": _("New version")}
            values = {"doc": "name", "old": "old_version", "new": "new_version"}
            for part, label in labels.items():
                self.fields[f"{part}{n}"] = forms.CharField(
                    label=label, required=False, max_length=120 if part == "doc" else 30,
                    initial=getattr(row, values[part]) if row else "",
                )
            self.fields[f"released{n}"] = forms.DateField(
                label=_("Released on"), widget=DateInput, required=False, initial=row.released_on if row else None
            )

    @property
    def plain_fields(self) -> list[Any]:
        return [self["summary"], self["files"]]

    @property
    def action_rows(self) -> list[dict[str, Any]]:
        return [{"action": a, **{part: self[f"{part}{a.position}"] for part in ("done", "remark", "proof")}}
                for a in self.actions]

    @property
    def document_rows(self) -> list[list[Any]]:
        return [[self[f"{part}{n}"] for part in ("doc", "old", "new", "released")] for n in range(1, DOCUMENT_ROWS + 1)]

    @property
    def site_rows(self) -> list[dict[str, Any]]:
        return [{"site": s, "applies": self[f"applies{s.pk}"], "note": self[f"across{s.pk}"]} for s in self.sites]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        today = moment.now().date()
        for action in self.actions:
            done = data.get(f"done{action.position}")
            if done and (done - today).days > 1:
                self.add_error(f"done{action.position}", _("This lies in the future: a plan is not implementation."))
        for n in range(1, DOCUMENT_ROWS + 1):
            parts = {part: data.get(f"{part}{n}") for part in ("doc", "old", "new", "released")}
            if parts["doc"]:
                for part in ("old", "new", "released"):
                    if not parts[part]:
                        self.add_error(f"{part}{n}", _("A changed document carries old and new version and a date."))
        return data

    def facts(self) -> dict[str, Any]:
        data = self.cleaned_data
        files = [store(upload) for upload in data["files"]]
        for action in self.actions:
            files += [store(upload, action_id=action.pk) for upload in data[f"proof{action.position}"]]
        return {
            "summary": data["summary"],
            "files": files,
            "results": [
                {"action": a, "done_on": data[f"done{a.position}"], "remark": data[f"remark{a.position}"]}
                for a in self.actions
            ],
            "documents": [
                {"name": data[f"doc{n}"], "old_version": data[f"old{n}"], "new_version": data[f"new{n}"],
                 "released_on": data[f"released{n}"]}
                for n in range(1, DOCUMENT_ROWS + 1) if data.get(f"doc{n}")
            ],
            "read_across": [
                {"site": s, "applies": data[f"applies{s.pk}"], "note": data[f"across{s.pk}"]} for s in self.sites
            ],
        }


class ObservationForm(FilesMixin):
    """An observation is answered once: taken up by a date, or not, with the reason (domain §3.5)."""

    adopt = forms.TypedChoiceField(
        label=_("Answer"), choices=[("1", _("Taken up")), ("0", _("Not taken up"))], coerce=lambda value: value == "1",
        empty_value=None,
    )
    answer = forms.CharField(label=_("What is done, or why not"), max_length=2000, widget=area())
    done_by_date = forms.DateField(label=_("By"), widget=DateInput, required=False)
    files = FilesField(label=_("Photos and documents"))  # type: ignore[assignment]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("adopt") and not data.get("done_by_date"):
            self.add_error("done_by_date", _("Say by when it is done."))
        return data


class _StepForm(MoveForm):
    """A verdict on one step."""

    step = forms.ChoiceField(label=_("Step"))
    only_pending = False

    def prepare(self) -> None:
        found = [one for one in self.subject.submission_rows if one.current]
        if self.only_pending:
            found = [one for one in found if one.pending]
        steps = [one.step for one in sorted(found, key=lambda one: one.submitted_at)]
        self.fields["step"].choices = [(step, Step(step).label) for step in steps]  # type: ignore[attr-defined]
        self.fields["step"].initial = steps[-1] if steps else None


class SendBackForm(_StepForm, ReasonForm):
    field_order = ["step", "reason"]
    intro = _("The due time does not move. The owner sees the reason and submits a new revision.")


class AcceptForm(_StepForm):
    only_pending = True
    reason = forms.CharField(label=_("Remark"), max_length=500, required=False, widget=area(2))


class CloseForm(MoveForm):
    verified_how = forms.ChoiceField(
        label=_("How it was verified"),
        choices=[("on_site", _("On the spot")), ("records", _("By records")), ("audit", _("By re-audit"))],
    )
    conclusion = forms.CharField(label=_("What you saw"), max_length=2000, widget=area())


class CustomerCloseForm(FilesMixin):
    """The customer's proof, or silence accepted knowingly (domain §3.6)."""

    silence = forms.BooleanField(
        label=_("The customer is silent, and I accept that knowingly"), required=False
    )
    accepted_on = forms.DateField(label=_("Customer accepted on"), widget=DateInput, required=False)
    statement = forms.CharField(label=_("What the customer said, or how often they were asked"), max_length=2000,
                                widget=area())
    files = FilesField(label=_("Customer's statement"))  # type: ignore[assignment]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("silence") and not data.get("files") and "files" not in self.errors:
            self.add_error("files", _("Attach the customer's statement, or accept the silence knowingly."))
        return data


class EffectiveForm(MoveForm):
    window = forms.ChoiceField(
        label=_("Observed for"),
        choices=[("30", _("30 days")), ("60", _("60 days")), ("90", _("90 days")), ("lots", _("3 lots in a row"))],
    )
    evidence = forms.CharField(label=_("What shows that it holds"), max_length=2000, widget=area())


class ReopenForm(ReasonForm):
    cause = forms.ChoiceField(
        label=_("Cause"), choices=[("customer", _("The customer refuses")), ("recurrence", _("It happened again"))]
    )
    back_to = forms.ChoiceField(
        label=_("What has to be done again"),
        choices=[
            (FindingState.ISSUED, _("Everything, from the containment on")),
            (FindingState.ANALYSED, _("The implementation only")),
        ],
    )
    field_order = ["cause", "back_to", "reason"]
    intro = _("New clocks start now; the old ones keep what happened.")


class WithdrawForm(FilesMixin, ReasonForm):
    files = FilesField(label=_("Customer's proof"), required=True)  # type: ignore[assignment]
    intro = _("Only with the customer's proof.")


class ReassignForm(ReasonForm):
    owner = forms.ModelChoiceField(User.objects.none(), label=_("Issue owner"))
    field_order = ["owner", "reason"]
    intro = _("The clocks run on unchanged.")

    def prepare(self) -> None:
        people = User.objects.engineers().exclude(pk=self.subject.owner_id)
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]


class RegradeForm(ReasonForm):
    grade = forms.ChoiceField(label=_("Grade"), choices=Grade.choices)
    field_order = ["grade", "reason"]
    intro = _("The clocks run on unchanged; the customer's own grade stays as it is.")

    def prepare(self) -> None:
        # An observation has other clocks, so a nonconformity cannot become one under way, nor the reverse.
        kept = [Grade.OBSERVATION] if self.subject.is_observation else [g for g in Grade if g != Grade.OBSERVATION]
        self.fields["grade"].choices = [(g.value, g.label) for g in kept]  # type: ignore[attr-defined]
        self.fields["grade"].initial = self.subject.grade


class ExemptionForm(MoveForm):
    """What cannot be solved in five days (domain §4 A6): 24 h and 48 h still hold."""

    reason = forms.ChoiceField(label=_("Kind"), choices=Exemption.Reason.choices)
    explanation = forms.CharField(label=_("Why it cannot be done in five days"), max_length=2000, widget=area())
    interim_control = forms.CharField(label=_("Interim control until then"), max_length=2000, widget=area())
    milestones = forms.CharField(label=_("Milestones"), max_length=2000, widget=area())
    new_date = forms.DateField(label=_("New date"), widget=DateInput)

    def clean_new_date(self) -> Any:
        day = self.cleaned_data["new_date"]
        if not 0 < (day - moment.now().date()).days <= 730:
            raise ValidationError(gettext("Give a date within the next two years."))
        return day


class DecideForm(ReasonForm):
    approve = forms.TypedChoiceField(
        label=_("Decision"), choices=[("1", _("Approve")), ("0", _("Refuse"))], coerce=lambda value: value == "1",
        empty_value=None,
    )
    field_order = ["approve", "reason"]


class EvidenceForm(forms.Form):
    purpose = forms.ChoiceField(label=_("What it shows"), choices=Evidence.Purpose.choices)
    caption = forms.CharField(label=_("Caption"), max_length=200, required=False)
    files = FilesField(label=_("Photos and documents"), required=True)  # type: ignore[assignment]


FORMS: dict[str, Any] = {
    "edit": EditForm,
    "issue": PlainForm,
    "submit_containment": ContainmentForm,
    "submit_analysis": AnalysisForm,
    "submit_implementation": ImplementationForm,
    "answer_observation": ObservationForm,
    "accept_step": AcceptForm,
    "send_back": SendBackForm,
    "close": CloseForm,
    "close_for_customer": CustomerCloseForm,
    "confirm_effective": EffectiveForm,
    "reopen": ReopenForm,
    "withdraw": WithdrawForm,
    "reassign": ReassignForm,
    "regrade": RegradeForm,
    "apply_exemption": ExemptionForm,
    "decide_exemption": DecideForm,
}
