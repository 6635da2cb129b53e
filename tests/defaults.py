"""The default policies, for tests that begin with empty tables."""

from datetime import UTC, datetime

from findings.policy import Policy, PolicyRung, PolicyStep, default_rows


def load_policies() -> None:
    if Policy.objects.exists():
        return
    for row in default_rows():
        steps = row.pop("steps")
        policy = Policy.objects.create(version=1, valid_from=datetime(2020, 1, 1, tzinfo=UTC), **row)
        for step in steps:
            rungs = step.pop("rungs")
            made = PolicyStep.objects.create(policy=policy, **step)
            PolicyRung.objects.bulk_create(PolicyRung(step=made, position=n, **rung) for n, rung in enumerate(rungs, 1))
