"""The base of the small records beside a finding: disputes, exemptions, read-across."""

from typing import Any

from workflow.fsm import Child


class BesideFinding(Child):
    """It has a `number` and a `finding`; what a list of clocks shows of it is its finding's."""

    parent_field = "finding"
    number: Any
    finding: Any

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.number)

    @property
    def what(self) -> str:
        return str(self.finding.what)

    @property
    def site(self) -> Any:
        return self.finding.site

    @property
    def audit(self) -> Any:
        return self.finding.audit

    def passes_over_leader(self, asked_by_id: int) -> bool:
        """A Leader who owns the finding, or asked for the decision, does not make it (domain §5.3); nor can nobody."""
        return self.finding.audit.leader_id in {None, self.finding.owner_id, asked_by_id}
