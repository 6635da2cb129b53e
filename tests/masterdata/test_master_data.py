"""Master data on pages and over the API: entering, changing, history, taking out of use, joining twins, joiners."""

from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from audits.models import Audit, MatrixRow
from clocks.policy import Policy
from customers.models import AuditKind, Customer
from lib import moment
from masterdata import actions
from masterdata.registry import TABLES, register
from notices.models import Notice
from people.models import Site, StandingRole, Unit, User
from search.query import search
from tests.world import World


def text(response: Any) -> str:
    return str(response.content.decode())


def post(client: Client, path: str, **data: Any) -> Any:
    return client.post(f"/settings/{path}", data)


CUSTOMER = {"code": "NEWC", "name": "新客户", "name_en": "Newcomer", "reception": "A"}


def test_every_table_has_a_list_a_form_and_an_excel(world: World, login: Any) -> None:
    assert set(TABLES) == {"units", "sites", "people", "appointments", "customers", "kinds", "matrix"}
    client = login("office")
    for name in TABLES:
        assert client.get(f"/settings/{name}/").status_code == 200, name
        assert client.get(f"/settings/{name}/new/").status_code == 200, name
        assert client.get(f"/settings/{name}/export/").headers["Content-Disposition"].endswith(f'{name}.xlsx"'), name
        assert f"/settings/{name}/" in text(client.get("/settings/")), name


def test_what_is_changed_stands_in_the_history_with_who_did_it(world: World, login: Any) -> None:
    post(login("office"), "customers/new/", **CUSTOMER)
    post(login("admin"), "customers/NEWC/", **(CUSTOMER | {"name": "新客户集团", "close_days": "4"}))
    page = text(login("office").get("/settings/customers/NEWC/"))
    assert "某admin" in page and "某office" in page
    assert "<del>新客户</del>" in page and "<ins>新客户集团</ins>" in page and "<ins>4</ins>" in page


def test_the_list_is_searched_by_code_names_and_pinyin_and_sorted(world: World, login: Any) -> None:
    post(login("office"), "customers/new/", **CUSTOMER)
    for typed in ("NEWC", "新客", "newcomer", "xkh", "xinkehu"):
        assert "NEWC" in text(login("office").get("/settings/customers/", {"q": typed})), typed
    assert "NEWC" not in text(login("office").get("/settings/customers/", {"q": "没有"}))
    page = login("office").get("/settings/customers/?sort=-code").context["page"].rows
    assert [row.code for row in page] == ["NEWC", "CU"]


@pytest.mark.parametrize(
    ("path", "data", "field"),
    [
        ("customers/new/", CUSTOMER | {"code": "a b"}, "code"),
        ("customers/new/", CUSTOMER | {"code": "CU"}, "code"),
        ("customers/new/", CUSTOMER | {"name": ""}, "name"),
        ("units/new/", {"code": "U9", "name": "x", "kind": "factory", "time_zone": "Asia/Peking"}, "time_zone"),
        (
            "appointments/new/",
            {"document_number": "1", "valid_from": "2026-02-01", "valid_to": "2026-01-01"},
            "valid_to",
        ),
        ("sites/new/", {"code": "S-9", "name": "x"}, "unit"),
        ("matrix/new/", {"leader_post": "经理"}, "lead_unit"),
    ],
)
def test_a_mistake_is_named_at_its_field_and_nothing_is_kept(
    path: str, data: dict[str, str], field: str, world: World, login: Any
) -> None:
    counts = {name: table.model._default_manager.count() for name, table in TABLES.items()}
    response = post(login("office"), path, **data)
    assert response.status_code == 400 and response.context["form"].errors[field]
    assert {name: table.model._default_manager.count() for name, table in TABLES.items()} == counts


def test_a_unit_is_never_below_itself(world: World, login: Any) -> None:
    unit = world.units["C1"]
    data = {"code": "C1", "name": unit.name, "kind": "branch", "time_zone": "Asia/Shanghai"}
    response = post(login("office"), "units/C1/", **data, parent=str(world.units["F1D"].pk))
    assert response.status_code == 400 and response.context["form"].errors["parent"]
    assert Unit.objects.get(code="C1").parent == world.units["G"]


