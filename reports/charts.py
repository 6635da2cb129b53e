"""The geometry of the three charts: the same drawing on the page and in the PDF."""

from dataclasses import dataclass
from typing import Any

from reports.periods import Period

WIDTH, HEIGHT = 640, 240
# Told apart in print and by people who see no red or green; each stands 4.5 : 1 against white.
COLOURS = {"contain": "#206bc4", "analyse": "#b35900"}
OTHER = "#1a7f37"
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 16, 36


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    middle: float
    label: str
    value: int


@dataclass(frozen=True)
class Line:
    key: str
    label: str
    colour: str
    #: One stretch for every run of periods that have a value.
    stretches: list[str]
    dots: list[tuple[float, float, str]]


def _nice(highest: float) -> int:
    """A round number at or above `highest` that divides by four."""
    steps = (4, 8, 12, 20, 40, 60, 80, 100, 200, 400, 800, 1200, 2000, 4000, 8000, 12000, 20000)
    return next((step for step in steps if step >= highest), int(highest // 4 + 1) * 4)


def _grid(top: float) -> list[dict[str, Any]]:
    room = HEIGHT - TOP - BOTTOM
    return [{"y": round(TOP + room * (4 - n) / 4, 1), "label": f"{top * n / 4:g}"} for n in range(5)]


def bars(pairs: list[tuple[str, int]]) -> dict[str, Any]:
    """A bar chart of (label, count), at most ten bars."""
    shown = pairs[:10]
    top = _nice(max((value for _label, value in shown), default=0))
    room, slot = HEIGHT - TOP - BOTTOM, (WIDTH - LEFT - RIGHT) / max(len(shown), 1)
    drawn = []
    for n, (label, value) in enumerate(shown):
        height, width = room * value / top, min(slot * 0.6, 56)
        middle = LEFT + slot * (n + 0.5)
        drawn.append(
            Bar(
                round(middle - width / 2, 1),
                round(TOP + room - height, 1),
                round(width, 1),
                round(height, 1),
                round(middle, 1),
                label,
                value,
            )
        )
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "bars": drawn,
        "grid": _grid(top),
        "base": HEIGHT - BOTTOM,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "label_y": HEIGHT - BOTTOM + 18,
    }


def _stretches(dots: list[tuple[float, float, str]], slot: float) -> list[str]:
    """The dots as lines, broken where a period between them has no value."""
    found: list[list[str]] = []
    last = None
    for x, y, _value in dots:
        if last is None or x - last > slot * 1.5:
            found.append([])
        found[-1].append(f"{x},{y}")
        last = x
    return [" ".join(points) for points in found]


def rates(trend: list[dict[str, Any]], labels: dict[str, str]) -> dict[str, Any]:
    """A line chart of percentages by period, one line per key of `labels`; periods without a value leave a gap."""
    room, slot = HEIGHT - TOP - BOTTOM, (WIDTH - LEFT - RIGHT) / max(len(trend), 1)
    xs = [round(LEFT + slot * (n + 0.5), 1) for n in range(len(trend))]
    lines = []
    for key, label in labels.items():
        dots = [
            (x, round(TOP + room * (1 - row[key] / 100), 1), f"{row[key]:g}%")
            for x, row in zip(xs, trend, strict=True)
            if row[key] is not None
        ]
        lines.append(Line(key, label, COLOURS.get(key, OTHER), _stretches(dots, slot), dots))
    months = [
        {"x": x, "label": Period.parse(row.get("month") or row["period"]).short}
        for x, row in zip(xs, trend, strict=True)
    ]
    legend = [{"x": LEFT + 8 + 200 * n, "colour": line.colour, "label": line.label} for n, line in enumerate(lines)]
    return {
        "width": WIDTH,
        "height": HEIGHT + 22,
        "lines": lines,
        "grid": _grid(100),
        "months": months,
        "base": HEIGHT - BOTTOM,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "label_y": HEIGHT - BOTTOM + 18,
        "legend": legend,
        "legend_y": HEIGHT + 10,
    }
