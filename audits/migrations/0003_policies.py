"""The rule set for audits (domain §4 A24, A32), so that the first audit has clocks."""

from typing import Any

from django.db import migrations

from audits.defaults import policies
from clocks.defaults import install


def load(apps: Any, editor: Any) -> None:
    install(policies(), *(apps.get_model("clocks", name) for name in ("Policy", "PolicyStep", "PolicyRung")))


class Migration(migrations.Migration):
    dependencies = [("audits", "0002_append_only_trail"), ("clocks", "0001_initial")]
    # Taken back they stay: clocks may run under them.
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