def test_a_code_is_given_once_but_a_hurried_one_gets_its_true_one(world: World, login: Any) -> None:
    post(login("office"), "customers/CU/", **(CUSTOMER | {"code": "OTHER", "name": "客户甲"}))
    assert Customer.objects.filter(code="CU").exists()
    Customer.objects.create(code="NEW-1", name="匆忙", to_check=True)
    assert "匆忙" in text(login("office").get("/settings/"))
    post(login("office"), "customers/NEW-1/", **(CUSTOMER | {"code": "TRUE1"}))
    assert Customer.objects.get(code="TRUE1").to_check is False


def test_two_clicks_enter_one(world: World, login: Any) -> None:
    key, client = str(uuid4()), login("office")
    for _n in range(2):
        assert post(client, "customers/new/", **CUSTOMER, form_key=key).status_code == 302
    assert Customer.objects.filter(code="NEWC").count() == 1


# Out of use -----------------------------------------------------------------------------------------------------------


def test_what_is_out_of_use_is_not_chosen_any_more_and_what_was_chosen_stays(world: World, t0: Any, login: Any) -> None:
    with moment.travel(t0):
        audit = world.audit("drafted")
    assert post(login("office"), "customers/CU/retire/", retired="1").status_code == 302
    post(login("office"), "sites/S-X/retire/", retired="1")
    page = text(login("market").get("/audits/new/"))
    assert "客户甲" not in page and "场所X" not in page and "场所A" in page
    assert "客户甲" in text(login("market").get(f"{audit.get_absolute_url()}moves/revise/"))
    assert "客户甲" not in text(login("office").get("/settings/customers/"))
    assert "客户甲" in text(login("office").get("/settings/customers/?retired=1"))
    post(login("office"), "customers/CU/retire/", retired="0")
    assert "客户甲" in text(login("market").get("/audits/new/"))


def test_people_are_not_retired_and_customers_not_deleted(world: World, login: Any) -> None:
    assert post(login("office"), "people/owner/retire/", retired="1").status_code == 404
    assert post(login("office"), "customers/CU/delete/").status_code == 404
    assert post(login("office"), "units/G/merge/", into="C1").status_code == 404


def test_what_is_used_is_not_deleted_and_says_by_what(world: World, login: Any) -> None:
    client = login("office")
    with pytest.raises(ValidationError, match="场所"):
        actions.delete(world.users["owner"], world.users["office"])
    assert User.objects.filter(username="owner").exists()
    row = MatrixRow.objects.order_by("pk")[0]
    assert post(client, f"matrix/{row.pk}/delete/").url == "/settings/matrix/"
    assert not MatrixRow.objects.filter(pk=row.pk).exists()


def test_one_customer_turns_out_to_be_another(world: World, t0: Any, login: Any) -> None:
    twin = Customer.objects.create(code="NEW-2", name="客户甲公司", to_check=True)
    with moment.travel(t0):
        audit = world.audit("drafted")
    Audit.objects.filter(pk=audit.pk).update(customer=twin)
    client = login("office")
    response = post(client, "customers/NEW-2/merge/", into="CU")
    assert response.url == "/settings/customers/CU/" and "1" in text(client.get(response.url))
    assert Audit.objects.get(pk=audit.pk).customer == world.customer
    twin.refresh_from_db()
    assert twin.retired
    assert "客户甲" in text(client.get("/settings/customers/NEW-2/"))
    assert [group.source.kind for group in search(world.user("leader"), f"{audit.number} 客户甲")] == ["audit"]


@pytest.mark.parametrize("into", ["", "nope", "CU", "\x00"])
def test_nothing_turns_out_to_be_nothing_or_itself(into: str, world: World, login: Any) -> None:
    client = login("office")
    response = post(client, "customers/CU/merge/", into=into)
    assert response.url == "/settings/customers/CU/"
    assert "alert-danger" in text(client.get(response.url))
    assert not Customer.objects.get(code="CU").retired


def test_a_customer_with_times_of_its_own_is_not_merged_away(world: World, login: Any) -> None:
    twin = Customer.objects.create(code="T2", name="另一家")
    policy = Policy.objects.get(code="2485")
    Policy.objects.filter(pk=policy.pk).update(customer=twin)
    client = login("office")
    response = post(client, "customers/T2/merge/", into="CU")
    assert "时钟规则" in text(client.get(response.url))
    twin.refresh_from_db()
    assert not twin.retired


