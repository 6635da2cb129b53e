"""The default policies, for tests that begin with empty tables."""

from clocks.defaults import install, rows
from clocks.policy import Policy, PolicyRung, PolicyStep


def load_policies() -> None:
    if not Policy.objects.exists():
        install(rows(), Policy, PolicyStep, PolicyRung)
