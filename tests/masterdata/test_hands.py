"""Master data under attack, in two hands at once, and as fresh eyes saw it."""

from typing import Any

import pytest
from django.core import mail

from audits.models import Audit
from customers.models import Customer
from lib import moment
from notices.models import Notice
from people.models import StandingRole, Unit, User
from tests.masterdata.test_master_data import CUSTOMER, person, post, text
from tests.world import World


def test_whoever_enters_an_address_does_not_confirm_it(world: World, login: Any) -> None:
    office = login("office")
    post(office, "people/owner/", **person(world, username="owner", email="evil@example.invalid"))
    assert office.post("/people/owner/address/").status_code == 403
    office.post("/people/owner/invite/")
    assert not mail.outbox and not User.objects.get(username="owner").email_confirmed
    login("process_owner").post("/people/owner/address/")
    assert User.objects.get(username="owner").email_confirmed


def test_the_account_of_an_administrator_is_no_business_of_the_office(world: World, login: Any, api: Any) -> None:
    office = login("office")
    assert office.get("/settings/people/admin/").status_code == 403
    assert post(office, "people/admin/", **person(world, username="admin")).status_code == 403
    assert office.post("/people/admin/invite/").status_code == 403
    assert api("office").patch("/api/v1/settings/people/admin/", {"email": "e@example.invalid"}).status_code == 403


@pytest.mark.parametrize("who", ["office", "admin"])
def test_nobody_is_deleted(who: str, world: World, login: Any) -> None:
    for username in ("owner", "operator", "admin"):
        assert post(login(who), f"people/{username}/delete/").status_code == 404
        assert User.objects.filter(username=username).exists()


def test_saving_for_another_reason_drops_nobody_who_left(world: World, login: Any, api: Any) -> None:
    Unit.objects.filter(code="F1D").update(head=world.users["superior"])
    User.objects.filter(username="superior").update(is_active=False)
    data = {"code": "F1D", "name": "单位F1D", "kind": "department", "parent": str(world.units["F1"].pk)}
    form = login("office").get("/settings/units/F1D/").context["form"]
    assert str(world.users["superior"].pk) in [str(key) for key, _label in form.fields["head"].choices]
    post(login("office"), "units/F1D/", **data, time_zone="Asia/Shanghai", head=str(world.users["superior"].pk))
    assert Unit.objects.get(code="F1D").head == world.users["superior"]
    changed = api("office").patch("/api/v1/settings/people/owner/", {"phone": "1"}, format="json")
    assert changed.status_code == 200 and changed.data["superior"] == "superior"


def test_two_people_at_one_row_overwrite_only_what_they_touched(world: World, login: Any) -> None:
    seen = {"code": "CU", "name": "客户甲", "name_en": "", "reception": "B", "close_days": ""}
    initial = {f"initial-{name}": value for name, value in seen.items()}
    post(login("office"), "customers/CU/", **(seen | {"name_en": "Customer A"}), **initial)
    post(login("admin"), "customers/CU/", **(seen | {"close_days": "4"}), **initial)
    customer = Customer.objects.get(code="CU")
    assert (customer.name_en, customer.close_days) == ("Customer A", 4)


def test_roles_somebody_else_gave_meanwhile_stay(world: World, login: Any) -> None:
    data = person(world, username="leader2", roles=["leader"], **{"initial-roles": ["leader"]})
    StandingRole.objects.create(user=world.users["leader2"], role="escort")
    post(login("admin"), "people/leader2/", **data)
    held = set(StandingRole.objects.filter(user=world.users["leader2"]).values_list("role", flat=True))
    assert held == {"leader", "escort"}


def test_whoever_runs_the_system_from_now_on_is_announced_as_leaving_their_duties(
    world: World, t0: Any, login: Any
) -> None:
    with moment.travel(t0):
        world.finding("issued")
    post(login("admin"), "people/owner/", **person(world, username="owner", roles=["admin"]))
    assert Notice.objects.filter(kind="person_left", recipient__username="office").exists()


def test_a_customer_that_turned_out_to_be_another_is_that_one_when_named(world: World, t0: Any, login: Any) -> None:
    from audits.actions import enter_customer

    twin = Customer.objects.create(code="T3", name="客户甲公司")
    with moment.travel(t0):
        audit = world.audit("drafted")
    Audit.objects.filter(pk=audit.pk).update(customer=twin)
    office = login("office")
    response = post(office, "customers/T3/merge/", into="CU")
    assert "；1 条记录" in text(office.get(response.url))
    assert enter_customer("客户甲公司", by=world.user("market")) == world.customer
    moved = Audit.objects.get(pk=audit.pk)
    assert moved.version == audit.version + 1 and moved.events.filter(move="master_data_joined").exists()
    assert "客户甲公司" in text(login("office").get("/settings/customers/CU/"))
    other = Customer.objects.create(code="T4", name="又一家")
    post(login("office"), "customers/T4/merge/", into="T3")
    other.refresh_from_db()
    assert not other.retired


def test_a_closed_account_is_found_and_opened_again(world: World, login: Any) -> None:
    User.objects.filter(username="operator").update(is_active=False)
    client = login("office")
    for query, there in (("q=operator", False), ("q=operator&retired=1", True)):
        rows = client.get(f"/settings/people/?{query}").context["page"].rows
        assert ("operator" in [row.username for row in rows]) is there
    assert "/people/operator/reopen/" in text(client.get("/settings/people/operator/"))
    client.post("/people/operator/reopen/")
    assert User.objects.get(username="operator").is_active


@pytest.mark.parametrize("code", ["new", "export", ".", ".."])
def test_a_code_that_is_an_address_is_refused(code: str, world: World, login: Any) -> None:
    response = post(login("office"), "customers/new/", **(CUSTOMER | {"code": code}))
    assert response.status_code == 400 and response.context["form"].errors["code"]


@pytest.mark.parametrize("hours", ["0", "99999999999", "1001"])
def test_a_customers_time_is_one_people_mean(hours: str, world: World, login: Any) -> None:
    response = post(login("office"), "customers/new/", **(CUSTOMER | {"contain_hours": hours}))
    assert response.status_code == 400 and response.context["form"].errors["contain_hours"]


def test_changes_beside_the_forms_stand_in_the_history_too(world: World, login: Any) -> None:
    post(login("office"), "people/owner/", **person(world, username="owner", email="n@example.invalid"))
    page = text(login("admin").get("/settings/people/owner/"))
    assert "<ins>n@example.invalid</ins>" in page and "某office" in page


def test_taking_out_of_use_over_the_api_checks_nothing_else(world: World, api: Any) -> None:
    hurried = Customer.objects.create(code="NEW-9", name="匆忙", to_check=True)
    api("office").patch("/api/v1/settings/customers/NEW-9/", {"retired": True}, format="json")
    hurried.refresh_from_db()
    assert hurried.retired and hurried.to_check


def test_a_list_of_people_costs_the_same_for_few_and_many(world: World, api: Any, login: Any) -> None:
    from tests.house.test_queries import count

    client = login("office")
    few = count(client, "/settings/people/"), count(client, "/api/v1/settings/people/")
    for n in range(6):
        User.objects.create(username=f"more{n}", name=f"某人{n}", unit=world.units["F1D"])
    assert (count(client, "/settings/people/"), count(client, "/api/v1/settings/people/")) == few
