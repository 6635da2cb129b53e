"""Evidence becomes attachments of its finding: what it proves, or belongs to, is what it is `about`."""

from datetime import timedelta
from typing import Any

from django.db import migrations

#: A move and its files were written a moment apart.
NEAR = timedelta(seconds=10)
KEPT = ("caption", "file", "token", "name", "content_type", "size", "sha256", "uploaded_by_id", "uploaded_at")


def bring(apps: Any, editor: Any) -> None:
    """Each piece with its words, its hash and who brought it."""
    rows = apps.get_model("findings", "Evidence").objects.order_by("id")
    exemptions = apps.get_model("findings", "Exemption").objects
    attachments, types = apps.get_model("attachments", "Attachment"), apps.get_model("contenttypes", "ContentType")
    kind = types.objects.get_or_create(app_label="findings", model="finding")[0] if rows.exists() else None
    attachments.objects.bulk_create(
        attachments(
            subject_type=kind,
            subject_id=row.finding_id,
            kind=row.purpose,
            about=_about(row, exemptions),
            **{name: getattr(row, name) for name in KEPT},
        )
        for row in rows
    )


def _about(row: Any, exemptions: Any) -> str:
    if row.action_id:
        return f"countermeasure:{row.action_id}"
    if row.dispute_id:
        return f"dispute:{row.dispute_id}"
    # The consent that came with an application is of its moment and its applicant.
    near = {"applied_at__gte": row.uploaded_at - NEAR, "applied_at__lte": row.uploaded_at + NEAR}
    own = exemptions.filter(finding_id=row.finding_id, applied_by_id=row.uploaded_by_id, **near)
    asked = own.values_list("pk", flat=True).first() if row.purpose == "customer" else None
    return f"exemption:{asked}" if asked else ""


class Migration(migrations.Migration):
    dependencies = [
        ("findings", "0006_exemptions"),
        ("attachments", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(bring), migrations.DeleteModel("Evidence")]
