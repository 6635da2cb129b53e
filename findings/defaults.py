"""The default rule sets (domain §4 A1–A7, A24, A32): what the data migration and a fresh test install."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

HOUR, DAY, WEEK = 60, 1440, 10080
SINCE = datetime(2020, 1, 1, tzinfo=UTC)
Row = dict[str, Any]


def _rung(offset: int, who: Iterable[str], level: str = "red", **more: Any) -> Row:
    return {"offset_minutes": offset, "recipients": list(who), "level": level, **more}


def _owners_ladder(before: int, superior: int, leader: int, top: int, ledger: bool) -> list[Row]:
    """Reminder to the owner, then owner → superior → Leader → management (in its weekly sum); the last rung comes again every week."""
    return [
        _rung(-before, ["owner"], "amber"),
        _rung(0, ["owner", "closure_manager"], ledger=ledger),
        _rung(superior, ["owner", "superior"]),
        _rung(leader, ["owner", "superior", "leader"]),
        _rung(top, ["owner", "superior", "leader", "management_weekly"], repeat_minutes=WEEK),
    ]


def _others_ladder(*above: str, top: str = "management_weekly") -> list[Row]:
    """Three quarters of the time gone: a reminder; then late, a day late with whoever stands above, and weekly.

    Management hears at once only of what it has to decide (`top="management"`), of the rest in the weekly sum.
    """
    return [
        {"percent": 75, "recipients": ["owner"], "level": "amber"},
        _rung(0, ["owner"]),
        _rung(DAY, ["owner", *above]),
        _rung(3 * DAY, ["owner", *above, top], repeat_minutes=WEEK),
    ]


def _step(step: str, amount: int, unit: str, rungs: list[Row], **more: Any) -> Row:
    ends = "day" if unit in {"days", "date"} else "exact"
    return {"step": step, "amount": amount, "unit": unit, "rungs": rungs, "ends": ends, **more}


def _finding_steps(*, ledger: bool, observation: bool) -> list[Row]:
    owners = [
        _step("contain", 24, "hours", _owners_ladder(4 * HOUR, 4 * HOUR, DAY, 3 * DAY, ledger)),
        _step("analyse", 48, "hours", _owners_ladder(8 * HOUR, 8 * HOUR, DAY, 3 * DAY, ledger)),
    ]
    return [
        *([] if observation else owners),
        _step("close", 5, "days", _owners_ladder(DAY, DAY, 2 * DAY, 5 * DAY, ledger), moved_by=["decide_exemption"]),
        _step(
            "review",
            24,
            "hours",
            [
                _rung(-4 * HOUR, ["owner"], "amber"),
                _rung(0, ["owner"], ledger=ledger),
                _rung(DAY, ["owner", "leader"]),
                _rung(3 * DAY, ["owner", "leader", "management_weekly"], repeat_minutes=WEEK),
            ],
        ),
        *(
            []
            if observation
            else [
                _step("leader_review", 24, "hours", _others_ladder("process_owner")),
                _step(
                    "action", 0, "date", _others_ladder("superior", "closure_manager"), moved_by=["decide_exemption"]
                ),
                _step("exemption", 48, "hours", _others_ladder("process_owner", top="management")),
                _step("exemption_review", 30, "days", _others_ladder("closure_manager")),
                *(_step(f"effect_{days}", days, "days", _others_ladder("leader")) for days in (30, 60, 90)),
            ]
        ),
        _step("customer", 7, "days", _others_ladder("leader")),
    ]


def rows() -> list[Row]:
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
        {
            "code": "AUDIT",
            "name": "稽核服务时限",
            "name_en": "Times of the audit service",
            "covers": "audit",
            "steps": [
                _step("name_team", 1, "days", _others_ladder("process_owner"), count="working"),
                _step("acknowledge", 1, "days", _others_ladder("superior", "lead_escort"), count="working"),
                _step("checklist", 0, "date", _others_ladder("superior")),
                _step("issue", 24, "hours", _others_ladder("leader")),
                _step("retrospective", 5, "days", _others_ladder("leader"), count="working"),
            ],
        },
        {
            "code": "CANARY",
            "name": "时钟引擎自检",
            "name_en": "Self-test of the engine",
            "covers": "system",
            "steps": [
                _step("canary", 1, "hours", [_rung(0, [], repeat_minutes=15)]),
            ],
        },
    ]


def usual(step: str) -> Row:
    """The step as the default rule sets have it; for one they do not know 24 hours and a plain ladder."""
    known = (own for row in rows() for own in row["steps"] if own["step"] == step)
    return next(known, None) or _step(step, 24, "hours", _others_ladder("leader"))


def add(policy: Any, row: Row, steps: Any, rungs: Any) -> tuple[Any, bool]:
    """The policy's step with its ladder, and whether it was not there yet."""
    columns = {name: value for name, value in row.items() if name != "rungs"}
    kept, made = steps.objects.get_or_create(policy=policy, step=row["step"], defaults=columns)
    if made:
        rungs.objects.bulk_create(
            rungs(step=kept, position=position, **rung) for position, rung in enumerate(row["rungs"], 1)
        )
    return kept, made


def install(policies: Any, steps: Any, rungs: Any) -> None:
    """Add what is not there yet. Takes the model classes, so that a migration can hand in its own."""
    for row in rows():
        own = row.pop("steps")
        policy, _made = policies.objects.get_or_create(
            code=row["code"], version=1, defaults={**row, "valid_from": SINCE}
        )
        for step in own:
            kept, made = add(policy, step, steps, rungs)
            if not made and not kept.moved_by and step.get("moved_by"):
                steps.objects.filter(pk=kept.pk).update(moved_by=step["moved_by"])
