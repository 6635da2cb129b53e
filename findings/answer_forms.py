"""The owner's answers: containment, implementation, and the one answer to an observation."""

from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _

from findings.answers import ActionReport, Countermeasure
from findings.file_fields import FilesMixin
from findings.gates import proven_actions, read_across_sites
from findings.states import ALWAYS, Scope, Step
from lib import moment
from lib.fields import DateField, DateTimeField, FilesField, TextField, YesNoField, area
from lib.rows import RowForm, Rows
from lib.storage import store_all
from workflow.trail import about


class ScopeRow(RowForm):
    """One place where more of it could be: looked at, with what was found, or not, with the reason."""

    area = forms.ChoiceField(label=_("Where"), choices=[("", "—"), *Scope.choices])
    applies = forms.BooleanField(label=_("Applies"), required=False)
    checked = forms.IntegerField(label=_("Checked"), required=False, min_value=0, max_value=10**9)
    bad = forms.IntegerField(label=_("Found bad"), required=False, min_value=0, max_value=10**9)
    note = TextField(label=_("Result, or why not"), required=False, max_length=200)

    def prepare(self) -> None:
        # One of those that are always asked: there is nothing to choose.
        self.known_area = Scope(self.initial["area"]).label if self.initial.get("always") else ""
        if self.known_area:
            self.fields["area"].widget = forms.HiddenInput()

    def title(self, number: int) -> str:
        chosen = self["area"].value()
        return str(Scope(chosen).label) if chosen in Scope.values else str(number)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        checked, bad = data.get("checked"), data.get("bad")
        if not data.get("applies"):
            if not data.get("note") and "note" not in self.errors:
                self.add_error("note", _("Say why this was not checked."))
        elif checked is None and "checked" not in self.errors:
            self.add_error("checked", _("Say how many were checked."))
        elif checked is not None and (bad or 0) > checked:
            self.add_error("bad", _("More bad ones than were checked."))
        return data


