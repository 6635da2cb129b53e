"""The rule set for audits that the product comes with (domain §4 A24, A32)."""

from clocks.defaults import Row, know, plain_ladder, step


def policies() -> list[Row]:
    """Policies with their steps and rungs, as plain data."""
    return [
        {
            "code": "AUDIT",
            "name": "稽核服务时限",
            "name_en": "Times of the audit service",
            "covers": "audit",
            "steps": [
                step("name_team", 1, "days", plain_ladder("process_owner"), count="working"),
                step("acknowledge", 1, "days", plain_ladder("superior", "lead_escort"), count="working"),
                step("checklist", 0, "date", plain_ladder("superior")),
                step("issue", 24, "hours", plain_ladder("leader")),
                step("retrospective", 5, "days", plain_ladder("leader"), count="working"),
            ],
        },
    ]


know(policies)
