"""The owner's answers: containment, implementation, and the one answer to an observation."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _

from findings.answers import ActionReport, Countermeasure
from findings.file_fields import FilesMixin
from findings.gates import proven_actions, read_across_sites
from findings.states import Scope, Step
from workflow import moment
from workflow.fields import DateField, DateTimeField, FilesField, TextField, area
from workflow.storage import store_all

DOCUMENT_ROWS = 6


def _in_row(row: Any, column: Any) -> str:
    """What a field of a table is called by itself: a refusal has to name the row."""
    return f"{row} · {column}"


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

    def prepare(self) -> None:
        for area_ in Scope:
            name = area_.value
            self.fields[f"{name}_applies"] = forms.BooleanField(label=area_.label, required=False)
            self.fields[f"{name}_checked"] = forms.IntegerField(
                label=_in_row(area_.label, _("Checked")), required=False, min_value=0, max_value=10**9
            )
            self.fields[f"{name}_bad"] = forms.IntegerField(
                label=_in_row(area_.label, _("Found bad")), required=False, min_value=0, max_value=10**9
            )
            self.fields[f"{name}_note"] = TextField(
                label=_in_row(area_.label, _("Result, or why not")), required=False, max_length=200
            )
        last = self.subject.current(Step.CONTAIN)
        if last is not None:
            for name, value in last.data.items():
                if name in self.fields:
                    self.fields[name].initial = value
            for row in last.data.get("scope", []):
                for part in ("applies", "checked", "bad", "note"):
                    self.fields[f"{row['area']}_{part}"].initial = row.get(part)

    def clean_done_at(self) -> str:
        """Kept as the plant's wall shows it."""
        at = self.cleaned_data["done_at"]
        if at > moment.now() + timedelta(minutes=5):
            raise ValidationError(gettext("This lies in the future: containment is what has been done."))
        if moment.day_of(at) < (since := moment.day_of(self.subject.audit.received_at)):
            raise ValidationError(gettext("Not before %(day)s, when the audit was announced.") % {"day": since})
        return str(timezone.localtime(at).strftime("%Y-%m-%d %H:%M"))

    @property
    def scope_rows(self) -> list[dict[str, Any]]:
        return [
            {"label": s.label, **{p: self[f"{s.value}_{p}"] for p in ("applies", "checked", "bad", "note")}}
            for s in Scope
        ]

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

    summary = TextField(label=_("What was achieved, with figures"), max_length=2000, widget=area())
    files = FilesField(label=_("More photos and documents"))  # type: ignore[assignment]

    def prepare(self) -> None:
        analysis = self.subject.current(Step.ANALYSE)
        actions = Countermeasure.objects.filter(submission=analysis).select_related("root", "owner")
        self.actions = list(actions) if analysis else []
        proven = proven_actions(self.subject)
        last = self.subject.current(Step.CLOSE)
        self.fields["summary"].initial = last.text if last else ""
        reports = {one.action_id: one for one in ActionReport.objects.filter(action__in=self.actions)}
        done = reports | ({one.action_id: one for one in last.results.all()} if last else {})
        for action in self.actions:
            n, result = action.position, done.get(action.pk)
            self.fields[f"done{n}"] = DateField(
                label=_in_row(n, _("Done on")), initial=result.done_on if result else None
            )
            self.fields[f"remark{n}"] = TextField(
                label=_in_row(n, _("Remark")), max_length=500, required=False, initial=result.remark if result else ""
            )
            self.fields[f"proof{n}"] = FilesField(label=_in_row(n, _("Evidence")), required=action.pk not in proven)
        self._prepare_documents(last)
        self.sites = read_across_sites(self.subject)
        decided = {row.site_id: row for row in last.read_across.all()} if last else {}
        for site in self.sites:
            row = decided.get(site.pk)
            self.fields[f"applies_{site.code}"] = forms.TypedChoiceField(
                label=str(site),
                choices=[("", "—"), ("1", _("Applies")), ("0", _("Not applicable"))],
                coerce=lambda value: value == "1",
                initial={True: "1", False: "0"}.get(row.applies) if row else "",
            )
            self.fields[f"across_{site.code}"] = TextField(
                label=_in_row(site, _("Action and date, or why not")), max_length=300, initial=row.note if row else ""
            )

    def _prepare_documents(self, last: Any) -> None:
        kept = list(last.documents.all()) if last else []
        for n in range(1, DOCUMENT_ROWS + 1):
            row = kept[n - 1] if n <= len(kept) else None
            labels = {"doc": _("Document"), "old": _("Old version"), "new": _("New version")}
            values = {"doc": "name", "old": "old_version", "new": "new_version"}
            for part, label in labels.items():
                self.fields[f"{part}{n}"] = TextField(
                    label=_in_row(n, label),
                    required=False,
                    max_length=120 if part == "doc" else 30,
                    initial=getattr(row, values[part]) if row else "",
                )
            self.fields[f"released{n}"] = DateField(
                label=_in_row(n, _("Released on")), required=False, initial=row.released_on if row else None
            )

    @property
    def plain_fields(self) -> list[Any]:
        return [self["summary"], self["files"]]

    @property
    def action_rows(self) -> list[dict[str, Any]]:
        return [
            {"action": a, **{part: self[f"{part}{a.position}"] for part in ("done", "remark", "proof")}}
            for a in self.actions
        ]

    @property
    def document_rows(self) -> list[list[Any]]:
        return [[self[f"{part}{n}"] for part in ("doc", "old", "new", "released")] for n in range(1, DOCUMENT_ROWS + 1)]

    @property
    def site_rows(self) -> list[dict[str, Any]]:
        return [{"site": s, "applies": self[f"applies_{s.code}"], "note": self[f"across_{s.code}"]} for s in self.sites]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        today, since = moment.today(self.subject.site.unit.zone()), moment.day_of(self.subject.created_at)
        for action in self.actions:
            done = data.get(f"done{action.position}")
            if done and done > today:
                self.add_error(f"done{action.position}", _("This lies in the future: a plan is not implementation."))
            if done and done < since:
                said = gettext("Not before %(day)s, when the finding was recorded.") % {"day": since}
                self.add_error(f"done{action.position}", said)
        for n in range(1, DOCUMENT_ROWS + 1):
            parts = {part: data.get(f"{part}{n}") for part in ("doc", "old", "new", "released")}
            if not parts["doc"] and (parts["old"] or parts["new"] or parts["released"]):
                self.add_error(f"doc{n}", _("Name the document."))
            if parts["released"] and parts["released"] > today:
                self.add_error(f"released{n}", _("This lies in the future: a plan is not implementation."))
            if parts["doc"]:
                for part in ("old", "new", "released"):
                    if not parts[part]:
                        self.add_error(f"{part}{n}", _("A changed document carries old and new version and a date."))
        return data

    def facts(self) -> dict[str, Any]:
        data = self.cleaned_data
        uploads: list[tuple[Any, int | None]] = [(upload, None) for upload in data["files"]]
        for action in self.actions:
            uploads += [(upload, action.pk) for upload in data[f"proof{action.position}"]]
        files = store_all(uploads)
        return {
            "summary": data["summary"],
            "files": files,
            "results": [
                {"action": a, "done_on": data[f"done{a.position}"], "remark": data[f"remark{a.position}"]}
                for a in self.actions
            ],
            "documents": [
                {
                    "name": data[f"doc{n}"],
                    "old_version": data[f"old{n}"],
                    "new_version": data[f"new{n}"],
                    "released_on": data[f"released{n}"],
                }
                for n in range(1, DOCUMENT_ROWS + 1)
                if data.get(f"doc{n}")
            ],
            "read_across": [
                {"site": s, "applies": data[f"applies_{s.code}"], "note": data[f"across_{s.code}"]} for s in self.sites
            ],
        }


class ObservationForm(FilesMixin):
    """An observation is answered once: taken up by a date, or not, with the reason (domain §3.5)."""

    adopt = forms.TypedChoiceField(
        label=_("Answer"),
        choices=[("1", _("Taken up")), ("0", _("Not taken up"))],
        coerce=lambda value: value == "1",
        empty_value=None,
    )
    answer = TextField(label=_("What is done, or why not"), max_length=2000, widget=area())
    done_by_date = DateField(label=_("By"), required=False, earliest=moment.today)
    files = FilesField(label=_("Photos and documents"))  # type: ignore[assignment]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("adopt") and not data.get("done_by_date"):
            self.add_error("done_by_date", _("Say by when it is done."))
        return data
