"""The procedure in the product: complete, linked to where it is done, and everybody's own part."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from findings.models import Finding
from lib import moment
from procedure.activities import ALL
from procedure.chart import GAP, HEIGHT, WIDTH, chart
from procedure.content import DUTIES, STAGES, TERMS
from procedure.mine import parts
from tests.world import World


def test_the_codes_are_those_of_the_procedure_in_their_order() -> None:
    codes = [activity.code for activity in ALL]
    assert codes == sorted(codes) and len(set(codes)) == len(codes) == 40
    assert {code[0] for code in codes} == {key for key, _label in STAGES}
    assert codes[:5] == ["1-00", "1-01", "1-02", "1-03", "1-04"] and codes[-1] == "4-06"


def test_every_activity_has_somebody_with_that_duty_and_a_place_where_it_is_done() -> None:
    keys = {duty.key for duty in DUTIES}
    assert {role for activity in ALL for role in activity.roles} <= keys
    assert all(activity.roles and reverse(activity.place) for activity in ALL)


def test_every_word_is_there_in_both_languages() -> None:
    words = [text for one in ALL for text in (one.name, one.does, one.product, one.clock)]
    words += [text for duty in DUTIES for text in (duty.role, *duty.duties)] + [
        text for term in TERMS for text in (term.word, term.meaning)
    ]
    with translation.override("en"):
        english = [str(word) for word in words]
    same = [word for word, other in zip(map(str, words), english, strict=True) if word == other and word.isascii()]
    assert set(same) <= {"5M1E", "5W2H", "T0", "Leader"}


@pytest.mark.parametrize(
    ("who", "keys"),
    [
        ("market", {"market"}),
        ("leader", {"leader"}),
        ("escort", {"escort", "team"}),
        ("closure", {"closure"}),
        ("site_contact", {"site"}),
        ("top", {"top"}),
        ("stranger", set()),
        ("admin", set()),
    ],
)
def test_everybody_has_their_own_part(who: str, keys: set[str], world: World) -> None:
    assert parts(world.user(who)) == keys


def test_whoever_answers_for_a_finding_is_an_owner(world: World, t0: Any) -> None:
    with moment.travel(t0):
        finding = world.finding("issued")
    Finding.objects.filter(pk=finding.pk).update(owner=world.users["actor"])
    assert parts(world.user("actor")) == {"owner"}


def test_no_two_boxes_of_the_chart_overlap_and_none_lies_outside() -> None:
    made = chart(frozenset({"owner"}))
    boxes = [box for lane in made.lanes for box in lane.boxes]
    assert len(boxes) == len(ALL) == len(made.arrows) + 1
    for n, one in enumerate(boxes):
        assert 0 <= one.x <= made.width - WIDTH and 0 <= one.y <= made.height - HEIGHT
        for other in boxes[:n]:
            assert abs(one.x - other.x) >= WIDTH + GAP or abs(one.y - other.y) >= HEIGHT
    assert {box.activity.code for box in boxes if box.mine} >= {"3-02", "3-03", "3-04", "3-07"}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_name_is_broken_into_two_lines_that_fit_their_box(language: str) -> None:
    with translation.override(language):
        for lane in chart(frozenset()).lanes:
            for box in lane.boxes:
                assert all(len(line) <= (13 if not line.isascii() else 25) for line in box.lines), box.lines


def test_the_page_leads_to_where_it_is_done_and_shows_ones_own_part_alone(world: World, login: Any) -> None:
    client = login("market")
    page = client.get("/procedure/").content.decode()
    assert f'href="{reverse("audits:new")}"' in page and 'id="a-3-12"' in page and "2485" in page
    mine = client.get("/procedure/?mine=1").content.decode()
    assert 'id="a-1-01"' in mine and 'id="a-3-12"' not in mine


def test_the_api_says_the_same(world: World, api: Any) -> None:
    said = api("closure").get("/api/v1/procedure/").data
    assert [row["code"] for row in said] == [activity.code for activity in ALL]
    assert {row["code"] for row in said if row["mine"]} == {"3-05", "3-09", "3-12", "3-13", "4-04"}
    assert next(row for row in said if row["code"] == "1-11")["stated"] is False
