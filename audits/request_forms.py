"""The request form (domain §2.1): a new one, drafting a lead, changing it, changing its dates."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy as _

from audits.models import Audit
from customers.models import AuditKind, Customer, known_customer
from lib import moment
from lib.fields import DateField, DateTimeField, FilesField, RowField, RowsField, TextField, area
from lib.rows import RowForm, Rows, WithRows
from people.models import Site
from workflow.forms import MoveForm, ReasonForm, remember_what_was_seen

#: A new customer's name, when it is not in the list.
NEW_CUSTOMER = "new_customer"


#: What only `reschedule` changes once the request is drafted, with a reason.
LONGEST_AUDIT = timedelta(days=90)


DATES = ("planned_start", "planned_end", "mode", "sudden")


class DatesMixin(forms.Form):
    """The planned days: the last one not before the first."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        start, end = data.get("planned_start"), data.get("planned_end")
        if start and end and end < start:
            self.add_error("planned_end", _("The last day is before the first."))
        elif start and end and end - start > LONGEST_AUDIT:
            said = gettext("An audit of more than %(days)s days: is the year right?") % {"days": LONGEST_AUDIT.days}
            self.add_error("planned_end", said)
        return data

    def _not_planned_for_the_past(self, since: date) -> None:
        """A plan lies ahead; one that is back-filled lies after the request came in."""
        start = self.cleaned_data.get("planned_start")
        if start and "planned_start" in self.changed_data and start < since:
            said = gettext("A plan cannot lie before %(day)s. If the request came in earlier, enter when.") % {
                "day": since
            }
            self.add_error("planned_start", said)


class AuditorRow(RowForm):
    name = TextField(label=_("Name"), max_length=60)
    position = TextField(label=_("Position"), max_length=60, required=False)
    speciality = TextField(label=_("Speciality"), max_length=60, required=False)
    language = TextField(label=_("Language"), max_length=40, required=False)


class DocumentRow(RowForm):
    item = TextField(label=_("Document"), max_length=200)


