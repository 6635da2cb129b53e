"""Whoever leaves, in every state of everything: nobody's duty is ever without somebody who may act (domain §5.3, 8)."""

from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from audits.actions import MACHINE as AUDITS, perform as move_audit
from audits.models import Audit
from audits.states import AuditState
from clocks.deadlines import Deadline
from clocks.sweep import sweep
from findings.actions import MACHINE as FINDINGS, perform as move_finding
from findings.models import Finding
from findings.states import FindingState
from lib import moment
from notices.models import Notice
from people import leaving
from people.models import Site, StandingRole, User
from tests.times import HOUR
from tests.world import World, deputise
from workflow import door

#: Whose going is tried: post, and the move by which somebody else gets it (audit or finding).
AUDIT_POSTS = {"leader": ("replace_leader", "leader"), "escort": ("replace_lead_escort", "lead_escort")}
FINDING_POSTS = {"owner": ("reassign", "owner"), "closure": ("change_manager", "closure_manager")}
WAITS_FOR_NOBODY = {"archived", "cancelled", "lead", "effective", "withdrawn"}


def gone(world: World, *names: str) -> None:
    User.objects.filter(username__in=names).update(is_active=False)


def _can_act(machine: Any, subject: Any) -> set[str]:
    """The people who are here and may make a move that fits."""
    return {user.username for user in User.objects.filter(is_active=True) if door.available(machine, subject, user)}


@pytest.mark.parametrize("state", [state.value for state in AuditState if state.value not in WAITS_FOR_NOBODY])
@pytest.mark.parametrize("post", AUDIT_POSTS)
def test_an_audit_goes_on_when_its_leader_or_lead_escort_leaves(state: str, post: str, world: World) -> None:
    audit = world.audit(state)
    column = AUDIT_POSTS[post][1]
    if getattr(audit, f"{column}_id") is None:
        # Nobody holds the post yet: there is nothing to hand over.
        return
    gone(world, post)
    audit = Audit.objects.get(pk=audit.pk)
    assert _can_act(AUDITS, audit), (state, post)
    move, column = AUDIT_POSTS[post]
    if (state, post) == ("reviewed", "escort"):
        # Only the Leader's archiving is left.
        return
    assert door.fits(audit, move), (state, move)
    successor = world.users["leader2" if post == "leader" else "teamer"]
    for who in ("office", "process_owner", "top"):
        assert door.allowed(audit, move, world.user(who)), (state, post, who)
    assert not door.allowed(audit, move, world.user("stranger"))
    assert not door.allowed(audit, move, world.user("admin"))
    moved = move_audit(audit.pk, move, by=world.user("office"), **{column: successor}, reason="离职移交")
    assert getattr(moved, column) == successor
    event = moved.events.order_by("-position")[0]
    assert event.facts["reason"] == "离职移交" and event.by == world.users["office"]
    assert event.facts["changed"][column] == [post, successor.username]


@pytest.mark.parametrize("state", [state.value for state in FindingState if state.value not in WAITS_FOR_NOBODY])
@pytest.mark.parametrize("post", FINDING_POSTS)
def test_a_finding_goes_on_when_its_owner_or_closure_manager_leaves(
    state: str, post: str, world: World, t0: datetime
) -> None:
    with moment.travel(t0):
        finding = world.finding(state)
        before = dict(Deadline.objects.filter(finding=finding).values_list("pk", "due_at"))
        gone(world, post)
        move, column = FINDING_POSTS[post]
        finding = Finding.objects.for_page().get(pk=finding.pk)
        assert _can_act(FINDINGS, finding), (state, post)
        if not door.fits(finding, move):
            # Whoever owned what is closed owes nothing for it any more.
            assert post == "owner" and state in {"draft", "closed", "customer_closed"}
            return
        successor = world.users["actor" if post == "owner" else "office"]
        moved = move_finding(finding.pk, move, by=world.user("office"), **{column: successor}, reason="离职移交")
    assert getattr(moved, column) == successor
    running = Deadline.objects.filter(finding=finding, answered_at=None, stopped_at=None)
    assert not running.filter(owes__username=post).exists()
    assert {pk: due for pk, due in before.items() if pk in dict(running.values_list("pk", "due_at"))} == dict(
        running.values_list("pk", "due_at")
    )


