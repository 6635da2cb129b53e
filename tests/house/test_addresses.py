"""Hostile values in every address, list and filter."""

from typing import Any
from urllib.parse import quote

import pytest

from customers.models import Customer
from tests.world import World

LISTS = (
    "/audits/",
    "/audits/plan/",
    "/audits/plan/export/",
    "/findings/",
    "/findings/export/",
    "/closure/ledger/",
    "/closure/ledger/export/",
    "/inbox/",
    "/people/",
    "/settings/customers/",
    "/settings/kinds/",
    "/settings/matrix/",
)


API = (
    "audits",
    "leads",
    "findings",
    "deadlines",
    "ledger",
    "notices",
    "customers",
    "kinds",
    "people",
    "sites",
    "units",
    "plan",
)


#: What reaches an address or a filter in one piece.
IN_ADDRESSES = [
    "\x00",
    "'; DROP TABLE people_user; --",
    "-1",
    "💣",
    "\ufffe",
    "\ud83d",
    "[" * 2500,
    "99999999999999999999",
    "0001-01-01",
]


@pytest.mark.parametrize("url", LISTS)
def test_hostile_values_at_every_list(url: str, world: World, login: Any) -> None:
    world.finding("issued")
    names = {
        "q",
        "after",
        "month",
        "state",
        "customer",
        "site",
        "unit",
        "person",
        "kind",
        "grade",
        "rule",
        "owner",
        "planned_from",
        "planned_to",
        "overdue",
        "mine",
        "unread",
        "to_check",
    }
    if "export" in url:
        # The same filters as the page's, and a whole book is written each time.
        names = {"q", "month", "customer"}
    office, leader = login("office"), login("leader")
    client = office if url.startswith(("/people", "/settings")) else leader
    for value in IN_ADDRESSES:
        for name in names:
            said = quote(value, errors="surrogatepass")
            status = client.get(f"{url}?{name}={said}").status_code
            assert status in {200, 400, 404}, (name, value[:20], status)


@pytest.mark.parametrize("name", API)
def test_hostile_values_at_every_list_of_the_api(name: str, world: World, api: Any) -> None:
    world.finding("issued")
    client = api("market" if name == "leads" else "leader")
    for value in IN_ADDRESSES:
        for field in (
            "q",
            "cursor",
            "page_size",
            "state",
            "customer",
            "site",
            "unit",
            "role",
            "kind",
            "grade",
            "month",
        ):
            status = client.get(f"/api/v1/{name}/?{field}={quote(value, errors='surrogatepass')}").status_code
            assert status in {200, 400, 404}, (field, value[:20], status)


ADDRESSES = (
    "/audits/{}/",
    "/audits/{}/moves/revise/",
    "/audits/{}/files/1/",
    "/findings/{}/",
    "/findings/new/{}/",
    "/findings/files/{}/",
    "/findings/{}/moves/close/",
    "/findings/{}/revisions/1/",
    "/reports/{}/",
    "/reports/{}/pdf/",
    "/reports/2026-03/rows/{}/x/",
    "/reports/2026-03/rows/grade/{}/",
    "/people/{}/handover/",
    "/settings/customers/{}/",
    "/settings/kinds/{}/",
    "/inbox/{}/",
    "/calendars/{}/",
    "/api/v1/audits/{}/",
    "/api/v1/audits/{}/trail/",
    "/api/v1/findings/{}/",
    "/api/v1/findings/{}/evidence/{}/",
    "/api/v1/reports/{}/",
)


@pytest.mark.parametrize("pattern", ADDRESSES)
def test_hostile_values_in_every_address(pattern: str, world: World, login: Any) -> None:
    client = login("office")
    for value in ("\x00", "a\x00b", "💣", "../../etc/passwd", "9" * 400, "'; DROP TABLE x", "\ufffe", "None", "-1"):
        said = quote(value, safe="")
        status = client.get(pattern.format(said, said)).status_code
        assert status in {200, 400, 403, 404}, (value[:20], status)


def test_a_code_of_digits_is_never_taken_for_another_rows_key(world: World, login: Any, api: Any) -> None:
    """A customer coded with the key of another one: page and API narrow by the code, and a bare key is no code."""
    other = Customer.objects.create(code=str(world.customer.pk), name="数字客户")
    mine, theirs = world.audit("drafted"), world.audit("drafted", customer=other)
    for code, audit, not_it in ((other.code, theirs, mine), ("CU", mine, theirs)):
        shown = login("leader").get("/audits/", {"customer": code}).content.decode()
        assert audit.number in shown and not_it.number not in shown
        rows = api("leader").get("/api/v1/audits/", {"customer": code}).json()["results"]
        assert [row["number"] for row in rows] == [audit.number]
    assert api("leader").get("/api/v1/audits/", {"customer": str(other.pk)}).status_code == 400
    told = api("market").post(
        f"/api/v1/audits/{mine.number}/moves/appoint_leader/",
        {"leader": str(world.users["leader"].pk), "reason": "x"},
        format="json",
    )
    assert told.status_code == 400 and "leader" in told.json()


def test_the_longest_code_narrows_a_list(world: World, login: Any) -> None:
    longest = Customer.objects.create(code="C" * 20, name="长代码客户")
    audit = world.audit("drafted", customer=longest)
    assert audit.number in login("leader").get("/audits/", {"customer": longest.code}).content.decode()
