"""The list of findings: several values, columns, board, quick look, many at once."""

from typing import Any
from uuid import uuid4

import pytest

from findings import actions
from findings.models import Finding
from lib import moment
from tests.world import World


@pytest.fixture
def three(world: World, t0: Any) -> list[Finding]:
    with moment.travel(t0):
        audit = world.audit()
        return [world.draft(audit, grade=grade) for grade in ("critical", "major", "minor")]


def listed(client: Any, query: str, *, api: bool = False) -> set[str]:
    if api:
        return {row["number"] for row in client.get(f"/api/v1/findings/?{query}").data["results"]}
    return {finding.number for finding in client.get(f"/findings/?{query}").context["page"].rows}


def test_several_values_of_a_filter_mean_one_or_the_other(three: list[Finding], login: Any, api: Any) -> None:
    critical, major, _minor = three
    for query, wanted in (
        ("grade=critical&grade=major", {critical.number, major.number}),
        ("grade=critical", {critical.number}),
        ("site=S-A&site=S-B", {finding.number for finding in three}),
        ("site=S-B", set()),
        ("state=open", set()),
        ("state=open&state=draft", {finding.number for finding in three}),
        ("grade=&state=", {finding.number for finding in three}),
    ):
        assert listed(login("leader"), query) == wanted, query
    for query in ("grade=critical&grade=major", "site=S-A&site=S-B", "state=open&state=draft"):
        assert listed(api("leader"), query, api=True) == listed(login("leader"), query), query
    assert "grade" in api("leader").get("/api/v1/findings/?grade=critical&grade=dragon").data


def test_an_audit_of_two_sites_is_one_row_of_a_filter_for_both(world: World, t0: Any, api: Any) -> None:
    with moment.travel(t0):
        audit = world.audit("confirmed")
    found = api("leader").get("/api/v1/audits/?site=S-A&site=S-B").data["results"]
    assert [row["number"] for row in found] == [audit.number]


def test_columns_are_chosen_by_the_address(three: list[Finding], login: Any) -> None:
    client = login("leader")
    page = client.get("/findings/?columns=number&columns=clause").content.decode()
    head = page[page.index("<thead") : page.index("</thead")]
    assert "条款" in head and "客户" not in head
    usual = client.get("/findings/").content.decode()
    head = usual[usual.index("<thead") : usual.index("</thead")]
    assert "客户" in head and "条款" not in head


def test_the_board_has_a_column_for_every_step(three: list[Finding], world: World, login: Any) -> None:
    world.issue(three[0])
    page = login("leader").get("/findings/?as=board").content.decode()
    board = page[page.index("board-column") :]
    assert board.count("board-column") == 7 and all(finding.number in board for finding in three)
    assert login("stranger").get("/findings/?as=board").content.decode().count("board-card") == 0


def test_a_quick_look_says_what_it_is_and_what_one_may_do(three: list[Finding], login: Any) -> None:
    url = f"/findings/{three[0].number}/glance/"
    text = login("escort").get(url).content.decode()
    assert three[0].what in text and "发出" in text and "<html" not in text
    assert login("stranger").get(url).status_code == 404


# Many at once ---------------------------------------------------------------------------------------------------------


def send(client: Any, findings: list[Finding], move: str, **data: str) -> Any:
    numbers = [finding.number for finding in findings]
    seen = {f"seen-{finding.number}": str(finding.version) for finding in findings}
    return client.post("/findings/bulk/", {"number": numbers, "move": move, **seen, **data})


def states(findings: list[Finding]) -> list[str]:
    return [Finding.objects.get(pk=finding.pk).state for finding in findings]


def test_the_page_offers_what_can_be_done_with_the_ticked(three: list[Finding], login: Any) -> None:
    query = "&".join(f"number={finding.number}" for finding in three)
    page = login("escort").get(f"/findings/bulk/?{query}").content.decode()
    assert "发出 (3)" in page and all(finding.number in page for finding in three)
    form = login("escort").get(f"/findings/bulk/?{query}&move=issue").content.decode()
    assert 'name="move" value="issue"' in form
    assert "不能一起处理" in login("owner").get(f"/findings/bulk/?{query}").content.decode()
    assert login("stranger").get(f"/findings/bulk/?{query}").url == "/findings/"
    assert login("escort").get("/findings/bulk/").url == "/findings/"


def test_each_goes_through_its_own_door_with_its_own_trail(three: list[Finding], world: World, login: Any) -> None:
    assert send(login("escort"), three, "issue").url == "/findings/"
    assert states(three) == ["issued"] * 3
    assert all(finding.events.filter(move="issue", by=world.users["escort"]).count() == 1 for finding in three)
    actor = str(world.users["actor"].pk)
    assert send(login("leader"), fresh(three), "reassign", owner=actor, reason="换线").url == "/findings/"
    assert {finding.owner for finding in fresh(three)} == {world.users["actor"]}


def fresh(findings: list[Finding]) -> list[Finding]:
    return list(Finding.objects.filter(pk__in=[finding.pk for finding in findings]).order_by("pk"))


def test_what_is_refused_is_named_and_holds_nothing_up(three: list[Finding], world: World, login: Any) -> None:
    bare = three[1]
    Finding.objects.filter(pk=bare.pk).update(why="", how="")
    response = send(login("escort"), three, "issue")
    page = response.content.decode()
    assert response.status_code == 400 and states(three) == ["issued", "draft", "issued"]
    refused = page[page.index("未完成及原因") :]
    assert bare.number in refused and three[0].number not in refused


def test_whoever_moved_one_meanwhile_is_not_overwritten(three: list[Finding], world: World, login: Any) -> None:
    seen = [Finding.objects.get(pk=finding.pk) for finding in three]
    actions.perform(three[2].pk, "withdraw", by=world.user("escort"), reason="重复", files=[])
    response = send(login("escort"), seen, "issue")
    assert response.status_code == 400 and states(three) == ["issued", "issued", "withdrawn"]
    assert three[2].number in response.content.decode()


def test_two_clicks_do_it_once(three: list[Finding], login: Any) -> None:
    key, client = str(uuid4()), login("escort")
    seen = [Finding.objects.get(pk=finding.pk) for finding in three]
    assert send(client, seen, "issue", form_key=key).url == "/findings/"
    assert send(client, seen, "issue", form_key=key).url == "/findings/"
    assert all(finding.events.filter(move="issue").count() == 1 for finding in three)


def test_a_form_with_a_mistake_comes_back_with_what_was_typed(three: list[Finding], world: World, login: Any) -> None:
    send(login("escort"), three, "issue")
    response = send(login("leader"), fresh(three), "reassign", owner="", reason="因为调岗")
    assert response.status_code == 400 and "因为调岗" in response.content.decode()
    assert "问题责任人" in response.content.decode()


@pytest.mark.parametrize("move", ["close", "edit", "dragon", ""])
def test_what_is_not_for_many_is_done_to_none(move: str, three: list[Finding], login: Any) -> None:
    assert send(login("escort"), three, move).status_code == 200
    assert states(three) == ["draft"] * 3


def test_nobody_does_to_many_what_they_may_not_do_to_one(three: list[Finding], world: World, login: Any) -> None:
    response = send(login("owner"), three, "issue")
    assert response.status_code == 400 and "您无权" in response.content.decode()
    assert states(three) == ["draft"] * 3
