"""The default rule sets (domain §4 A1–A7, A24, A32), so that the first finding has clocks."""

from typing import Any

from django.db import migrations

from findings.defaults import install


def load(apps: Any, editor: Any) -> None:
    install(*(apps.get_model("findings", name) for name in ("Policy", "PolicyStep", "PolicyRung")))


class Migration(migrations.Migration):
    dependencies = [("findings", "0002_append_only_trail")]
    # Taken back they stay: clocks may run under them.
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