# People ---------------------------------------------------------------------------------------------------------------


def person(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "username": "joiner",
        "name": "新来的",
        "level": "3",
        "unit": str(world.units["F1D"].pk),
        "email": "joiner@example.invalid",
        "language": "zh-hans",
    } | changes


def test_somebody_joins_with_roles_and_is_invited(world: World, login: Any) -> None:
    client = login("admin")
    post(client, "people/new/", **person(world, roles=["market", "escort"]))
    joined = User.objects.get(username="joiner")
    assert not joined.has_usable_password() and not joined.email_confirmed
    assert set(joined.standing_roles.values_list("role", flat=True)) == {"market", "escort"}
    assert Notice.objects.filter(recipient=joined, kind="roles_changed").exists()
    page = text(client.get(client.post("/people/joiner/invite/").url))
    assert "没有发送" in page and not mail.outbox
    login("office").post("/people/joiner/address/")
    assert User.objects.get(username="joiner").email_confirmed
    assert "joiner@example.invalid" in text(client.get(client.post("/people/joiner/invite/").url))
    assert len(mail.outbox) == 1


def test_roles_are_given_by_administrators_to_others_only(world: World, login: Any) -> None:
    assert "roles" not in login("office").get("/settings/people/owner/").context["form"].fields
    post(login("office"), "people/owner/", **person(world, username="owner", roles=["leader"]))
    assert not StandingRole.objects.filter(user=world.users["owner"]).exists()
    assert "roles" not in login("admin").get("/settings/people/admin/").context["form"].fields
    response = post(login("admin"), "people/owner/", **person(world, username="owner", roles=["admin", "leader"]))
    assert response.status_code == 400 and "roles" in response.context["form"].errors


def test_roles_taken_and_given_stand_in_the_persons_history(world: World, login: Any) -> None:
    post(login("admin"), "people/leader2/", **person(world, username="leader2", roles=["closure"]))
    page = text(login("office").get("/settings/people/leader2/"))
    assert "<del>Leader</del>" in page and "<ins>闭环管理人</ins>" in page
    told = Notice.objects.filter(kind="roles_changed").values_list("recipient__username", flat=True)
    assert set(told) == {"leader2", "process_owner"}


def test_a_changed_address_has_to_be_confirmed_and_a_new_superior_is_told(world: World, login: Any) -> None:
    data = person(world, username="owner", email="new@example.invalid", superior=str(world.users["leader"].pk))
    post(login("office"), "people/owner/", **data)
    owner = User.objects.get(username="owner")
    assert (owner.email, owner.email_confirmed, owner.superior) == ("new@example.invalid", False, world.users["leader"])
    kinds = set(Notice.objects.filter(recipient=owner).values_list("kind", flat=True))
    assert {"address_changed", "superior_changed"} <= kinds


def test_nobody_stands_above_themselves(world: World, login: Any) -> None:
    data = person(world, username="superior", superior=str(world.users["owner"].pk))
    response = post(login("office"), "people/superior/", **data)
    assert response.status_code == 400 and response.context["form"].errors["superior"]


# Over the API ---------------------------------------------------------------------------------------------------------


def test_the_api_enters_changes_and_tells_the_history_in_codes(world: World, api: Any) -> None:
    office = api("office")
    data = {
        "code": "S-9",
        "name": "新线",
        "unit": "F1D",
        "contact": "owner",
        "owner": "owner",
        "closure_manager": "closure",
    }
    made = office.post("/api/v1/settings/sites/", data, format="json")
    assert made.status_code == 201 and made.data == data | {"name_en": "", "retired": False}
    changed = office.patch("/api/v1/settings/sites/S-9/", {"name": "新线二"}, format="json")
    assert changed.data == made.data | {"name": "新线二"}
    assert office.patch("/api/v1/settings/sites/S-9/", {"retired": True}, format="json").data["retired"] is True
    assert office.get("/api/v1/settings/sites/?q=S-9").data["count"] == 0
    assert office.get("/api/v1/settings/sites/?q=S-9&retired=1").data["results"][0]["code"] == "S-9"
    said = office.get("/api/v1/settings/sites/S-9/history/").data
    assert said[-1]["created"] and all(line["by"] == "office" for line in said)
    assert ["名称", "新线", "新线二"] in said[1]["changes"]
    for wrong in ({"unit": "nope"}, {"colour": "red"}, {"name": ""}, {"retired": "perhaps"}):
        refused = office.patch("/api/v1/settings/sites/S-9/", wrong, format="json")
        assert refused.status_code == 400 and next(iter(wrong)) in refused.data, wrong
    assert Site.objects.get(code="S-9").name == "新线二"
    assert office.get("/api/v1/settings/dragons/").status_code == 404
    assert office.get("/api/v1/settings/appointments/abc/").status_code == 404


