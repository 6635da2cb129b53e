"""The files of audits become attachments, as those of findings."""

from pathlib import PurePosixPath
from typing import Any

from django.db import migrations

KEPT = ("caption", "file", "name", "content_type", "size", "sha256", "uploaded_by_id", "uploaded_at")


def bring(apps: Any, editor: Any) -> None:
    """Each file with its words, its hash and who brought it; the token is the stem of the name it is stored under."""
    rows = apps.get_model("audits", "AuditFile").objects.order_by("id")
    attachments, types = apps.get_model("attachments", "Attachment"), apps.get_model("contenttypes", "ContentType")
    kind = types.objects.get_or_create(app_label="audits", model="audit")[0] if rows.exists() else None
    attachments.objects.bulk_create(
        attachments(
            subject_type=kind,
            subject_id=row.audit_id,
            kind=row.kind,
            token=PurePosixPath(row.file.name).stem,
            **{name: getattr(row, name) for name in KEPT},
        )
        for row in rows
    )


class Migration(migrations.Migration):
    dependencies = [
        ("audits", "0004_events_about"),
        ("attachments", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(bring), migrations.DeleteModel("AuditFile")]