class RequestFields(DatesMixin, WithRows):
    """The service-requirement form (domain §2.1). Market staff draft it; the Leader completes it."""

    customer = RowField(Customer.objects.in_use(), label=_("Customer"), required=False)
    new_customer = TextField(
        label=_("New customer"),
        max_length=120,
        required=False,
        help_text=_(
            "Only when the customer is not in the list: entered now, checked by whoever keeps the master data."
        ),
    )
    kind = RowField(AuditKind.objects.in_use(), label=_("Kind of audit"))
    mode = forms.ChoiceField(choices=Audit.Mode.choices, label=_("Mode"), initial=Audit.Mode.ON_SITE)
    regular = forms.BooleanField(label=_("Regular audit"), required=False, initial=True)
    sudden = forms.BooleanField(
        label=_("Sudden audit"),
        required=False,
        help_text=_(
            "The customer comes today or tomorrow: Leader and lead escort suffice, the rest is filled in later."
        ),
    )
    planned_start = DateField(label=_("Planned from"))
    planned_end = DateField(label=_("Planned to"))
    sites = RowsField(Site.objects.in_use().select_related("unit"), label=_("Audited sites"), required=False)
    departments = TextField(label=_("Audited departments"), max_length=300, required=False)
    scope = TextField(label=_("Audit scope"), max_length=3000, required=False, widget=area())
    agenda = TextField(label=_("Audit schedule"), max_length=5000, required=False, widget=area(4))
    headcount = forms.IntegerField(label=_("Number of auditors"), min_value=1, max_value=200, required=False)
    checklist = forms.ChoiceField(label=_("Checklist"), choices=[("", "—"), *Audit.Checklist.choices], required=False)
    checklist_follow_up = DateField(
        label=_("Ask again for the checklist on"),
        required=False,
        help_text=_("Needed when the customer gave none."),
    )
    division = TextField(label=_("Customer's division / project"), max_length=120, required=False)
    product = TextField(label=_("Product / model"), max_length=120, required=False)
    customer_contact = TextField(label=_("Customer's contact"), max_length=200, required=False)
    criteria = TextField(label=_("Standard or customer document"), max_length=200, required=False)
    special_demands = TextField(label=_("Special demands"), max_length=3000, required=False, widget=area())
    logistics = TextField(
        label=_("Logistics"),
        max_length=3000,
        required=False,
        widget=area(),
        help_text=_("Pick-up, lodging, meals, meeting room, gate registration, protective clothing"),
    )

    lists = {
        "auditors": Rows(form=AuditorRow, label=_("Customer's auditors"), add=_("Add an auditor")),
        "documents": Rows(form=DocumentRow, label=_("Document list"), add=_("Add a document")),
    }
    #: What is kept in rows of its own beside the audit.
    ROWS = ("sites", "auditors", "documents")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not AuditKind.objects.exists():
            self.fields["kind"].help_text = _(
                "No kind of audit is entered yet: the management-system office does that under “Settings”."
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "customer" in self.fields and not data.get("customer") and "customer" not in self.errors:
            self._find_customer(data)
        follow_up = data.get("checklist_follow_up")
        if (
            data.get("checklist") == Audit.Checklist.NOT_GIVEN
            and not follow_up
            and "checklist_follow_up" not in self.errors
        ):
            self.add_error("checklist_follow_up", _("Say when the customer is asked again for the checklist."))
        if follow_up and "checklist_follow_up" in self.changed_data and follow_up < moment.today():
            self.add_error("checklist_follow_up", _("This date has passed."))
        return data

    def _find_customer(self, data: dict[str, Any]) -> None:
        """A name that is in the list after all is that customer."""
        name = data.get(NEW_CUSTOMER, "")
        data["customer"] = known_customer(Customer.objects.filter(name__iexact=name)) if name else None
        if data["customer"] is not None:
            data[NEW_CUSTOMER] = ""
        elif not name and NEW_CUSTOMER not in self.errors:
            self.add_error("customer", _("Choose the customer, or give the name of a new one."))

    def split(self) -> dict[str, Any]:
        """The columns of the audit under `fields`, the rows below it under their own names, a new customer's name apart."""
        names = [name for name in RequestFields.base_fields if name in self.fields]
        data = {name: self.cleaned_data[name] for name in names}
        rows: dict[str, Any] = {
            "sites": list(data.pop("sites")),
            "auditors": self.cleaned_data["auditors"],
            "documents": [row["item"] for row in self.cleaned_data["documents"]],
        }
        new_customer = data.pop(NEW_CUSTOMER, "")
        return {"fields": data, **rows, **({NEW_CUSTOMER: new_customer} if new_customer else {})}


class NewRequestForm(RequestFields):
    """A new request, with the customer's notice and, for a call at nine and a visit at two, the sudden flag."""

    received_at = DateTimeField(
        label=_("Request received"),
        required=False,
        past=True,
        help_text=_("Leave empty for now; an earlier time back-fills the request."),
    )
    notice_file = FilesField(label=_("Customer's notice"))

    field_order = ["sudden", "received_at", "notice_file"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self._not_planned_for_the_past(moment.day_of(data.get("received_at") or moment.now()))
        return data


class RequestMoveForm(RequestFields, MoveForm):
    """Drafting the requirement of a lead that was passed on."""

    partial = True

    def prepare(self) -> None:
        audit = self.subject
        # What was chosen before stays chosen, also where it is out of use by now.
        places = [place.site_id for place in audit.places.all()]
        for name, rows in (
            ("customer", Customer.objects.in_use(audit.customer_id)),
            ("kind", AuditKind.objects.in_use(audit.kind_id)),
            ("sites", Site.objects.in_use(*places).select_related("unit")),
        ):
            if name in self.fields:
                self.fields[name].queryset = rows  # type: ignore[attr-defined]
        for name in self.fields:
            if name not in {"seen", NEW_CUSTOMER, *self.ROWS}:
                self.fields[name].initial = getattr(audit, name)
        self.fields["sites"].initial = places
        if NEW_CUSTOMER in self.fields and audit.customer_id is None and audit.customer_name:
            # What was heard is not lost: the customer of that name, or the name itself.
            known = known_customer(Customer.objects.filter(name__iexact=audit.customer_name))
            self.fields["customer"].initial = known.pk if known else None
            self.fields[NEW_CUSTOMER].initial = "" if known else audit.customer_name
        remember_what_was_seen(self)

    def rows_now(self, name: str) -> list[dict[str, Any]]:
        columns = self.lists[name].form.base_fields
        return list(getattr(self.subject, name).values(*columns))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "planned_start" in self.fields:
            self._not_planned_for_the_past(moment.day_of(self.subject.received_at))
        return data

    def facts(self) -> dict[str, Any]:
        return self.split()


class ReviseForm(RequestMoveForm):
    """Changing the requirement; its dates, mode and whether it is sudden have a move of their own, with a reason."""

    planned_start = planned_end = mode = sudden = None  # type: ignore[assignment]
    intro = _("Dates, mode and “sudden” are changed under “Change the dates”, with a reason.")


class RescheduleForm(DatesMixin, ReasonForm):
    """Every change of date, mode or “sudden": one move with a kind of reason (domain §2.3)."""

    partial = True
    planned_start = DateField(label=_("Planned from"))
    planned_end = DateField(label=_("Planned to"))
    mode = forms.ChoiceField(choices=Audit.Mode.choices, label=_("Mode"))
    sudden = forms.BooleanField(label=_("Sudden audit"), required=False)
    deviation = forms.ChoiceField(label=_("Kind of reason"), choices=[("", "—"), *Audit.Deviation.choices])
    intro = _(
        "Everyone concerned is told what changed and why; once the notice is out, they are asked to acknowledge again."
    )

    field_order = [*DATES, "deviation", "reason"]

    def prepare(self) -> None:
        for name in DATES:
            self.fields[name].initial = getattr(self.subject, name)
        remember_what_was_seen(self)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        begun = self.subject.actual_start is not None or data.get("sudden")
        self._not_planned_for_the_past(moment.day_of(self.subject.received_at) if begun else moment.today())
        if not self.errors and all(data[name] == getattr(self.subject, name) for name in DATES):
            raise ValidationError(gettext("Nothing is changed: give another date or mode."))
        return data


class ResumeForm(DatesMixin, MoveForm):
    planned_start = DateField(label=_("Planned from"), earliest=moment.today)
    planned_end = DateField(label=_("Planned to"))
