"""The requirement as plain facts, what two of them differ in, and that difference in words."""

from collections.abc import Iterable
from typing import Any

from django.db.models import BooleanField
from django.utils.translation import gettext as _

from audits.models import Audit
from people.models import Site
from workflow.trail import called, code_of

#: Every column of the request form (a test holds this against the form), so that no change of it goes without a version.
FIELDS = (
    "customer",
    "kind",
    "mode",
    "regular",
    "sudden",
    "division",
    "product",
    "customer_contact",
    "criteria",
    "planned_start",
    "planned_end",
    "agenda",
    "scope",
    "departments",
    "headcount",
    "checklist",
    "checklist_follow_up",
    "special_demands",
    "logistics",
)


def snapshot(audit: Audit) -> dict[str, Any]:
    """The requirement as it stands: codes, ISO dates, plain lists; nothing in anybody's language."""
    said: dict[str, Any] = {}
    for name in FIELDS:
        value = getattr(audit, name)
        said[name] = (
            ""
            if value is None
            else code_of(value)
            if hasattr(value, "pk")
            else value
            if isinstance(value, bool)
            else str(value)
        )
    said["sites"] = sorted(place.site.code for place in audit.places.select_related("site"))
    said["auditors"] = [
        ", ".join([auditor.name, auditor.position, auditor.speciality, auditor.language]).rstrip(", ")
        for auditor in audit.auditors.all()
    ]
    said["documents"] = [document.item for document in audit.documents.all()]
    return said


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    """One entry per field that changed: its name, what it was, what it is."""
    return [
        {"field": name, "before": before.get(name, ""), "after": value}
        for name, value in after.items()
        if before.get(name, "") != value
    ]


def label(field: str) -> str:
    """The field's name as the form shows it."""
    rows = {"sites": _("Audited sites"), "auditors": _("Customer's auditors"), "documents": _("Document list")}
    return rows.get(field) or str(Audit._meta.get_field(field).verbose_name)


def in_words(changes: Iterable[dict[str, Any]]) -> list[dict[str, str]]:
    """The differences in the reader's language: names in place of codes, lists spelt out."""
    rows = list(changes)
    names = _names(rows)
    return [
        {
            "field": row["field"],
            "label": label(row["field"]),
            "before": _words(row["field"], row["before"], names),
            "after": _words(row["field"], row["after"], names),
        }
        for row in rows
    ]


def _names(rows: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """What the codes in the differences are called; a statement for each of customers, kinds and sites that occur."""
    found = {}
    for row in rows:
        model: Any = Site if row["field"] == "sites" else None
        if row["field"] in {"customer", "kind"}:
            model = Audit._meta.get_field(row["field"]).related_model
        if model is not None:
            pair = [row["before"], row["after"]]
            codes = [code for side in pair for code in (side if isinstance(side, list) else [side]) if code]
            found[row["field"]] = called(model, codes)
    return found


def _words(field: str, value: Any, names: dict[str, dict[str, str]]) -> str:
    known = names.get(field, {})
    if isinstance(value, list):
        return "、".join(known.get(str(item), str(item)) for item in value)
    if field in {"sites", "auditors", "documents"}:
        return str(value)
    column = Audit._meta.get_field(field)
    if isinstance(column, BooleanField):
        return (_("yes") if value in {True, "True"} else _("no")) if value != "" else ""
    choices = {str(one): str(name) for one, name in getattr(column, "choices", None) or []}
    return known.get(str(value)) or choices.get(str(value)) or str(value)
