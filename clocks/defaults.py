"""How rule sets that the product comes with are written down and installed; each app knows those of its own records.

The ladders are domain §4 A1–A7. A data migration of each app installs its own rows, and a fresh test all of them.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

HOUR, DAY, WEEK = 60, 1440, 10080
SINCE = datetime(2020, 1, 1, tzinfo=UTC)
Row = dict[str, Any]
#: What each app knows: policies with their steps and rungs, as plain data.
DEFAULTS: list[Callable[[], list[Row]]] = []


def know(rows: Callable[[], list[Row]]) -> None:
    DEFAULTS.append(rows)


def rung(offset: int, who: Iterable[str], level: str = "red", **more: Any) -> Row:
    """One rung of a ladder, so many minutes from the due time, with whom it tells."""
    return {"offset_minutes": offset, "recipients": list(who), "level": level, **more}


def plain_ladder(*above: str, top: str = "management_weekly") -> list[Row]:
    """Three quarters of the time gone: a reminder; then late, a day late with whoever stands above, and weekly.

    Management hears at once only of what it has to decide (`top="management"`), of the rest in the weekly sum.
    """
    return [
        {"percent": 75, "recipients": ["owner"], "level": "amber"},
        rung(0, ["owner"]),
        rung(DAY, ["owner", *above]),
        rung(3 * DAY, ["owner", *above, top], repeat_minutes=WEEK),
    ]


def step(step: str, amount: int, unit: str, rungs: list[Row], **more: Any) -> Row:
    """One clock of a policy; days and dates end with the day."""
    ends = "day" if unit in {"days", "date"} else "exact"
    return {"step": step, "amount": amount, "unit": unit, "rungs": rungs, "ends": ends, **more}


def of_the_engine() -> list[Row]:
    """The rule of the clock by which the engine tests itself."""
    return [
        {
            "code": "CANARY",
            "name": "时钟引擎自检",
            "name_en": "Self-test of the engine",
            "covers": "system",
            "steps": [step("canary", 1, "hours", [rung(0, [], repeat_minutes=15)])],
        },
    ]


know(of_the_engine)


def rows() -> list[Row]:
    """Every rule set that some app knows."""
    return [row for known in DEFAULTS for row in known()]


def usual(name: str) -> Row:
    """The step as the default rule sets have it; for one they do not know 24 hours and a plain ladder."""
    known = (own for row in rows() for own in row["steps"] if own["step"] == name)
    return next(known, None) or step(name, 24, "hours", plain_ladder("leader"))


def add(policy: Any, row: Row, steps: Any, rungs: Any) -> tuple[Any, bool]:
    """The policy's step with its ladder, and whether it was not there yet."""
    columns = {name: value for name, value in row.items() if name != "rungs"}
    kept, made = steps.objects.get_or_create(policy=policy, step=row["step"], defaults=columns)
    if made:
        rungs.objects.bulk_create(
            rungs(step=kept, position=position, **rung) for position, rung in enumerate(row["rungs"], 1)
        )
    return kept, made


def install(wanted: Iterable[Row], policies: Any, steps: Any, rungs: Any) -> None:
    """Add of these rule sets what is not there yet. Takes the model classes, so that a migration can hand in its own."""
    for row in wanted:
        own = row.pop("steps")
        policy, _made = policies.objects.get_or_create(
            code=row["code"], version=1, defaults={**row, "valid_from": SINCE}
        )
        for step in own:
            kept, made = add(policy, step, steps, rungs)
            if not made and not kept.moved_by and step.get("moved_by"):
                steps.objects.filter(pk=kept.pk).update(moved_by=step["moved_by"])
