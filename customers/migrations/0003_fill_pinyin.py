from typing import Any

from django.db import migrations

from lib.pinyin import readings


def fill(apps: Any, editor: Any) -> None:
    """Names that were entered before are found by their pinyin too."""
    for model in ("AuditKind", "Customer"):
        rows = apps.get_model("customers", model).objects
        for pk, name in rows.values_list("pk", "name"):
            rows.filter(pk=pk).update(pinyin=readings(name))


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_pinyin")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