class ContainmentForm(FilesMixin):
    """D3 (domain §3.1): what, where, who, when, and the proof that it works."""

    action = TextField(label=_("What was done at once"), max_length=2000, widget=area())
    done_by = TextField(label=_("Who"), max_length=120)
    done_at = DateTimeField(label=_("When"))
    effect = TextField(label=_("Proof that it works"), max_length=1000, widget=area(2))
    prelim_cause = TextField(
        label=_("First idea of the cause"),
        max_length=1000,
        required=False,
        widget=area(2),
        help_text=_("Asked for at 24 h; the verified root cause follows at 48 h."),
    )
    removal = TextField(label=_("When it may be lifted"), max_length=300, required=False)
    files = FilesField(label=_("Photos and documents"))  # type: ignore[assignment]
    lists = {"scope": Rows(form=ScopeRow, label=_("Scope"), add=_("Add a place"), blank=0, needed=True)}

    def prepare(self) -> None:
        for name, value in self.last.items():
            if name in self.fields:
                self.fields[name].initial = value

    @cached_property
    def last(self) -> dict[str, Any]:
        """What the revision before says: the next one starts there."""
        found = self.subject.current(Step.CONTAIN)
        return found.data if found else {}

    def rows_now(self, name: str) -> list[dict[str, Any]]:
        """Every place that is always asked, and what was added to them."""
        said, first = list(self.last.get("scope", [])), dict[str, dict[str, Any]]()
        for row in said:
            first.setdefault(row["area"], row)
        asked = [{"area": area.value, **first.get(area.value, {}), "always": True} for area in ALWAYS]
        return [*asked, *(row for row in said if row["area"] not in ALWAYS or row is not first[row["area"]])]

    def clean_done_at(self) -> str:
        """Kept as the plant's wall shows it."""
        at = self.cleaned_data["done_at"]
        if at > moment.now() + timedelta(minutes=5):
            raise ValidationError(gettext("This lies in the future: containment is what has been done."))
        if moment.day_of(at) < (since := moment.day_of(self.subject.audit.received_at)):
            raise ValidationError(gettext("Not before %(day)s, when the audit was announced.") % {"day": since})
        return str(timezone.localtime(at).strftime("%Y-%m-%d %H:%M"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        said = {row["area"].value() for row in self.row_sets["scope"].kept}
        for scope in ALWAYS:
            if scope.value not in said:
                missing = gettext("“%(area)s” is missing: say what was checked there, or why nothing was.")
                self.add_list_error("scope", missing % {"area": scope.label})
        return data


class ResultRow(RowForm):
    """That a countermeasure was done, and the proof of it."""

    action = forms.ChoiceField(label=_("Action"), widget=forms.HiddenInput)
    done_on = DateField(label=_("Done on"))
    remark = TextField(label=_("Remark"), max_length=500, required=False)
    proof = FilesField(label=_("Evidence"))

    def prepare(self) -> None:
        self.fields["action"].choices = [(str(n), str(n)) for n in self.whole.actions]  # type: ignore[attr-defined]
        action = self.action_row
        self.fields["proof"].required = action is not None and action.pk not in self.whole.proven

    @property
    def action_row(self) -> Countermeasure | None:
        """The countermeasure the row is about."""
        found: Countermeasure | None = self.whole.actions.get(str(self["action"].value()))
        return found

    def clean_done_on(self) -> date:
        return _done(self.whole, self.cleaned_data["done_on"], since=True)


class DocumentRow(RowForm):
    """A document that was changed, old version to new, with the date of release."""

    name = TextField(label=_("Document"), max_length=120, error_messages={"required": _("Name the document.")})
    old_version = TextField(label=_("Old version"), max_length=30)
    new_version = TextField(label=_("New version"), max_length=30)
    released_on = DateField(label=_("Released on"))

    def clean_released_on(self) -> date:
        return _done(self.whole, self.cleaned_data["released_on"])

    def prepare(self) -> None:
        for name in ("old_version", "new_version", "released_on"):
            said = _("A changed document carries old and new version and a date.")
            self.fields[name].error_messages["required"] = said


class ReadAcrossRow(RowForm):
    """Whether one more site has the same condition, and what is done there or why nothing is."""

    site = forms.ChoiceField(label=_("Site"), widget=forms.HiddenInput)
    applies = YesNoField(label=_("Applies there"), yes=_("Applies"), no=_("Not applicable"))
    note = TextField(label=_("Action and date, or why not"), max_length=300)

    def prepare(self) -> None:
        sites = self.whole.sites
        self.fields["site"].choices = [(code, str(site)) for code, site in sites.items()]  # type: ignore[attr-defined]

    @property
    def site_name(self) -> str:
        code = str(self["site"].value())
        return str(self.whole.sites.get(code, code))

    def title(self, number: int) -> str:
        return self.site_name


def _done(form: Any, day: date, *, since: bool = False) -> date:
    """A day on which something was done: not in the future, nor (`since`) before the finding was recorded."""
    if day > moment.today(form.subject.site.unit.zone()):
        raise ValidationError(gettext("This lies in the future: a plan is not implementation."))
    recorded = moment.day_of(form.subject.created_at)
    if since and day < recorded:
        raise ValidationError(gettext("Not before %(day)s, when the finding was recorded.") % {"day": recorded})
    return day


class ImplementationForm(FilesMixin):
    """D6/D7: every action done and proven, documents old to new, read-across decided (domain §3.6)."""

    summary = TextField(label=_("What was achieved, with figures"), max_length=2000, widget=area())
    files = FilesField(label=_("More photos and documents"))  # type: ignore[assignment]
    lists = {
        "results": Rows(form=ResultRow, label=_("Actions"), fixed="action"),
        "documents": Rows(form=DocumentRow, label=_("Documents: old to new version"), add=_("Add a document")),
        "read_across": Rows(form=ReadAcrossRow, label=_("Read-across"), fixed="site"),
    }

    def prepare(self) -> None:
        analysis = self.subject.current(Step.ANALYSE)
        rows = Countermeasure.objects.filter(submission=analysis).select_related("root", "owner") if analysis else []
        self.actions = {str(row.position): row for row in rows}
        self.sites = {site.code: site for site in read_across_sites(self.subject)}
        self.proven = proven_actions(self.subject)
        self.last = self.subject.current(Step.CLOSE)
        self.fields["summary"].initial = self.last.text if self.last else ""

    def rows_now(self, name: str) -> list[dict[str, Any]]:
        return {"results": self._results_now, "documents": self._documents_now, "read_across": self._sites_now}[name]

    @cached_property
    def _results_now(self) -> list[dict[str, Any]]:
        """What the action's owner reported, unless an earlier revision says more."""
        reports = {report.action_id: report for report in ActionReport.objects.filter(action__in=self.actions.values())}
        done: dict[int, Any] = reports | (
            {result.action_id: result for result in self.last.results.all()} if self.last else {}
        )
        return [
            {"action": position} | ({"done_on": one.done_on, "remark": one.remark} if one else {})
            for position, action in self.actions.items()
            for one in [done.get(action.pk)]
        ]

    @cached_property
    def _documents_now(self) -> list[dict[str, Any]]:
        columns = ("name", "old_version", "new_version", "released_on")
        return list(self.last.documents.values(*columns)) if self.last else []

    @cached_property
    def _sites_now(self) -> list[dict[str, Any]]:
        decided = {row.site_id: row for row in self.last.read_across.all()} if self.last else {}
        return [
            {"site": code} | ({"applies": "1" if row.applies else "0", "note": row.note} if row else {})
            for code, site in self.sites.items()
            for row in [decided.get(site.pk)]
        ]

    def facts(self) -> dict[str, Any]:
        data = self.cleaned_data
        results = [{**row, "action": self.actions[row["action"]]} for row in data["results"]]
        uploads: list[tuple[Any, str]] = [(upload, "") for upload in data["files"]]
        for row in results:
            uploads += [(upload, about(row["action"])) for upload in row.pop("proof")]
        return {
            "summary": data["summary"],
            "files": store_all(uploads),
            "results": results,
            "documents": data["documents"],
            "read_across": [{**row, "site": self.sites[row["site"]]} for row in data["read_across"]],
        }


class ObservationForm(FilesMixin):
    """An observation is answered once: taken up by a date, or not, with the reason (domain §3.5)."""

    adopt = YesNoField(label=_("Answer"), yes=_("Taken up"), no=_("Not taken up"), ask=False)
    answer = TextField(label=_("What is done, or why not"), max_length=2000, widget=area())
    done_by_date = DateField(label=_("By"), required=False, earliest=moment.today)
    files = FilesField(label=_("Photos and documents"))  # type: ignore[assignment]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("adopt") and not data.get("done_by_date"):
            self.add_error("done_by_date", _("Say by when it is done."))
        return data
