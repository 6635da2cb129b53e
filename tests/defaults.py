"""The default policies, for tests that begin with empty tables."""

from findings.defaults import install
from findings.policy import Policy, PolicyRung, PolicyStep


def load_policies() -> None:
    if not Policy.objects.exists():
        install(Policy, PolicyStep, PolicyRung)
