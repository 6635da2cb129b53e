"""Every list costs the same number of statements with one row and with three; the numbers are literal."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audits.actions import pass_on_lead
from clocks.sweep import sweep
from lib import moment
from tests.world import World, photo

#: session, user, roles, deputies stood in for, then the shell: unread count; the rest is the page's own.
LISTS = {
    # Each list: its tabs (views kept, one's unit, the units above it).
    "/audits/": 14,  # filter choices: customers, kinds, sites; audits with places
    "/audits/plan/?month=2026-03": 8,  # audits with places
    "/audits/plan/export/?month=2026-03": 7,
    "/findings/export/": 6,
    "/closure/ledger/export/": 6,
    "/findings/": 13,  # filter choices: customers, sites; findings with clocks
    "/findings/?as=board": 30,  # two statements for each column that has any
    "/search/?q=扭力": 16,
    "/counts/": 20,
    "/api/v1/views/": 6,
    "/closure/?all=1": 17,  # four lists, each with its true count
    "/closure/ledger/": 15,  # filter choices: units; entries
    "/": 20,  # clocks, reviews, escorting, audits, decisions, notices, notified audits, four figures
    "/inbox/": 7,  # what needs an answer apart from what is only told
    "/reports/2026-03/rows/grade/minor/": 8,
    "/reports/2026-03/rows/audits/held/": 8,
    "/reports/2026-03/rows/ledger/late_contain/": 8,
    "/api/v1/audits/": 6,
    "/api/v1/leads/": 7,
    "/api/v1/plan/?month=2026-03": 7,
    "/api/v1/customers/": 5,
    "/api/v1/kinds/": 5,
    "/api/v1/people/": 6,
    "/api/v1/sites/": 5,
    "/api/v1/units/": 5,
    "/api/v1/notices/": 5,
    "/api/v1/findings/": 5,
    "/api/v1/deadlines/": 7,
    "/api/v1/ledger/": 9,
    "/api/v1/reports/2026-03/": 19,
    "/reports/2026-03/": 20,
}
MOST_ON_THE_FINDING_PAGE = 46


def fill(world: World, t0: Any, rows: int) -> None:
    from findings.actions import attach
    from lib.storage import store

    with moment.travel(t0):
        for _n in range(rows):
            pass_on_lead(by=world.user("contact"), customer_name="某客户", note="听说下月来")
            finding = world.finding("analysed")
            attach(finding, [store(photo())], by=world.user("owner"), purpose="contain")
    sweep(now=t0.replace(day=20))


def count(client: Any, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
    assert response.status_code == 200
    return len(captured)


@pytest.mark.parametrize("url", LISTS)
def test_a_list_costs_the_same_with_one_row_and_with_three(url: str, world: World, login: Any, t0: Any) -> None:
    client = login("market" if "leads" in url else "leader")
    fill(world, t0, 1)
    one = count(client, url)
    fill(world, t0, 2)
    three = count(client, url)
    assert one == three
    assert three <= LISTS[url]


def test_the_audit_page_costs_the_same_with_one_finding_and_with_three(world: World, login: Any, t0: Any) -> None:
    client = login("leader")
    with moment.travel(t0):
        audit = world.audit("on_site")
        world.finding("issued", audit)
        one = count(client, audit.get_absolute_url())
        world.finding("issued", audit)
        world.finding("issued", audit)
        three = count(client, audit.get_absolute_url())
    assert one == three


def test_the_finding_page_costs_the_same_whatever_hangs_on_it(world: World, login: Any, t0: Any) -> None:
    from findings.actions import attach
    from lib.storage import store

    client = login("leader")
    with moment.travel(t0):
        finding = world.finding("implemented")

        def another_round() -> None:
            world.do(finding, "send_back", "closure", step="close", reason="不够")
            finding.__dict__.pop("submission_rows", None)
            world.implement(finding)
            attach(finding, [store(photo()), store(photo())], by=world.user("owner"), purpose="contain")

        another_round()
        one = count(client, finding.get_absolute_url())
        another_round()
        another_round()
        many = count(client, finding.get_absolute_url())
    assert one == many
    assert many <= MOST_ON_THE_FINDING_PAGE


def test_a_thousand_rows_come_in_pages(world: World, login: Any, t0: Any) -> None:
    from findings.models import Finding
    from notices.actions import tell

    user = world.users["owner"]
    for n in range(120):
        tell([user], "finding_action", f"k{n}", facts={"number": f"N{n}", "what": "x"})
    client, url, seen = login("owner"), "/inbox/", []
    for _page in range(4):
        response = client.get(url)
        seen += [one["notice"].pk for one in response.context["told"]]
        if not response.context["page"].next:
            break
        url = f"/inbox/?after={response.context['page'].next}"
    assert len(seen) == len(set(seen)) == 120
    assert client.get("/inbox/?after=nonsense").status_code == 404
    assert client.get("/inbox/?after=WyJhIiwgImIiXQ").status_code == 404
    assert Finding.objects.count() == 0


#: Statements of each move without roles and deputies of the person, which a request reads once: lock, read, trail (two),
#: save, clocks, policy (three), notices (two), and what the move itself keeps. Closing and implementing ask for
#: exemptions and disputes that end with it or heed it.
MOVES = {"issue": 19, "leader_review": 11, "contain": 19, "accept": 16, "analyse": 30, "implement": 26, "close": 33}


def test_a_move_reads_nothing_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from findings import actions
    from findings.models import Finding
    from people.rules import acting_ids, roles_of

    finding = world.draft(world.audit("on_site"))
    people = {name: world.user(name) for name in ("escort", "leader", "owner", "closure")}
    for person in people.values():
        roles_of(person), acting_ids(person)
    world.user = lambda name: people[name]  # type: ignore[method-assign]
    acts: dict[str, Any] = {
        "issue": lambda one: world.do(one, "issue", "escort"),
        "leader_review": lambda one: world.do(one, "leader_review", "leader", note="等级无误"),
        "contain": world.contain,
        "accept": lambda one: world.do(one, "accept_step", "closure", step="contain"),
        "analyse": world.analyse,
        "implement": world.implement,
        "close": lambda one: world.do(one, "close", "closure", verified_how="on_site", conclusion="看到了"),
    }
    perform, said = actions.perform, list[str]()

    def watched(*given: Any, **facts: Any) -> Finding:
        with CaptureQueriesContext(connection) as found:
            result = perform(*given, **facts)
        said[:] = [
            one["sql"] for one in found if not one["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))
        ]
        return result

    monkeypatch.setattr(actions, "perform", watched)
    counts = {}
    for name, act in acts.items():
        act(Finding.objects.get(pk=finding.pk))
        reads = [one for one in said if one.startswith("SELECT")]
        assert sorted(reads) == sorted(set(reads)), name
        counts[name] = len(said)
    assert counts == MOVES
