"""A clock on a kind of record that the engine has never heard of: a person's monthly statement, by an adapter and one kind."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from django.template import Context, Template
from django.urls import reverse

from clocks import actions, changes, kinds, subjects
from clocks.kinds import KINDS, Kind, by, on
from clocks.models import Deadline, Policy, PolicyRung, PolicyStep
from clocks.policy import next_version, problems
from clocks.subjects import SUBJECTS, Subject
from clocks.sweep import sweep
from clocks.why import why
from closure.models import LedgerEntry
from closure.work import tasks
from lib import moment
from notices.models import Notice
from people.models import User
from tests.world import World
from workflow.move import Moved

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class PersonAround(NamedTuple):
    username: str
    name: str
    mentor_id: int | None

    @property
    def number(self) -> str:
        return self.username

    @property
    def url(self) -> str:
        return "/people/me/"

    def posts(self, owes: int | None) -> subjects.Posts:
        return (("mentor", self.mentor_id),)

    def facts(self) -> dict[str, Any]:
        return {"what": self.name, "site": ""}


def around(ids: set[int]) -> dict[int, PersonAround]:
    mentor = User.objects.get(username="leader").pk
    rows = User.objects.filter(pk__in=ids).values_list("pk", "username", "name")
    return {pk: PersonAround(username, name, mentor) for pk, username, name in rows}


@pytest.fixture
def statements(world: World, t0: datetime) -> Iterator[Policy]:
    """Everyone states once a month within three days what they found; their superior hears of it when they do not."""
    subjects.register(
        Subject(
            key="person",
            label="月度声明",
            model=User,
            unit=lambda person: person.unit,
            posts={"mentor": "导师"},
            around=around,
            rows=lambda: User.objects.select_related("unit"),
            visible_to=lambda user: User.objects.filter(pk=user.pk),
            about=lambda person: f"{person.name}的声明",
            names={"person": "username"},
            url=lambda _person: "/people/me/",
        )
    )
    kinds.register(
        Kind(
            step="statement",
            label="月度声明",
            of=User,
            owed_by=lambda person, _row: person.pk,
            starts=on("month_begins"),
            answered_by=by("state"),
        )
    )
    policy = Policy.objects.create(code="STATEMENT", name="月度声明", covers="person", valid_from=t0 - DAY)
    step = PolicyStep.objects.create(policy=policy, step="statement", amount=72, unit="hours")
    PolicyRung.objects.create(
        step=step,
        position=1,
        offset_minutes=0,
        recipients=["owner", "superior", "mentor"],
        level="red",
        ledger=True,
        repeat_minutes=1440,
    )
    yield policy
    del SUBJECTS["person"], KINDS["statement"]


def move(person: User, name: str, at: datetime) -> None:
    """What a machine of the person's statements would do after its move."""
    fresh = User.objects.get(pk=person.pk)
    actions.turn(Moved(fresh, name, "", fresh, None, at, {}))


def test_it_starts_is_swept_escalates_and_is_answered(world: World, t0: datetime, statements: Policy) -> None:
    assert problems(statements) == []
    owner = world.user("owner")
    with moment.travel(t0):
        move(owner, "month_begins", t0)
    row = Deadline.objects.on(owner).get()
    assert (row.due_at, row.owes_id, row.zone) == (t0 + 72 * HOUR, owner.pk, owner.unit.time_zone or "Asia/Shanghai")
    assert sweep(now=t0 + 72 * HOUR).escalations == 1
    told = Notice.objects.filter(kind="clock").values_list("recipient__username", "facts__number", "url")
    assert set(told) == {(who, "owner", "/people/me/") for who in ("owner", "superior", "leader")}
    assert not LedgerEntry.objects.exists()  # the ledger knows findings only, whatever the rung says
    with moment.travel(t0 + 73 * HOUR):
        move(owner, "state", t0 + 73 * HOUR)
    row.refresh_from_db()
    assert row.answered_at == t0 + 73 * HOUR and row.late and row.next_alarm_at is None


def test_pages_and_api_know_it(world: World, t0: datetime, statements: Policy, login: Any, api: Any) -> None:
    owner = world.user("owner")
    with moment.travel(t0):
        move(owner, "month_begins", t0)
        assert [(task.title, task.about, task.label) for task in tasks(owner, t0)] == [
            ("owner", f"{owner.name}的声明", "月度声明")
        ]
        assert "月度声明" in login("owner").get("/").content.decode()
        assert "月度声明" in login("owner").get(reverse("clocks:policies")).content.decode()
        page = login("admin").get(reverse("clocks:policy", args=[statements.pk])).content.decode()
        assert "导师" in page
        shown = api("owner").get("/api/v1/deadlines/").json()["results"]
        assert [(one["person"], one["finding"], one["step"], one["why"]["policy"]) for one in shown] == [
            ("owner", None, "statement", "STATEMENT")
        ]
        assert api("stranger").get("/api/v1/deadlines/").json()["results"] == []
    bars = Template("{% load clocks %}{% clocks_of who as all %}{% for bar in all.now %}{{ bar.label }}{% endfor %}")
    assert bars.render(Context({"who": owner})) == "月度声明"
    assert "72" in why(Deadline.objects.explained().get()).words


def test_a_changed_policy_is_applied_to_it(world: World, t0: datetime, statements: Policy) -> None:
    owner = world.user("owner")
    with moment.travel(t0):
        move(owner, "month_begins", t0)
        draft = next_version(statements)
        draft.steps.update(amount=96)
        change = changes.by_policy(draft)
        assert [(one.clock.subject, one.due_at) for one in change] == [(owner, t0 + 96 * HOUR)]
        Policy.objects.filter(pk=draft.pk).update(valid_from=t0)
        assert changes.apply(change, cause="policy", by=world.user("admin"), reason="三天太短") == 1
    row = Deadline.objects.get()
    assert row.due_at == t0 + 96 * HOUR and row.changes.get().reason == "三天太短"


def test_no_adapter_no_clock(world: World) -> None:
    with pytest.raises(LookupError, match="Unit"):
        subjects.of(world.units["G"])
    with pytest.raises(ValueError, match="registered"):
        subjects.register(SUBJECTS["audit"])


def test_what_a_policy_covers_is_called_by_its_key_once_its_app_is_gone(db: None) -> None:
    assert subjects.label("gone") == "gone"
    assert subjects.of_type(0) is None
