"""The geometry of the charts: inside their frame, in proportion, honest where there is nothing."""

from typing import Any

import pytest
from django.template.loader import render_to_string

from reports.charts import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, _nice, bars, rates

ROOM = HEIGHT - TOP - BOTTOM


def _trend(*values: float | None) -> list[dict[str, Any]]:
    return [{"period": f"2026-{n:02d}", "contain": value} for n, value in enumerate(values, 1)]


@pytest.mark.parametrize("pairs", [[], [("甲", 0)], [("甲", 3), ("乙", 1)], [(str(n), n) for n in range(25)]])
def test_bars_stay_inside_the_frame_and_in_proportion(pairs: list[tuple[str, int]]) -> None:
    chart = bars(pairs)
    assert [(bar.label, bar.value) for bar in chart["bars"]] == pairs[:10]
    for bar in chart["bars"]:
        assert bar.x >= LEFT and bar.x + bar.width <= WIDTH - RIGHT
        assert bar.y >= TOP and bar.y + bar.height == pytest.approx(HEIGHT - BOTTOM, abs=0.2)
    drawn = [bar for bar in chart["bars"] if bar.value]
    assert len({round(bar.height / bar.value, 1) for bar in drawn}) <= 2  # rounded to a tenth


@pytest.mark.parametrize(("highest", "top"), [(0, 4), (1, 4), (4, 4), (5, 8), (13, 20), (99, 100), (20001, 20004)])
def test_the_scale_is_round_and_never_too_small(highest: int, top: int) -> None:
    assert _nice(highest) >= highest and _nice(highest) % 4 == 0
    assert _nice(highest) == top


def test_a_rate_stands_where_its_percent_is() -> None:
    [line] = rates(_trend(0, 50, 100), {"contain": "24 h"})["lines"]
    assert [(y, said) for _x, y, said in line.dots] == [(TOP + ROOM, "0%"), (TOP + ROOM / 2, "50%"), (TOP, "100%")]
    assert len(line.stretches) == 1 and len(line.stretches[0].split()) == 3


def test_a_month_without_a_value_leaves_a_gap() -> None:
    [line] = rates(_trend(80, 90, None, 70, 60, None, None, 50), {"contain": "24 h"})["lines"]
    assert [len(stretch.split()) for stretch in line.stretches] == [2, 2, 1]
    assert len(line.dots) == 5


def test_a_trend_of_nothing_is_an_empty_frame() -> None:
    chart = rates(_trend(None, None), {"contain": "24 h"})
    assert chart["lines"][0].stretches == [] and len(chart["months"]) == 2
    assert rates([], {"contain": "24 h"})["months"] == []


def test_it_is_drawn_as_it_is_reckoned() -> None:
    chart = rates(_trend(80, None, 70), {"contain": "<24 h>"})
    drawn = render_to_string("reports/_lines.html", {"c": chart, "title": "Rates"})
    assert drawn.count("<polyline") == 2 and drawn.count("<circle") == 2 and "&lt;24 h&gt;" in drawn
