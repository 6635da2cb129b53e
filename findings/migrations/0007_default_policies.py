"""The default rules with the columns of the clock engine; clocks and rules that stand already get theirs."""

from typing import Any

from django.db import migrations
from django.db.models import OuterRef, Subquery

from findings.defaults import install


def load(apps: Any, editor: Any) -> None:
    policies, steps, rungs, findings, deadlines = (
        apps.get_model("findings", name) for name in ("Policy", "PolicyStep", "PolicyRung", "Finding", "Deadline")
    )
    policies.objects.filter(covers="finding").update(exemption_top=["investment", "relocation", "other"])
    steps.objects.filter(unit="days").update(ends="day")
    install(policies, steps, rungs)
    of = findings.objects.filter(pk=OuterRef("finding_id"))
    deadlines.objects.filter(audit=None).update(audit=Subquery(of.values("audit_id")[:1]))
    unowed = deadlines.objects.filter(owes=None)
    unowed.exclude(step="review").update(owes=Subquery(of.values("owner_id")[:1]))
    unowed.filter(step="review").update(owes=Subquery(of.values("closure_manager_id")[:1]))


def unload(apps: Any, editor: Any) -> None:
    """The rules stay: clocks may run under them."""


class Migration(migrations.Migration):
    dependencies = [("findings", "0006_clock_engine")]
    operations = [migrations.RunPython(load, unload)]
