"""Policies that came from the version before know the time for read-across and for its verification."""

from typing import Any

from django.db import migrations

from clocks.defaults import add
from findings.defaults import read_across_steps


def load(apps: Any, editor: Any) -> None:
    """Every version that clocks of nonconformities may start under, drafts too."""
    policies, steps, rungs = (apps.get_model("clocks", name) for name in ("Policy", "PolicyStep", "PolicyRung"))
    for policy in policies.objects.filter(covers="finding").exclude(grade="observation"):
        for step in read_across_steps():
            add(policy, step, steps, rungs)


class Migration(migrations.Migration):
    dependencies = [("findings", "0009_read_across"), ("clocks", "0003_dispute_hours")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
