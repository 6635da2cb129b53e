"""The requirement as plain data, and what two of them differ in."""

from typing import Any

from audits.models import Audit

FIELDS = (
    "customer", "kind", "mode", "division", "product", "customer_contact", "criteria", "planned_start", "planned_end",
    "agenda", "scope", "departments", "headcount", "checklist", "checklist_follow_up", "special_demands", "logistics",
)


def snapshot(audit: Audit) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for name in FIELDS:
        value = getattr(audit, name)
        said[name] = "" if value is None else str(value)
    said["sites"] = [place.site.code for place in audit.places.select_related("site")]
    said["auditors"] = [auditor.name for auditor in audit.auditors.all()]
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
    from django.utils.translation import gettext as _

    rows = {"sites": _("Audited sites"), "auditors": _("Customer's auditors"), "documents": _("Document list")}
    return rows.get(field) or str(Audit._meta.get_field(field).verbose_name)