def test_a_table_is_told_once() -> None:
    with pytest.raises(ValueError, match="customers is registered already"):
        register(TABLES["customers"])


# An empty installation ------------------------------------------------------------------------------------------------


def test_an_empty_installation_reaches_the_first_issued_finding_through_pages_alone(db: None, t0: Any) -> None:
    from tests.defaults import load_policies

    load_policies()
    admin = User.objects.create_superuser("root", password="x" * 14, name="管理员")

    def client(person: User) -> Client:
        made = Client()
        made.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return made

    def enter(table: str, **data: Any) -> None:
        response = post(client(admin), f"{table}/new/", **data)
        assert response.status_code == 302, response.context["form"].errors

    start = text(client(admin).get("/settings/"))
    assert "/settings/units/new/" in start and "/settings/people/new/" in start
    enter("units", code="G", name="集团", kind="group", time_zone="Asia/Shanghai")
    group = Unit.objects.get()
    enter("units", code="F1", name="一厂", kind="factory", parent=group.pk, time_zone="Asia/Shanghai")
    factory = Unit.objects.get(code="F1")
    for name, roles in (("mk", ["market"]), ("ld", ["leader"]), ("le", ["escort"]), ("cm", ["closure"]), ("po", [])):
        enter("people", username=name, name=f"某{name}", level="5", unit=factory.pk, language="zh-hans", roles=roles)
    people = {person.username: person for person in User.objects.all()}
    po, cm = people["po"].pk, people["cm"].pk
    enter("sites", code="L1", name="一号线", unit=factory.pk, contact=po, owner=po, closure_manager=cm)
    enter("customers", code="C1", name="第一个客户", reception="B")
    enter("kinds", code="SYS", name="体系稽核")
    enter(
        "matrix", lead_unit=factory.pk, leader_post="经理", leader=people["ld"].pk, order="1", valid_from="2026-01-01"
    )
    assert "登记需求所需的都已齐备。" in text(client(admin).get("/settings/"))
    market, leader, escort = client(people["mk"]), client(people["ld"]), client(people["le"])
    customer, kind, site = Customer.objects.get(), AuditKind.objects.get(), Site.objects.get()
    request = {
        "customer": customer.pk,
        "kind": kind.pk,
        "mode": "on_site",
        "sudden": "on",
        "planned_start": str(moment.today()),
        "planned_end": str(moment.today()),
        "sites": [site.pk],
        "auditors-TOTAL_FORMS": "0",
        "documents-TOTAL_FORMS": "0",
    }
    response = market.post("/audits/new/", request)
    assert response.status_code == 302, response.context["form"].errors
    audit = Audit.objects.get()

    def move(who: Client, name: str, **data: Any) -> None:
        done = who.post(f"{audit.get_absolute_url()}moves/{name}/", data)
        assert done.status_code == 302, (name, done.context["form"].errors)

    move(market, "appoint_leader", leader=people["ld"].pk, reason="按一览表")
    move(leader, "start_sudden", lead_escort=people["le"].pk, reason="网络尚未任命", minutes="直接开始")
    response = escort.post(
        f"/findings/new/{audit.number}/",
        {
            "site": site.pk,
            "what": "扭力点检记录缺失",
            "when": "今日",
            "where": "工位3",
            "found_by": "审核员",
            "why": "协议4.3",
            "how": "抽查",
            "how_much": "2把",
            "grade": "minor",
            "source": "on_site",
            "customer_words": "missing",
        },
    )
    assert response.status_code == 302, response.context["form"].errors
    finding = audit.findings.get()
    assert escort.post(f"{finding.get_absolute_url()}moves/issue/").status_code == 302
    finding = type(finding).objects.get()
    assert finding.state == "issued" and finding.owner == people["po"] and finding.deadlines.count() >= 3
