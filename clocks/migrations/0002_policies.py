"""The rule of the clock by which the engine tests itself."""

from typing import Any

from django.db import migrations

from clocks.defaults import install, of_the_engine


def load(apps: Any, editor: Any) -> None:
    install(of_the_engine(), *(apps.get_model("clocks", name) for name in ("Policy", "PolicyStep", "PolicyRung")))


class Migration(migrations.Migration):
    dependencies = [("clocks", "0001_initial")]
    # Taken back they stay: clocks may run under them.
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
