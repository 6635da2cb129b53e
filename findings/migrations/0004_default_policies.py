"""The default 2485 rules: version 1, in force since before any finding."""

from datetime import UTC, datetime
from typing import Any

from django.db import migrations

from findings.policy import default_rows


def load(apps: Any, editor: Any) -> None:
    policies, steps, rungs = (apps.get_model("findings", name) for name in ("Policy", "PolicyStep", "PolicyRung"))
    for row in default_rows():
        own_steps = row.pop("steps")
        policy = policies.objects.create(version=1, valid_from=datetime(2020, 1, 1, tzinfo=UTC), **row)
        for step in own_steps:
            ladder = step.pop("rungs")
            made = steps.objects.create(policy=policy, **step)
            rungs.objects.bulk_create(
                rungs(step=made, position=position, **rung) for position, rung in enumerate(ladder, 1)
            )


def unload(apps: Any, editor: Any) -> None:
    apps.get_model("findings", "Policy").objects.filter(code__startswith="2485", version=1).delete()


class Migration(migrations.Migration):
    dependencies = [("findings", "0003_append_only_trail")]
    operations = [migrations.RunPython(load, unload)]
