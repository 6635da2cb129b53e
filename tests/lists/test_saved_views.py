"""Views of lists: one's own, shared ones, as tabs, over the API."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from findings.filters import FindingFilter
from findings.registers import FINDINGS
from lists.models import SavedView
from lists.registry import KEPT, keep
from tests.world import World


def save(client: Any, **changes: str) -> Any:
    return client.post("/lists/save/", {"register": "findings", "name": "我的主要", "query": "grade=major"} | changes)


def tabs(client: Any, url: str = "/findings/") -> str:
    text: str = client.get(url).content.decode()
    return text[text.index("列表视图") : text.index("保存视图")]


def test_a_view_is_kept_and_shown_as_a_tab_that_knows_itself(world: World, login: Any) -> None:
    client = login("leader")
    assert save(client, query="state=open&grade=major&after=x&evil=1").url == "/findings/?grade=major&state=open"
    shown = tabs(client, "/findings/?state=open&grade=major")
    assert "我的主要" in shown
    assert 'href="/findings/?grade=major&amp;state=open" aria-current="page"' in " ".join(shown.split())
    assert "我的主要" not in tabs(login("closure")) and "我的主要" not in tabs(client, "/audits/")


def test_the_same_name_keeps_it_anew(world: World, login: Any) -> None:
    client = login("leader")
    save(client)
    save(client, query="grade=minor")
    assert [view.query for view in SavedView.objects.all()] == ["grade=minor"]


def test_a_view_is_shared_with_a_role_or_a_unit(world: World, login: Any) -> None:
    save(login("leader"), name="给Leader", role="leader")
    save(login("owner"), name="给一厂", unit="F1")
    assert "给Leader" in tabs(login("leader2")) and "给Leader" not in tabs(login("closure"))
    assert "给一厂" in tabs(login("site_contact")) and "给一厂" not in tabs(login("stranger"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"role": "market"}, "与角色共享"),
        ({"unit": "X"}, "与单位共享"),
        ({"name": ""}, "视图名称"),
        ({"name": "很" * 41}, "视图名称"),
        ({"register": "dragons"}, "列表"),
    ],
)
def test_what_cannot_be_kept_is_said(changes: dict[str, str], said: str, world: World, login: Any) -> None:
    client = login("leader")
    response = save(client, **changes)
    assert response.status_code == 302 and not SavedView.objects.exists()
    assert said in client.get(response.url).content.decode()


def test_it_is_shared_with_one_only(world: World, login: Any) -> None:
    save(login("leader"), role="leader", unit="SYS")
    assert not SavedView.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedView.objects.create(
            register="findings", name="x", owner=world.users["leader"], role="leader", unit=world.units["SYS"]
        )


def test_only_its_owner_drops_it(world: World, login: Any) -> None:
    save(login("leader"), role="leader")
    view = SavedView.objects.get()
    assert login("leader2").post(f"/lists/{view.pk}/drop/").status_code == 404
    assert login("leader").post(f"/lists/{view.pk}/drop/").url == "/findings/"
    assert not SavedView.objects.exists()


def test_over_the_api(world: World, api: Any) -> None:
    leader = api("leader")
    made = leader.post(
        "/api/v1/views/",
        {"register": "findings", "name": "主要", "query": "grade=major&x=1", "unit": "SYS"},
        format="json",
    )
    assert made.status_code == 201
    assert made.data["query"] == "grade=major" and made.data["unit"] == "SYS" and made.data["owner"] == "leader"
    assert [view["name"] for view in api("closure").get("/api/v1/views/").data["results"]] == ["主要"]
    assert api("closure").delete(f"/api/v1/views/{made.data['id']}/").status_code == 404
    for wrong in ({"unit": "nope"}, {"role": "market"}, {"colour": "red"}, {"register": "x"}):
        data = {"register": "findings", "name": "主要"} | wrong
        assert next(iter(wrong)) in leader.post("/api/v1/views/", data, format="json").data
    assert leader.delete(f"/api/v1/views/{made.data['id']}/").status_code == 204


def test_a_list_is_told_once() -> None:
    assert set(KEPT) == {"findings", "audits", "ledger"}
    with pytest.raises(ValueError, match="findings is known already"):
        keep(FINDINGS, FindingFilter, "findings:list")


def test_an_address_too_long_to_keep_is_refused_and_nobodys_views_push_ones_own_off(world: World, login: Any) -> None:
    save(login("leader"), query="q=" + "流" * 300)
    assert not SavedView.objects.exists()
    for n in range(45):
        SavedView.objects.create(register="findings", name=f"0{n}", owner=world.users["top"], unit=world.units["G"])
    save(login("owner"), name="我自己的")
    assert "我自己的" in tabs(login("owner"))


def test_the_boards_links_keep_the_filter(world: World, login: Any) -> None:
    world.draft()
    page = login("leader").get("/findings/?as=board&grade=minor").content.decode()
    assert "grade=minor&amp;state=draft" in page or "state=draft&amp;grade=minor" in page
