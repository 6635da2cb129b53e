"""The rule sets for findings that the product comes with: 2485 and its milder sisters (domain §4 A1–A7, A24, A32)."""

from clocks.defaults import DAY, HOUR, WEEK, Row, know, plain_ladder, rung, step

#: What may move a due time: an approved exemption, and a dispute upheld for another owner.
PAUSE, ANEW = "decide_exemption", "decide_dispute"


def _owners_ladder(before: int, superior: int, leader: int, top: int, ledger: bool) -> list[Row]:
    """Reminder to the owner, then owner → superior → Leader → management (in its weekly sum); the last rung comes again every week."""
    return [
        rung(-before, ["owner"], "amber"),
        rung(0, ["owner", "closure_manager"], ledger=ledger),
        rung(superior, ["owner", "superior"]),
        rung(leader, ["owner", "superior", "leader"]),
        rung(top, ["owner", "superior", "leader", "management_weekly"], repeat_minutes=WEEK),
    ]


def dispute_step() -> Row:
    """The Leader's day for deciding a dispute (domain §4 A31)."""
    return step("dispute", 24, "hours", plain_ladder("process_owner", top="management"))


def read_across_steps() -> list[Row]:
    """Carried over to the other sites within the month (domain 3-08: five days for the plan, thirty for doing it), then verified."""
    return [
        step("read_across", 25, "days", plain_ladder("superior", "closure_manager")),
        step("read_across_review", 7, "days", plain_ladder("leader")),
    ]


def _finding_steps(*, ledger: bool, observation: bool) -> list[Row]:
    owners = [
        step("contain", 24, "hours", _owners_ladder(4 * HOUR, 4 * HOUR, DAY, 3 * DAY, ledger), moved_by=[ANEW]),
        step("analyse", 48, "hours", _owners_ladder(8 * HOUR, 8 * HOUR, DAY, 3 * DAY, ledger), moved_by=[ANEW]),
    ]
    return [
        *([] if observation else owners),
        step("close", 5, "days", _owners_ladder(DAY, DAY, 2 * DAY, 5 * DAY, ledger), moved_by=[PAUSE, ANEW]),
        step(
            "review",
            24,
            "hours",
            [
                rung(-4 * HOUR, ["owner"], "amber"),
                rung(0, ["owner"], ledger=ledger),
                rung(DAY, ["owner", "leader"]),
                rung(3 * DAY, ["owner", "leader", "management_weekly"], repeat_minutes=WEEK),
            ],
        ),
        *(
            []
            if observation
            else [
                step("leader_review", 24, "hours", plain_ladder("process_owner")),
                step("action", 0, "date", plain_ladder("superior", "closure_manager"), moved_by=[PAUSE]),
                step("exemption", 48, "hours", plain_ladder("process_owner", top="management")),
                step("exemption_review", 30, "days", plain_ladder("closure_manager")),
                *(step(f"effect_{days}", days, "days", plain_ladder("leader")) for days in (30, 60, 90)),
                *read_across_steps(),
            ]
        ),
        dispute_step(),
        step("customer", 7, "days", plain_ladder("leader")),
    ]


def policies() -> list[Row]:
    """Policies with their steps and rungs, as plain data."""
    top = {"exemption_top": ["investment", "relocation", "other"]}
    return [
        {
            "code": "2485",
            "name": "2485原则",
            "name_en": "2485 rule",
            **top,
            "steps": _finding_steps(ledger=True, observation=False),
        },
        {
            "code": "2485-OBS",
            "name": "观察项：5天答复",
            "name_en": "Observation: answer in 5 days",
            **top,
            "grade": "observation",
            "steps": _finding_steps(ledger=True, observation=True),
        },
        {
            "code": "2485-SELF",
            "name": "自查问题：不问责",
            "name_en": "Self-inspection: outside accountability",
            **top,
            "source": "self",
            "steps": _finding_steps(ledger=False, observation=False),
        },
        {
            "code": "2485-SELF-OBS",
            "name": "自查观察项",
            "name_en": "Self-inspection observation",
            **top,
            "source": "self",
            "grade": "observation",
            "steps": _finding_steps(ledger=False, observation=True),
        },
    ]


know(policies)
