"""The flow chart: the activities as boxes in lanes, one lane for each stage, each box leading to the next."""

from dataclasses import dataclass
from itertools import pairwise

from django.utils.functional import Promise

from procedure.activities import ALL
from procedure.content import STAGES, Activity

#: Pixels: a box, the way between two, the head of a lane; so many boxes in a row.
WIDTH, HEIGHT, GAP, HEAD, ROW = 168, 62, 26, 34, 6


@dataclass(frozen=True)
class Box:
    """One activity where it stands; `mine` when this person has a part in it."""

    activity: Activity
    x: int
    y: int
    mine: bool

    @property
    def looks(self) -> str:
        """How it is drawn: filled where it is this person's, dashed where the procedure is silent."""
        return " ".join(
            look for look, holds in (("flow-mine", self.mine), ("flow-ours", not self.activity.stated)) if holds
        )

    @property
    def middle(self) -> int:
        return self.x + WIDTH // 2

    @property
    def lines(self) -> tuple[str, str]:
        """Its name in two lines at most, broken where the language breaks."""
        name = str(self.activity.name)
        longest = 13 if not name.isascii() else 24
        if len(name) <= longest:
            return name, ""
        cut = name.rfind(" ", 0, longest + 1) if name.isascii() else longest
        cut = cut if cut > 0 else longest
        rest = name[cut:].strip()
        return name[:cut].strip("，、 "), rest if len(rest) <= longest else rest[: longest - 1] + "…"


@dataclass(frozen=True)
class Arrow:
    """From one box to the next: straight on in a row, around to the next row."""

    path: str


@dataclass(frozen=True)
class Lane:
    """One stage with its boxes."""

    label: Promise
    y: int
    height: int
    boxes: list[Box]


@dataclass(frozen=True)
class Chart:
    width: int
    height: int
    lanes: list[Lane]
    arrows: list[Arrow]
    box_width: int = WIDTH
    box_height: int = HEIGHT


def chart(mine: frozenset[str]) -> Chart:
    """The chart as this person sees it; `mine` are the keys of their roles."""
    lanes, y = [], 0
    for key, label in STAGES:
        members = [activity for activity in ALL if activity.code.startswith(f"{key}-")]
        boxes = [
            Box(
                activity,
                GAP + (n % ROW) * (WIDTH + GAP),
                y + HEAD + (n // ROW) * (HEIGHT + GAP),
                bool(mine & set(activity.roles)),
            )
            for n, activity in enumerate(members)
        ]
        height = HEAD + -(-len(members) // ROW) * (HEIGHT + GAP)
        lanes.append(Lane(label, y, height, boxes))
        y += height + GAP // 2
    every = [box for lane in lanes for box in lane.boxes]
    arrows = [Arrow(_way(first, second)) for first, second in pairwise(every)]
    return Chart(GAP + ROW * (WIDTH + GAP), y, lanes, arrows)


def _way(first: Box, second: Box) -> str:
    middle = HEIGHT // 2
    if first.y == second.y:
        return f"M{first.x + WIDTH} {first.y + middle}H{second.x - 3}"
    turn = second.y - GAP // 2
    return f"M{first.middle} {first.y + HEIGHT}V{turn}H{second.middle}V{second.y - 3}"
