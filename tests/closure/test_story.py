"""The story behind a ledger entry: who submitted what when, who sent it back, what was over while it lay with whom (A5)."""

from datetime import datetime
from typing import Any

import pytest
from django.utils import translation

from clocks.sweep import sweep
from closure.models import LedgerEntry
from closure.story import Happened, in_words, stories
from lib import moment
from tests.deadlines import DAY, HOUR
from tests.world import World


def told(entry: LedgerEntry) -> list[str]:
    return [one.what for one in stories([entry])[entry.pk]]


@pytest.fixture
def late(world: World, t0: datetime) -> LedgerEntry:
    """Contained five hours late, sent back, contained anew and accepted."""
    with moment.travel(t0):
        finding = world.finding("issued")
    sweep(now=t0 + 25 * HOUR)
    with moment.travel(t0 + 29 * HOUR):
        finding = world.contain(finding)
    with moment.travel(t0 + 31 * HOUR):
        finding = world.do(finding, "send_back", "closure", step="contain", reason="数量没写")
    with moment.travel(t0 + 33 * HOUR):
        finding = world.contain(finding)
    with moment.travel(t0 + 34 * HOUR):
        world.do(finding, "accept_step", "closure", step="contain")
    return LedgerEntry.objects.select_related("deadline", "person").get()


def test_it_is_told_in_the_order_in_which_it_happened(late: LedgerEntry) -> None:
    story = stories([late])[late.pk]
    assert [one.what for one in story] == ["breached", "submitted", "returned", "submitted", "accepted"]
    assert [one.late for one in story] == [True, True, False, True, False]
    assert [one.revision for one in story] == [0, 1, 1, 2, 2] and story[2].reason == "数量没写"


def test_it_is_read_in_both_languages_on_the_plants_clock(late: LedgerEntry) -> None:
    story = stories([late])[late.pk]
    with translation.override("en"):
        lines = in_words(story, "Asia/Shanghai")
    assert lines[0] == "2026-03-07 18:00: the time was over; 某owner owed it"
    assert lines[1].endswith("某owner submitted revision 1 (late)") and lines[2].endswith(
        "sent revision 1 back: 数量没写"
    )
    with translation.override("zh-hans"):
        assert all("revision" not in line for line in in_words(story, "Asia/Shanghai"))


def test_what_lay_with_the_reviewer_when_the_time_was_over_says_so(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        finding = world.finding("issued")
    with moment.travel(t0 + 20 * HOUR):
        finding = world.contain(finding)
    with moment.travel(t0 + 30 * HOUR):
        world.do(finding, "send_back", "closure", step="contain", reason="不够")
    sweep(now=t0 + 31 * HOUR)
    entry = LedgerEntry.objects.select_related("deadline", "person").get(deadline__step="contain")
    breached = next(one for one in stories([entry])[entry.pk] if one.what == "breached")
    assert breached.revision == 1
    with translation.override("en"):
        assert "while revision 1" in in_words([breached], "Asia/Shanghai")[0]


def test_an_entry_without_a_clock_has_no_story(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        finding = world.finding("issued")
    entry = LedgerEntry.objects.create(
        number="X",
        person=world.users["owner"],
        unit=world.units["F1D"],
        finding=finding,
        rule=LedgerEntry.Rule.RETURNED,
        breached_at=t0,
        recorded_at=t0,
        month="2026-03",
    )
    assert stories([entry]) == {} and stories([]) == {}


@pytest.mark.parametrize("many", [1, 3])
def test_any_number_of_stories_takes_as_many_statements(
    many: int, world: World, t0: datetime, django_assert_num_queries: Any
) -> None:
    with moment.travel(t0):
        first = world.finding("issued")
        for _n in range(many - 1):
            world.finding("issued", audit=first.audit)
    sweep(now=t0 + 6 * DAY)
    entries = list(LedgerEntry.objects.filter(deadline__step="contain").select_related("deadline", "person"))
    assert len(entries) == many
    with django_assert_num_queries(2):
        assert all(told_ := stories(entries)) and len(told_) == many


def test_a_program_reads_what_a_page_says() -> None:
    said = Happened("submitted", datetime(2026, 3, 6), "某人", 2, True, "x").as_data()
    assert said == {
        "what": "submitted",
        "at": datetime(2026, 3, 6),
        "by": "某人",
        "revision": 2,
        "late": True,
        "reason": "x",
    }
