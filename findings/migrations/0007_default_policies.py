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
    _complete(policies, steps, rungs)
    _explain_exemptions(apps)
    of = findings.objects.filter(pk=OuterRef("finding_id"))
    deadlines.objects.filter(audit=None).update(audit=Subquery(of.values("audit_id")[:1]))
    unowed = deadlines.objects.filter(owes=None)
    unowed.exclude(step="review").update(owes=Subquery(of.values("owner_id")[:1]))
    unowed.filter(step="review").update(owes=Subquery(of.values("closure_manager_id")[:1]))


def _complete(policies: Any, steps: Any, rungs: Any) -> None:
    """Rules of the company's own get the kinds of clocks that came since, as the default rule has them."""
    for policy in policies.objects.filter(covers="finding").exclude(code="2485", version=1):
        model = "2485-OBS" if policy.grade == "observation" else "2485"
        there = {step.step: step for step in steps.objects.filter(policy=policy)}
        if "close" in there and not there["close"].moved_by:
            steps.objects.filter(pk=there["close"].pk).update(moved_by=["decide_exemption"])
        for step in steps.objects.filter(policy__code=model, policy__version=1).exclude(step__in=[*there, "contain", "analyse"]):
            ladder = list(rungs.objects.filter(step=step))
            step.pk, step.policy = None, policy
            step.save(force_insert=True)
            for rung in ladder:
                rung.pk, rung.step = None, step
            rungs.objects.bulk_create(ladder)


def _explain_exemptions(apps: Any) -> None:
    """A due time that an exemption has moved already gets the line that says so."""
    deadlines, exemptions, changes = (
        apps.get_model("findings", name) for name in ("Deadline", "Exemption", "DueChange")
    )
    for row in deadlines.objects.exclude(exempted_at=None):
        found = exemptions.objects.filter(finding_id=row.finding_id, outcome="approved").order_by("-applied_at").first()
        if found is not None:
            before = min(filter(None, (row.base_due_at, row.customer_due_at)))
            changes.objects.create(
                deadline=row, cause="paused", by_id=found.top_by_id or found.leader_by_id or found.applied_by_id,
                at=row.exempted_at, before=before, after=row.due_at, reason=found.explanation[:500],
            )


def unload(apps: Any, editor: Any) -> None:
    """The rules stay: clocks may run under them."""


class Migration(migrations.Migration):
    dependencies = [("findings", "0006_clock_engine")]
    operations = [migrations.RunPython(load, unload)]
