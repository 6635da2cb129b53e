"""Faults that use and attack once found, each with the right value, through page and API where both exist."""

from typing import Any

import pytest

from audits.models import Audit
from lib import moment
from notices.actions import tell
from tests.forms import as_sent
from tests.times import DAY, HOUR
from tests.world import World

# A. Nobody can work, or everybody stops --------------------------------------------------------------------------------


# C. Doors beside the door ----------------------------------------------------------------------------------------------


# F. Time ---------------------------------------------------------------------------------------------------------------


# G. The plan, the request, the notice ----------------------------------------------------------------------------------


# H, I. Reading, acting, answering --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("url", "names"), [("/api/v1/findings/", ("due_soon", "review", "mine", "overdue", "repeat"))])
def test_no_means_all_the_others(url: str, names: tuple[str, ...], world: World, api: Any) -> None:
    audit = world.audit("on_site")
    for state in ("draft", "issued", "contained", "closed"):
        world.finding(state, audit)
    client = api("owner")
    every = {one["number"] for one in client.get(url).json()["results"]}
    for name in names:
        yes, no = (
            {one["number"] for one in client.get(f"{url}?{name}={said}").json()["results"]}
            for said in ("true", "false")
        )
        assert yes | no == every and not yes & no, name


# J. A program ----------------------------------------------------------------------------------------------------------


def test_codes_go_in_and_come_out(world: World, api: Any) -> None:
    day = str(moment.today() + 9 * DAY)
    body = {
        "customer": "CU",
        "kind": "QSA",
        "mode": "on_site",
        "planned_start": day,
        "planned_end": day,
        "sites": ["S-A", "S-B"],
    }
    made = api("market").post("/api/v1/audits/", body, format="json")
    assert made.status_code == 201, made.json()
    said = made.json()
    assert {name: said[name] for name in ("customer", "kind", "mode", "planned_start")} == {
        name: body[name] for name in ("customer", "kind", "mode", "planned_start")
    }
    assert set(said["sites"]) == {"S-A", "S-B"}
    # What is not sent stays.
    url = f"/api/v1/audits/{said['number']}/moves/revise/"
    assert api("market").post(url, {"scope": "仅装配"}, format="json").status_code == 200
    after = api("market").get(f"/api/v1/audits/{said['number']}/").json()
    assert set(after["sites"]) == {"S-A", "S-B"} and after["scope"] == "仅装配"


def test_a_key_serves_one_request_only(world: World, api: Any) -> None:
    client, key = api("contact"), "6b0ef1fa-7c43-4d4b-9a0e-0a31f6a8a9a1"

    def send(body: Any, **more: Any) -> Any:
        return client.post("/api/v1/leads/", body, format="json", headers={"Idempotency-Key": key}, **more)

    first = send({"customer_name": "某客户", "note": "下月来"})
    again = send({"customer_name": "某客户", "note": "下月来"})
    assert (first.status_code, again.status_code) == (201, 200) and first.json()["number"] == again.json()["number"]
    assert send({"customer_name": "另一客户", "note": "下月来"}).status_code == 400
    assert Audit.objects.count() == 1
    # The same key at another address is another request.
    market = api("market")
    number = first.json()["number"]
    answer = market.post(
        f"/api/v1/audits/{number}/moves/cancel/", {"reason": "误传"}, format="json", headers={"Idempotency-Key": key}
    )
    assert answer.status_code == 200 and answer.json()["state"] == "cancelled"
    repeated = market.post(
        f"/api/v1/audits/{number}/moves/cancel/", {"reason": "误传"}, format="json", headers={"Idempotency-Key": key}
    )
    assert repeated.status_code == 200 and Audit.objects.get().version == answer.json()["version"]


def test_ones_own_notices_come_in_pages_newest_first(world: World, api: Any) -> None:
    for n in range(7):
        with moment.travel(moment.now() + n * HOUR):
            tell([world.users["owner"]], "finding_action", f"k{n}", facts={"number": f"N{n}", "what": "x"})
    seen, url = [], "/api/v1/notices/?page_size=3"
    while url:
        body = api("owner").get(url).json()
        seen += [one["facts"]["number"] for one in body["results"]]
        url = body["next"]
    assert seen == [f"N{n}" for n in (6, 5, 4, 3, 2, 1, 0)]
    for cursor in ("bz05OTk5OTk5OTkmcD0x", "cD0xXzA%3D", "cD1hYmM%3D"):
        assert api("owner").get(f"/api/v1/notices/?cursor={cursor}").status_code == 404


@pytest.mark.parametrize(
    "url",
    [
        "/api/v1/findings/?bogus=1",
        "/api/v1/plan/?bogus=1",
        "/api/v1/plan/?month=abc",
        "/api/v1/people/?bogus=1",
        "/api/v1/leads/?bogus=1",
        "/api/v1/deadlines/?step=nope",
    ],
)
def test_what_a_list_does_not_know_is_refused(url: str, world: World, api: Any) -> None:
    assert api("market").get(url).status_code == 400


def test_a_field_that_a_move_does_not_have_is_refused(world: World, api: Any) -> None:
    audit = world.audit("drafted")
    answer = api("market").post(f"/api/v1/audits/{audit.number}/moves/revise/", {"bogus": "x"}, format="json")
    assert answer.status_code == 400 and set(answer.json()) == {"bogus"}
    assert Audit.objects.get(pk=audit.pk).version == audit.version


@pytest.mark.parametrize("move", ["revise", "change_team", "edit"])
def test_a_change_that_changes_nothing_leaves_no_event(move: str, world: World, login: Any, api: Any) -> None:
    """Sent from its page as it stands (after “back”, say), and by a program that names what is there already."""
    subject: Any = world.draft() if move == "edit" else world.audit("notified" if move == "change_team" else "drafted")
    who = {"edit": "escort", "change_team": "leader", "revise": "market"}[move]
    given = {
        "edit": {"what": "扭力点检记录缺失"},
        "change_team": {"lead_escort": "escort"},
        "revise": {"scope": "全部装配过程"},
    }
    kind, before = "findings" if move == "edit" else "audits", subject.events.count()
    url = f"{subject.get_absolute_url()}moves/{move}/"
    told = login(who).post(url, as_sent(login(who).get(url).context["form"]))
    assert told.status_code == 400 and "没有任何更改" in told.content.decode()
    told = api(who).post(f"/api/v1/{kind}/{subject.number}/moves/{move}/", given[move], format="json")
    assert told.status_code == 400 and "没有任何更改" in told.content.decode()
    assert subject.events.count() == before
