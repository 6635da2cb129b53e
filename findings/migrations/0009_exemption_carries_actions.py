"""An approved exemption carries the countermeasures' dates with the five days; until now no page could say otherwise."""

from typing import Any

from django.db import migrations


def load(apps: Any, editor: Any) -> None:
    steps = apps.get_model("findings", "PolicyStep").objects.filter(policy__covers="finding", step="action", moved_by=[])
    steps.update(moved_by=["decide_exemption"])


def unload(apps: Any, editor: Any) -> None:
    """The rules stay: clocks may run under them."""


class Migration(migrations.Migration):
    dependencies = [("findings", "0008_one_canary")]
    operations = [migrations.RunPython(load, unload)]
