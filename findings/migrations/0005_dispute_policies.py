"""Policies that came from the version before know the decision on a dispute, and that an upheld one gives the time anew."""

from typing import Any

from django.db import migrations

from clocks.defaults import add
from findings.defaults import ANEW, dispute_step

OWNERS = ("contain", "analyse", "close")


def load(apps: Any, editor: Any) -> None:
    """Every version that clocks may start under, drafts too. Running clocks stay as they are."""
    policies, steps, rungs = (apps.get_model("clocks", name) for name in ("Policy", "PolicyStep", "PolicyRung"))
    for policy in policies.objects.filter(covers="finding"):
        _step, made = add(policy, dispute_step(), steps, rungs)
        for step in steps.objects.filter(policy=policy, step__in=OWNERS) if made else ():
            step.moved_by = [*step.moved_by, ANEW]
            step.save(update_fields=["moved_by"])


class Migration(migrations.Migration):
    dependencies = [("findings", "0004_disputes"), ("clocks", "0003_dispute_hours")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
