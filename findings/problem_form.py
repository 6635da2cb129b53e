"""The problem form: what was found, in the customer's words and ours (domain §3.1)."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext, gettext_lazy as _

from findings.models import Finding
from lib import moment
from lib.fields import FilesField, RowField, area, form_field
from lib.rows import WithRows
from lib.storage import store_all
from people.models import Site, User
from workflow.forms import remember_what_was_seen

#: How far back a finding may be named as the earlier occurrence (domain §3.7).
REPEAT_DAYS = 365


PROBLEM_FIELDS = (
    "source",
    "site",
    "what",
    "when",
    "where",
    "found_by",
    "why",
    "how",
    "how_much",
    "customer_words",
    "customer_grade",
    "grade",
    "clause",
    "product",
    "customer_number",
    "customer_due_on",
    "owner",
    "closure_manager",
    "repeat_of",
)


class ProblemFields(forms.ModelForm[Finding]):
    """5W2H with the procedure's own prompts (procedure §3), the customer's words beside ours."""

    files = FilesField(label=_("Photos and documents"))  # type: ignore[assignment]

    class Meta:
        model = Finding
        fields = list(PROBLEM_FIELDS)
        formfield_callback = form_field
        widgets = {"what": area(), "why": area(2), "how": area(2), "customer_words": area(2)}

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        audit = self.instance.audit
        audited = Site.objects.filter(audited__audit=audit).distinct()
        for name, rows, code in (
            ("site", audited if audited.exists() else Site.objects.in_use(self.instance.site_id), "code"),
            ("owner", User.objects.engineers().select_related("unit"), "username"),
            ("closure_manager", User.objects.holding("closure").select_related("unit"), "username"),
            ("repeat_of", earlier_findings(audit, self.instance, user), "number"),
        ):
            column: Any = Finding._meta.get_field(name)
            self.fields[name] = RowField(rows, code=code, label=column.verbose_name, required=name == "site")
        self.fields["owner"].help_text = _("Empty: whoever answers for the place.")
        self.fields["closure_manager"].help_text = _("Empty: the closure manager of the place.")

    def clean_customer_due_on(self) -> Any:
        """A date the customer can mean: not before the request for the audit came in."""
        day = self.cleaned_data["customer_due_on"]
        since = moment.day_of(self.instance.audit.received_at)
        if day is not None and "customer_due_on" in self.changed_data and day < since:
            raise ValidationError(gettext("Not before %(day)s, when the audit was announced.") % {"day": since})
        return day

    def values(self) -> dict[str, Any]:
        """The columns; empty owner and closure manager follow from the place."""
        data = {name: self.cleaned_data[name] for name in PROBLEM_FIELDS if name in self.cleaned_data}
        site = data["site"]
        if "site" in self.changed_data:
            # Found there, owned there (procedure §4), unless someone else was chosen together with the place.
            for name in ("owner", "closure_manager"):
                data[name] = data[name] if name in self.changed_data else None
        data["owner"] = data["owner"] or site.owner
        data["closure_manager"] = data["closure_manager"] or site.closure_manager
        return data


def earlier_findings(audit: Any, finding: Finding, user: Any) -> Any:
    """What may be the earlier occurrence: findings of this customer within the year, as far as the person may see them."""
    year_ago = moment.now() - timedelta(days=REPEAT_DAYS)
    earlier = Finding.objects.visible_to(user).filter(
        Q(audit__customer=audit.customer, created_at__gte=year_ago) | Q(pk=finding.repeat_of_id)
    )
    return earlier.exclude(pk=finding.pk).order_by("-created_at", "-id")


class EditForm(ProblemFields, WithRows):
    """The move form of a draft; it speaks MoveForm's language on top of the model form."""

    intro: Any = ""
    partial = True
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)

    def __init__(self, *args: Any, subject: Finding, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, instance=subject, user=user, **kwargs)
        self.subject, self.user = subject, user
        if subject.repeat_of_id and not Finding.objects.visible_to(user).filter(pk=subject.repeat_of_id).exists():
            # Not to be seen by this person, so not to be changed either.
            del self.fields["repeat_of"]
        self.fields["seen"].initial = subject.version
        remember_what_was_seen(self)

    def facts(self) -> dict[str, Any]:
        return {"fields": self.values(), "files": store_all((upload, "") for upload in self.cleaned_data["files"])}

    def say(self, errors: list[str]) -> None:
        self.refusals = errors
        self.add_error(None, errors)
