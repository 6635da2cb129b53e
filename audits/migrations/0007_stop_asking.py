"""Audits that are over ask nobody to acknowledge their notice any more."""

from typing import Any

from django.db import migrations

ASKING = ("notified", "on_site")


def stop(apps: Any, schema_editor: Any) -> None:
    over = apps.get_model("audits", "Audit").objects.exclude(state__in=ASKING)
    notices = apps.get_model("notices", "Notice").objects
    for number in over.values_list("number", flat=True).iterator():
        notices.filter(topic=f"notice:{number}", answered_at=None, needs_answer=True).update(needs_answer=False)


class Migration(migrations.Migration):
    dependencies = [("audits", "0006_trust"), ("notices", "0004_trust")]
    operations = [migrations.RunPython(stop, migrations.RunPython.noop)]
