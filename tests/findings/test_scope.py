"""The scope of a containment: every place that is always asked, and what is named beside them."""

from typing import Any

from findings.models import Finding
from findings.states import ALWAYS
from lib import moment
from lib.storage import store
from tests.forms import as_sent
from tests.world import World, photo


def _contained(world: World, **changes: Any) -> Finding:
    """Contained, with a second warehouse and a supplier named beside what is always asked."""
    rows = [{"area": one.value, "applies": False, "checked": None, "bad": None, "note": "不涉及"} for one in ALWAYS]
    rows += [
        {"area": "stock", "applies": True, "checked": 5, "bad": 0, "note": "外租仓", **changes},
        {"area": "supplier", "applies": True, "checked": 9, "bad": 1, "note": "已通知"},
    ]
    finding = world.finding("issued")
    facts = {
        "action": "停用",
        "done_by": "班长",
        "done_at": "当班",
        "effect": "合格",
        "prelim_cause": "",
        "removal": "",
    }
    return world.do(finding, "submit_containment", "owner", scope=rows, files=[], **facts)


def test_a_place_may_be_named_twice_and_each_change_is_seen(world: World, api: Any) -> None:
    finding = _contained(world)
    world.do(finding, "send_back", "closure", step="contain", reason="外租仓未查清")
    rows = Finding.objects.get(pk=finding.pk).current("contain").data["scope"]
    rows[6] |= {"checked": 50}
    facts = {
        "action": "停用",
        "done_by": "班长",
        "done_at": "当班",
        "effect": "合格",
        "prelim_cause": "",
        "removal": "",
    }
    world.do(finding, "submit_containment", "owner", scope=rows, files=[], **facts)
    changed = api("owner").get(f"/api/v1/findings/{finding.number}/submissions/").json()[-1]["changed"]
    [one] = changed
    assert one["label"] == "成品库存 2" and "50" in one["after"] and "5" in one["before"]


def test_what_was_added_can_be_taken_away_again_what_is_always_asked_not(world: World, login: Any) -> None:
    finding = _contained(world)
    world.do(finding, "send_back", "closure", step="contain", reason="外租仓未查清")
    url, client = finding.move_url("submit_containment"), login("owner")
    form = client.get(url).context["form"]
    rows = form.row_sets["scope"].forms
    assert [bool(row.known_area) for row in rows] == [True] * 6 + [False] * 2
    assert [row["area"].value() for row in rows[6:]] == ["stock", "supplier"]
    less = client.post(url, as_sent(form) | {"remove": "scope:6"}).context["form"]
    sent = as_sent(less) | {
        "action": "停用",
        "done_by": "班长",
        "effect": "合格",
        "done_at": f"{moment.now():%Y-%m-%dT%H:%M}",
    }
    made = client.post(url, sent)
    assert made.status_code == 302, made.context["form"].errors
    areas = [row["area"] for row in Finding.objects.get(pk=finding.pk).current("contain").data["scope"]]
    assert areas == [*(one.value for one in ALWAYS), "supplier"]


def test_a_place_that_is_always_asked_is_missed(world: World, api: Any) -> None:
    finding = world.finding("issued")
    rows = [{"area": one.value, "note": "不涉及"} for one in ALWAYS if one.value != "transit"]
    body = {"action": "停用", "done_by": "班长", "effect": "合格", "done_at": f"{moment.now():%Y-%m-%dT%H:%M}"}
    url = f"/api/v1/findings/{finding.number}/moves/submit_containment/"
    told = api("owner").post(url, body | {"scope": rows}, format="json").json()
    assert told.keys() == {"scope"} and "在途" in told["scope"][0]
    named = [*rows, {"area": "transit", "note": "不涉及"}, {"area": "other", "applies": True, "checked": 3}]
    assert api("owner").post(url, body | {"scope": named}, format="json").status_code == 200


def test_why_a_finding_was_withdrawn_stands_on_it_with_the_proof(world: World, login: Any) -> None:
    finding = world.do(world.finding("issued"), "withdraw", "escort", reason="客户书面撤销", files=[store(photo())])
    page = login("owner").get(finding.get_absolute_url()).content.decode()
    assert "客户书面撤销" in page and finding.evidence.get(kind="customer").get_absolute_url() in page
