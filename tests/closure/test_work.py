"""My work: what waits for whom, with the form that ends it, the shortest time first; a constant number of statements."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from closure.work import tasks
from findings.models import Finding
from lib import moment
from lib.storage import store
from people.models import Site
from tests.deadlines import DAY, HOUR
from tests.world import ROLES, World, deputise, photo

ASKED = {"reason": "investment", "explanation": "要新设备", "interim_control": "点检", "milestones": "第20天"}


def forms(world: World, who: str, now: datetime | None = None) -> list[str]:
    """The moves that wait for this person, or what else the task leads to."""
    found = tasks(world.user(who), now or moment.now())
    return [one.url.split("/moves/")[-1].strip("/") if "/moves/" in one.url else one.url for one in found]


def waiting(world: World) -> dict[str, set[str]]:
    return {who: set(forms(world, who)) for who in ROLES if forms(world, who)}


def audit_at(state: str) -> Callable[[World], Any]:
    return lambda world: world.audit(state)


def finding_at(state: str) -> Callable[[World], Any]:
    return lambda world: world.finding(state)


def applied(world: World) -> Any:
    finding = world.finding("analysed")
    return world.do(finding, "apply_exemption", "owner", new_date=moment.today() + 40 * DAY, **ASKED)


def endorsed(world: World) -> Any:
    return world.do(applied(world), "decide_exemption", "leader", approve=True, reason="同意上报")


def disputed(world: World) -> Any:
    facts = {"ground": "facts", "statement": "现场并无", "proposed_owner": None, "duplicate_of": None}
    return world.do(world.finding("issued"), "dispute", "owner", **facts)


def carried_over(world: World) -> Any:
    Site.objects.filter(code="S-B").update(owner=world.users["actor"])
    world.sites["B"].refresh_from_db()
    rows = [{"site": world.sites["B"], "applies": True, "note": "同样排查"}]
    return world.implement(world.finding("analysed"), read_across=rows)


def carried_out(world: World) -> Any:
    facts = {"done_on": moment.today(), "result": "已排查", "files": [store(photo())]}
    return world.do(carried_over(world), "complete_read_across", "actor", **facts)


#: What is begun, who has to do something then, and which form it is.
CASES: dict[str, tuple[Callable[[World], Any], str, str]] = {
    "a request": (audit_at("drafted"), "market", "appoint_leader"),
    "a Leader appointed": (audit_at("leader_appointed"), "leader", "name_team"),
    "a team named": (audit_at("team_named"), "leader", "confirm"),
    "a requirement confirmed": (audit_at("confirmed"), "escort", "send_notice"),
    "a notice sent": (audit_at("notified"), "escort", "start"),
    "a draft": (lambda world: world.draft(), "escort", "issue"),
    "an issued finding": (finding_at("issued"), "owner", "submit_containment"),
    "a contained finding": (finding_at("contained"), "owner", "submit_analysis"),
    "an analysed finding": (finding_at("analysed"), "owner", "submit_implementation"),
    "somebody's countermeasure": (finding_at("analysed"), "actor", "complete_action"),
    "a finding closed inside": (finding_at("closed"), "escort", "close_for_customer"),
    "a finding closed outside": (finding_at("customer_closed"), "closure", "check_effect"),
    "an application": (applied, "leader", "decide_exemption"),
    "an application for money": (endorsed, "top", "decide_exemption"),
    "a dispute": (disputed, "leader", "decide_dispute"),
    "another site": (carried_over, "actor", "complete_read_across"),
    "another site, done": (carried_out, "closure", "verify_read_across"),
}


@pytest.mark.parametrize("case", CASES)
def test_whoever_is_next_finds_the_form_on_the_list(case: str, world: World, login: Any) -> None:
    begin, who, move = CASES[case]
    begin(world)
    assert move in forms(world, who), waiting(world)
    task = next(one for one in tasks(world.user(who), moment.now()) if one.url.endswith(f"/{move}/"))
    assert login(who).get(task.url).status_code == 200
    # Nobody else who may not make it is asked to.
    for other, found in waiting(world).items():
        if move in found:
            assert login(other).get(task.url).status_code == 200, other


def test_an_empty_house_waits_for_nobody(world: World) -> None:
    assert waiting(world) == {}


def test_the_shortest_time_comes_first_and_each_form_once(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        late = world.finding("issued")
    with moment.travel(t0 + 10 * HOUR):
        world.finding("issued", audit=late.audit)
        found = tasks(world.user("owner"), moment.now())
    assert [one.url for one in found] == [
        finding.move_url("submit_containment") for finding in Finding.objects.order_by("issued_at")
    ]
    assert [one.due_at for one in found] == [t0 + 24 * HOUR, t0 + 34 * HOUR]


def test_a_deputy_finds_the_others_work_and_nothing_that_is_not_theirs_to_decide(world: World) -> None:
    applied(world)
    deputise(world, "leader", "leader2")
    assert "decide_exemption" in forms(world, "leader2")
    # The owner stands in for the Leader, and does not decide what they applied for themselves.
    deputise(world, "leader", "owner")
    assert "decide_exemption" not in forms(world, "owner")


def test_what_is_done_is_off_the_list(world: World) -> None:
    finding = applied(world)
    world.do(finding, "decide_exemption", "leader", approve=False, reason="不同意")
    assert not any("decide_exemption" in found for found in waiting(world).values())


@pytest.mark.parametrize("many", [1, 3])
def test_a_long_list_costs_as_much_as_a_short_one(
    many: int, world: World, t0: datetime, django_assert_max_num_queries: Any
) -> None:
    with moment.travel(t0):
        first = world.finding("issued")
        for _n in range(many - 1):
            world.finding("issued", audit=first.audit)
        user = world.user("owner")
        with django_assert_max_num_queries(18):
            assert len(tasks(user, moment.now())) == many