def test_an_action_goes_on_when_its_owner_leaves(world: World) -> None:
    finding = world.finding("analysed")
    gone(world, "actor")
    action = finding.current("analyse").actions.order_by("position")[0]
    moved = move_finding(
        finding.pk,
        "replace_action_owner",
        by=world.user("office"),
        action=action,
        owner=world.users["owner"],
        reason="离职",
    )
    action.refresh_from_db()
    assert action.owner == world.users["owner"]
    clock = moved.deadlines.get(step="action", part=str(action.pk))
    assert clock.owes == world.users["owner"]


def test_whoever_is_told_of_the_vacant_post_may_act(world: World, t0: datetime) -> None:
    """The ladder tells the superior of an owner who left; the superior may give the finding to somebody else."""
    with moment.travel(t0):
        finding = world.finding("issued")
    gone(world, "owner")
    sweep(now=t0 + 25 * HOUR)
    told = Notice.objects.filter(kind="clock", key__contains=":contain:").values_list("recipient__username", flat=True)
    assert "superior" in set(told)
    with moment.travel(t0 + 26 * HOUR):
        moved = world.do(finding, "reassign", "superior", owner=world.users["actor"], reason="离职")
    assert moved.owner == world.users["actor"]


def test_the_deputy_of_somebody_who_left_is_told(world: World, t0: datetime) -> None:
    with moment.travel(t0 + 20 * HOUR):
        deputise(world, "owner", "actor")
    with moment.travel(t0):
        world.finding("issued")
    gone(world, "owner")
    sweep(now=t0 + 20 * HOUR)
    told = set(Notice.objects.filter(kind="clock").values_list("recipient__username", flat=True))
    assert "actor" in told


def test_deactivating_shows_what_hangs_on_the_person_and_hands_it_over(world: World, login: Any) -> None:
    audit = world.audit("on_site")
    finding = world.finding("analysed", audit)
    StandingRole.objects.create(user=world.users["teamer"], role=StandingRole.Role.CLOSURE)
    client = login("office")
    url = reverse("people:handover", args=["closure"])
    page = client.get(url)
    posts = {one.post.key for one in page.context["held"]}
    assert finding.number in page.content.decode()
    data = {f"to_{key}": world.users["teamer"].pk for key in posts} | {"reason": "调任移交", "deactivate": "on"}
    answer = client.post(url, data)
    assert answer.status_code == 302, answer.context and answer.context["form"].errors
    assert not world.user("closure").is_active
    assert Finding.objects.get(pk=finding.pk).closure_manager == world.users["teamer"]
    assert {site.closure_manager for site in Site.objects.all()} == {world.users["teamer"]}
    assert leaving.hangs_on(world.user("closure")) == []


def test_all_is_handed_over_or_nothing(world: World, login: Any) -> None:
    finding = world.finding("analysed")
    data = {"to_manager": "", "reason": "x"}
    assert login("office").post(reverse("people:handover", args=["closure"]), data).status_code in {302, 400}
    # A successor who runs the system may take over nothing, and nothing else moves with it.
    held = leaving.hangs_on(world.user("closure"))
    data = {f"to_{one.post.key}": world.users["admin"].pk for one in held} | {"reason": "移交"}
    assert login("office").post(reverse("people:handover", args=["closure"]), data).status_code == 400
    assert Finding.objects.get(pk=finding.pk).closure_manager == world.users["closure"]


@pytest.mark.parametrize("who", ["market", "leader2", "stranger", "admin", "operator"])
def test_others_hand_nothing_over(who: str, world: World, login: Any) -> None:
    world.finding("analysed")
    assert login(who).get(reverse("people:handover", args=["closure"])).status_code == 403
    with pytest.raises(PermissionDenied):
        finding = Finding.objects.get()
        world.do(finding, "change_manager", who, closure_manager=world.users["office"], reason="x")
