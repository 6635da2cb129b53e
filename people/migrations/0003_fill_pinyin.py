from typing import Any

from django.db import migrations

from lib.pinyin import readings


def fill(apps: Any, editor: Any) -> None:
    """Names that were entered before are found by their pinyin too."""
    for model in ("Site", "Unit", "User"):
        rows = apps.get_model("people", model).objects
        for pk, name in rows.values_list("pk", "name"):
            rows.filter(pk=pk).update(pinyin=readings(name))


class Migration(migrations.Migration):
    dependencies = [("people", "0002_pinyin")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
