"""Every address × every role against a table of expected answers, and filters against predicates."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import rules
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from audits.models import Audit, MatrixRow
from calendars.models import WorkCalendar
from clocks.policy import Policy, next_version
from clocks.sweep import sweep
from closure.models import LedgerEntry
from findings.models import Finding
from findings.read_across import ReadAcross
from lib import moment
from lists.models import SavedView
from notices.models import Notice
from people.models import User
from reports.actions import publish
from reports.models import Publication
from reports.periods import Period
from tests.world import ROLES, World, photo

ALL = set(ROLES)
GROUP = {"top", "process_owner", "market", "leader", "leader2", "closure", "office"}
TEAM = {"escort", "teamer", "site_contact"}
#: Whoever works at or above the place sees what happens there.
PLANT = {"superior", "owner", "operator", "site_contact"}
ADMIN = {"admin"}
KEEPERS = {"admin", "process_owner"}
HEAD = {"top", "process_owner"}
SEE_AUDIT = GROUP | TEAM | PLANT
SEE_FINDING = SEE_AUDIT | {"actor"}
MASTER = {"office", "admin", "top", "process_owner"}
ACCOUNTS = {"office", "admin"}
OVER_LEAVERS = {"office", "top", "process_owner"}
CONFIRMERS = {"office", "process_owner", "superior"}
ATTACH_AUDIT = {"market", "leader", "escort", "teamer", "site_contact"}
DESK = {"closure", "leader", "leader2", "top", "process_owner"}
MONTH = "2026-03"

# address name: (arguments, who gets 200, who gets 403; everybody else gets 404)
PAGES: dict[str, tuple[list[str], set[str], set[str]]] = {
    "work": ([], ALL, set()),
    "counts": ([], ALL, set()),
    "search:index": ([], ALL, set()),
    "procedure:index": ([], ALL, set()),
    "api-procedure": ([], ALL, set()),
    "api-search": ([], ALL, set()),
    "findings:record": ([], ALL, set()),
    "findings:glance": (["finding"], SEE_FINDING, set()),
    "view-list": ([], ALL, set()),
    "master-list": (["units"], MASTER, ALL - MASTER),
    "master-detail": (["people", "operator_name"], ACCOUNTS, ALL - ACCOUNTS),
    "master-history": (["customers", "CU"], MASTER, ALL - MASTER),
    "audits:list": ([], ALL, set()),
    "audits:plan": ([], ALL, set()),
    "audits:export_plan": ([], ALL, set()),
    "audits:export": ([], ALL, set()),
    "findings:export": ([], ALL, set()),
    "closure:export_ledger": ([], ALL, set()),
    "audits:new": ([], {"market"}, ALL - {"market"}),
    "audits:lead": ([], {"market", "contact"}, ALL - {"market", "contact"}),
    "audits:page": (["audit"], SEE_AUDIT, set()),
    "attachments:file": (["token"], SEE_FINDING, set()),
    "settings:index": ([], MASTER, ALL - MASTER),
    "settings:table": (["customers"], MASTER, ALL - MASTER),
    "settings:new": (["sites"], MASTER, ALL - MASTER),
    "settings:row": (["matrix", "row"], MASTER, ALL - MASTER),
    "settings:export": (["people"], ACCOUNTS, ALL - ACCOUNTS),
    "findings:list": ([], ALL, set()),
    "findings:page": (["finding"], SEE_FINDING, set()),
    "findings:new": (
        ["audit"],
        {"leader", "escort", "teamer", "site_contact"},
        SEE_AUDIT - {"leader", "escort", "teamer", "site_contact"},
    ),
    "findings:revision": (["finding", "revision"], SEE_FINDING, set()),
    "closure:desk": ([], DESK, ALL - DESK),
    "closure:export_desk": (["late"], DESK, ALL - DESK),
    "closure:ledger": ([], ALL, set()),
    "reports:index": ([], GROUP, ALL - GROUP),
    "reports:period": ([MONTH], GROUP, ALL - GROUP),
    "reports:pdf": ([MONTH], GROUP, ALL - GROUP),
    "reports:export": (["2026-Q1"], GROUP, ALL - GROUP),
    "reports:rows": ([MONTH, "grade", "minor"], GROUP, ALL - GROUP),
    "reports:download": (["published"], GROUP, ALL - GROUP),
    "notices:inbox": ([], ALL, set()),
    "calendars:index": ([], ALL, set()),
    "calendars:year": (["CAL"], ALL, set()),
    "clocks:overview": ([], ADMIN, ALL - ADMIN),
    "clocks:undelivered": ([], ADMIN, ALL - ADMIN),
    "metrics": ([], ADMIN, ALL - ADMIN),
    "clocks:policies": ([], ALL, set()),
    "clocks:policy": (["policy"], ALL, set()),
    "clocks:edit_policy": (["draft"], KEEPERS, ALL - KEEPERS),
    "clocks:edit_ladder": (["ladder"], KEEPERS, ALL - KEEPERS),
    "clocks:changes": (["policy"], KEEPERS, ALL - KEEPERS),
    "clocks:special_day": (["CAL"], ADMIN, ALL - ADMIN),
    "clocks:calendar_changes": (["CAL"], KEEPERS, ALL - KEEPERS),
    "people:profile": ([], ALL, set()),
    "people:index": ([], OVER_LEAVERS, ALL - OVER_LEAVERS),
    "people:handover": (["operator_name"], OVER_LEAVERS | {"superior"}, ALL - OVER_LEAVERS - {"superior"}),
    "people:session": ([], ALL, set()),
    "api-root": ([], ALL, set()),
    "audit-list": ([], ALL, set()),
    "audit-detail": (["audit"], SEE_AUDIT, set()),
    "audit-moves": (["audit"], SEE_AUDIT, set()),
    "audit-versions": (["audit"], SEE_AUDIT, set()),
    "audit-meetings": (["audit"], SEE_AUDIT, set()),
    "audit-receipts": (["audit"], SEE_AUDIT, set()),
    "audit-trail": (["audit"], SEE_AUDIT, set()),
    "audit-files": (["audit"], SEE_AUDIT, set()),
    "audit-questions": (["audit"], SEE_AUDIT, set()),
    "finding-questions": (["finding"], SEE_FINDING, set()),
    "audit-file": (["audit", "file"], SEE_AUDIT, set()),
    "lead-list": ([], {"market", "contact"}, ALL - {"market", "contact"}),
    "api-plan": ([], ALL, set()),
    "customer-list": ([], ALL, set()),
    "kind-list": ([], ALL, set()),
    "person-list": ([], ALL, set()),
    "site-list": ([], ALL, set()),
    "unit-list": ([], ALL, set()),
    "notice-list": ([], ALL, set()),
    "finding-submissions": (["finding"], SEE_FINDING, set()),
    "finding-evidence": (["finding"], SEE_FINDING, set()),
    "finding-evidence-file": (["finding", "token"], SEE_FINDING, set()),
    "finding-trail": (["finding"], SEE_FINDING, set()),
    "dispute-list": (["finding"], SEE_FINDING, set()),
    "dispute-detail": (["finding", "dispute"], SEE_FINDING, set()),
    "dispute-moves": (["finding", "dispute"], SEE_FINDING, set()),
    "read-across-list": (["finding"], SEE_FINDING, set()),
    "read-across-detail": (["finding", "read_across"], SEE_FINDING, set()),
    "read-across-moves": (["finding", "read_across"], SEE_FINDING, set()),
    "exemption-list": (["finding"], SEE_FINDING, set()),
    "exemption-detail": (["finding", "exemption"], SEE_FINDING, set()),
    "exemption-moves": (["finding", "exemption"], SEE_FINDING, set()),
    "finding-list": ([], ALL, set()),
    "finding-detail": (["finding"], SEE_FINDING, set()),
    "finding-moves": (["finding"], SEE_FINDING, set()),
    "deadline-list": ([], ALL, set()),
    "ledger-list": ([], ALL, set()),
    "api-report": ([MONTH], GROUP, ALL - GROUP),
    "schema": ([], ALL, set()),
    "api-docs": ([], ALL, set()),
    "healthz": ([], ALL, set()),
}
#: Addresses that only take a POST, with who may; the others get 403 or 404. Tried with an empty body or a stale one.
POSTS: dict[str, tuple[list[str], set[str], set[str]]] = {
    "findings:attach": (
        ["finding"],
        {"owner", "actor", "escort", "teamer", "site_contact", "closure", "leader"},
        SEE_FINDING - {"owner", "actor", "escort", "teamer", "site_contact", "closure", "leader"},
    ),
    "audits:attach": (["audit"], ATTACH_AUDIT, SEE_AUDIT - ATTACH_AUDIT),
    "audits:ask": (["audit"], SEE_AUDIT, set()),
    "findings:ask": (["finding"], SEE_FINDING, set()),
    "settings:delete": (["matrix", "row"], MASTER, ALL - MASTER),
    "settings:retire": (["kinds", "QSA"], MASTER, ALL - MASTER),
    "settings:merge": (["customers", "CU"], MASTER, ALL - MASTER),
    "people:invite": (["operator_name"], ACCOUNTS, ALL - ACCOUNTS),
    "people:reopen": (["closed"], ACCOUNTS, ALL - ACCOUNTS),
    "people:confirm_own_address": ([], ALL, set()),
    "people:confirm_address": (["operator_name"], CONFIRMERS, ALL - CONFIRMERS),
    "people:end_token": (["1"], set(), set()),
    "reports:publish": ([MONTH], {"leader", "leader2"}, ALL - {"leader", "leader2"}),
    "notices:read_all": ([], ALL, set()),
    "people:language": ([], ALL, set()),
    "people:theme": ([], ALL, set()),
    "lists:save": ([], ALL, set()),
    "lists:drop": (["view"], {"leader"}, set()),
    "people:new_token": ([], ALL, set()),
    "people:demo_login": ([], set(), set()),
    "clocks:resend": ([], ADMIN, ALL - ADMIN),
    "clocks:mend_address": (["person"], set(), ALL - ADMIN),
    "clocks:new_version": (["policy"], KEEPERS, ALL - KEEPERS),
    "clocks:put_in_force": (["policy"], set(), ALL - KEEPERS),
    "clocks:take_back": (["policy"], KEEPERS, ALL - KEEPERS),
    "clocks:add_clock": (["draft"], KEEPERS, ALL - KEEPERS),
    "people:end_deputy": (["1"], set(), set()),
    "notices:follow": (["notice"], {"owner"}, set()),
    "notices:answer": (["notice"], set(), set()),
}
#: Moves have their own table below; readiness and the icon are the same for everyone; forms of bulk issue are tried there.
ELSEWHERE = {
    "audits:move",
    "findings:move",
    "audit-move",
    "finding-move",
    "findings:child_move",
    "dispute-move",
    "exemption-move",
    "read-across-move",
    "readyz",
    "favicon",
    "findings:issue_many",
    "findings:bulk",
    "view-detail",
    "notice-read",
    "notice-answer",
}
#: The library's own addresses: log-in for strangers, the rest for the person themselves; the administration for staff.
LIBRARY = ("account_", "mfa_", "socialaccount_", "admin:", "usersessions_")


@pytest.fixture
def scene(world: World, t0: Any) -> dict[str, Any]:
    with moment.travel(t0):
        finding = world.finding("analysed")
        audit = finding.audit
        facts = {"ground": "facts", "statement": "现场并无", "proposed_owner": None, "duplicate_of": None}
        world.do(finding, "dispute", "owner", **facts)
        asked = {"reason": "building", "explanation": "x", "interim_control": "x", "milestones": "x"}
        world.do(finding, "apply_exemption", "owner", new_date=moment.today() + timedelta(days=30), **asked)
        from audits.actions import attach as attach_to_audit
        from findings.actions import attach
        from lib.storage import store

        [kept] = attach_to_audit(audit, [store(photo(), folder="audits")], by=world.user("market"))
        attach(finding, [store(photo())], by=world.user("owner"), purpose="contain")
    notice = Notice.objects.filter(recipient=world.users["owner"], needs_answer=False).first()
    assert notice is not None
    WorkCalendar.objects.create(code="CAL", name="日历", country="CN")
    policy = Policy.objects.get(code="2485")
    draft = next_version(Policy.objects.get(code="2485-OBS"))
    return {
        "policy": policy.pk,
        "draft": draft.pk,
        "ladder": draft.steps.first().pk,
        "person": world.users["owner"].pk,
        "audit": audit.number,
        "finding": finding.number,
        "token": finding.evidence.get(kind="contain").token,
        "dispute": finding.disputes.get().pk,
        "exemption": finding.exemptions.get().pk,
        "read_across": ReadAcross.objects.create(
            number="R1",
            finding=finding,
            cycle=1,
            site=world.sites["B"],
            note="同样排查",
            owner=world.users["owner"],
            opened_at=t0,
        ).pk,
        "file": kept.pk,
        "view": lambda: (
            SavedView.objects.get_or_create(register="findings", name="v", owner=world.users["leader"])[0].pk
        ),
        "notice": notice.pk,
        "row": lambda: row_of(world).pk,
        "published": lambda: published(world),
        "operator_name": "operator",
        "closed": lambda: closed_account(),
        "revision": finding.submissions.order_by("pk")[0].pk,
    }


def row_of(world: World) -> MatrixRow:
    """A row that nobody else takes out."""
    return MatrixRow.objects.create(
        kind=world.kind,
        lead_unit=world.units["SYS"],
        leader=world.users["leader"],
        leader_post="经理",
        valid_from=moment.today(),
        order=50,
    )


def published(world: World) -> str:
    month = Period.current().previous
    if not Publication.objects.filter(period=str(month)).exists():
        publish(month, by=world.user("leader"), words="")
    return str(month)


def url_names() -> Iterator[str]:
    def walk(patterns: Any, prefix: str = "") -> Iterator[str]:
        for one in patterns:
            if isinstance(one, URLResolver):
                space = f"{one.namespace}:" if one.namespace else ""
                yield from walk(one.url_patterns, prefix + space)
            elif isinstance(one, URLPattern) and one.name:
                yield prefix + one.name

    return walk(get_resolver().url_patterns)


#: What an address asks for besides itself.
QUERIES = {"api-search": "?q=x", "findings:record": "?all=1"}


def address(name: str, arguments: list[str], scene: dict[str, Any]) -> str:
    found = [scene.get(one, one) for one in arguments]
    return reverse(name, args=[one() if callable(one) else one for one in found]) + QUERIES.get(name, "")


def expected(who: str, yes: set[str], no: set[str]) -> int:
    return 200 if who in yes else 403 if who in no else 404


def test_every_address_has_a_row() -> None:
    known = set(PAGES) | set(POSTS) | ELSEWHERE
    assert {name for name in url_names() if not name.startswith(LIBRARY)} - known == set()


@pytest.mark.parametrize("name", PAGES)
def test_every_page_for_every_role(name: str, world: World, login: Any, scene: dict[str, Any]) -> None:
    arguments, yes, no = PAGES[name]
    found = {who: login(who).get(address(name, arguments, scene)).status_code for who in ROLES}
    assert found == {who: expected(who, yes, no) for who in ROLES}


@pytest.mark.parametrize("name", POSTS)
def test_every_post_for_every_role(name: str, world: World, login: Any, scene: dict[str, Any]) -> None:
    arguments, yes, no = POSTS[name]
    url = address(name, arguments, scene)
    for who in ROLES:
        client = login(who)
        assert client.get(url).status_code == 405, who
        status = client.post(address(name, arguments, scene)).status_code
        if who in yes:
            assert status in {200, 302, 400, 409}, (who, status)
        else:
            assert status == (403 if who in no else 404), (who, status)


@pytest.mark.parametrize("name", sorted(set(PAGES) - {"healthz", "metrics", "people:session"}))
def test_a_stranger_is_sent_to_the_log_in(name: str, client: Any, scene: dict[str, Any]) -> None:
    response = client.get(address(name, PAGES[name][0], scene))
    if "api" in response.request["PATH_INFO"]:
        assert response.status_code in {401, 403}
    else:
        assert response.status_code == 302 and "/accounts/login/" in response.url


def test_superuser_opens_nothing_that_the_rules_keep_shut(world: World, login: Any, scene: dict[str, Any]) -> None:
    admin = world.users["admin"]
    admin.is_superuser = admin.is_staff = True
    admin.save()
    client = login("admin")
    assert client.get(reverse("findings:page", args=[scene["finding"]])).status_code == 404
    assert client.get(reverse("closure:desk")).status_code == 403
    assert not LedgerEntry.objects.visible_to(world.user("admin")).exists()
    assert client.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize("prefix", ["admin:index", "admin:people_user_changelist"])
def test_the_administration_is_for_staff(prefix: str, world: World, login: Any) -> None:
    assert {login(who).get(reverse(prefix)).status_code for who in ROLES} == {302}


def rows_and_filter_agree(model: Any, permission: str, world: World) -> None:
    for who in ROLES:
        user = world.user(who)
        by_rule = {row.pk for row in model.objects.all() if rules.has_perm(permission, user, row)}
        assert set(model.objects.visible_to(user).values_list("pk", flat=True)) == by_rule, who


def test_the_filters_agree_with_the_predicates_for_every_role_and_row(world: World, t0: Any) -> None:
    from tests.world import deputise

    with moment.travel(t0):
        audit = world.audit("on_site")
        world.audit("lead")
        world.audit("drafted")
        for site in ("A", "X"):
            world.finding("analysed", audit, site=world.sites[site])
        other = world.finding("issued", audit, site=world.sites["X"])
        Finding.objects.filter(pk=other.pk).update(owner=world.users["stranger"], closure_manager=world.users["office"])
        world.finding("draft", audit)
    sweep(now=t0.replace(month=4))
    assert LedgerEntry.objects.count() >= 3
    for _round in range(2):
        rows_and_filter_agree(Audit, "audits.view", world)
        rows_and_filter_agree(Finding, "findings.view", world)
        rows_and_filter_agree(LedgerEntry, "closure.view_entry", world)
        deputise(world, "owner", "stranger")
        deputise(world, "escort", "buyer" if "buyer" in world.users else "actor")


def test_the_ledger_shows_each_person_only_their_own(world: World, t0: Any, login: Any) -> None:
    with moment.travel(t0):
        audit = world.audit("on_site")
        mine, other = world.finding("issued", audit), world.finding("issued", audit)
        world.do(other, "reassign", "leader", owner=world.users["stranger"], reason="换人")
    sweep(now=t0.replace(month=4))
    page = login("owner").get(reverse("closure:ledger")).content.decode()
    assert mine.number in page and other.number not in page
    assert login("operator").get("/api/v1/ledger/").json()["results"] == []


def closed_account() -> str:
    """An account of somebody who left, closed again for whoever asks next."""
    person, _made = User.objects.get_or_create(username="left", defaults={"name": "走了"})
    User.objects.filter(pk=person.pk).update(is_active=False)
    return str(person.username)
