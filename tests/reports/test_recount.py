"""Two independent countings agree: over the demo's months, and over random histories."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st

from clocks.sweep import sweep
from closure.ledger import record_returns
from demo.play import Play
from findings.models import Finding
from lib import moment
from lib.storage import store
from people.models import Unit, User
from reports.figures import figures, nearest_rank
from reports.periods import Period
from tests.defaults import load_policies
from tests.demo.test_demo import END
from tests.recount import differences
from tests.times import HOUR
from tests.undo import Undo
from tests.world import World, photo
from workflow.errors import GateClosed, StaleState

#: What happens to a finding, in any order; what does not fit is refused by the door and passed over.
ACTS = (
    "contain",
    "analyse",
    "implement",
    "return",
    "accept",
    "close",
    "reopen",
    "withdraw",
    "apply",
    "decide",
    "reassign",
    "regrade",
    "wait",
)


@pytest.fixture
def played(db: None) -> None:
    load_policies()
    Play(7, end=END, audits=14, findings=60).run()


@pytest.mark.proof
@pytest.mark.usefixtures("played")
def test_every_period_of_a_played_year_counted_again(client: Any) -> None:
    client.force_login(User.objects.get(username="leader1"), backend="django.contrib.auth.backends.ModelBackend")
    found, seen = [], 0
    with moment.travel(END):
        for period in Period.current().back(14):
            shown = client.get(f"/reports/{period}/").context["f"]
            seen += shown["total"]
            found += differences(shown, END)
        days = Period.parse(f"{END.date() - timedelta(days=100)}..{END.date() - timedelta(days=9)}")
        longer = [Period.current(kind) for kind in ("month", "quarter", "half", "year")]
        for period in (*longer, longer[1].previous, longer[2].previous, longer[3].previous, days, days.previous):
            found += differences(client.get(f"/reports/{period}/").context["f"], END)
            found += differences(client.get(f"/api/v1/reports/{period}/").json(), END)
    assert found == []
    assert seen > 30


def _try(world: World, pk: int, act: str) -> None:
    finding = Finding.objects.get(pk=pk)
    steps = {"issued": "contain", "contained": "contain", "analysed": "analyse", "implemented": "close"}
    step = steps.get(finding.state, "close")
    {
        "contain": lambda: world.contain(finding),
        "analyse": lambda: world.analyse(finding),
        "implement": lambda: world.implement(finding),
        "return": lambda: world.do(finding, "send_back", "closure", step=step, reason="不够"),
        "accept": lambda: world.do(finding, "accept_step", "closure", step=step),
        "close": lambda: world.do(finding, "close", "closure", verified_how="on_site", conclusion="看到了"),
        "reopen": lambda: world.do(finding, "reopen", "escort", cause="customer", back_to="analysed", reason="拒绝"),
        "withdraw": lambda: world.do(finding, "withdraw", "escort", reason="撤销", files=[store(photo())]),
        "apply": lambda: world.do(
            finding,
            "apply_exemption",
            "owner",
            reason="building",
            explanation="x",
            interim_control="x",
            milestones="x",
            new_date=moment.today() + timedelta(days=20),
        ),
        "decide": lambda: world.do(finding, "decide_exemption", "leader", approve=True, reason="同意"),
        "reassign": lambda: world.do(finding, "reassign", "leader", owner=world.users["owner"], reason="换人"),
        "regrade": lambda: world.do(finding, "regrade", "leader", grade="critical", reason="影响安全"),
        "wait": lambda: None,
    }[act]()


@pytest.mark.proof
@given(
    history=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(1, 90), st.integers(0, 2)), min_size=6, max_size=28)
)
@hypothesis_settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_history_is_counted_the_same_twice(world: World, history: list[tuple[str, int, int]]) -> None:
    at = datetime(2026, 3, 20, 4, 0, tzinfo=UTC)
    with suppress(Undo), transaction.atomic():
        with moment.travel(at):
            audit = world.audit("on_site")
            # A plant on the other side of the world: its days end half a day later.
            Unit.objects.filter(code="F2").update(time_zone="America/Mexico_City")
            pks = [world.finding("issued", audit).pk]
            pks.append(world.finding("issued", audit, site=world.sites["X"], owner=world.users["owner"]).pk)
            pks.append(world.finding("issued", audit, source="self").pk)
        for act, hours, which in history:
            at += hours * HOUR
            with moment.travel(at), suppress(GateClosed, StaleState, PermissionDenied), transaction.atomic():
                _try(world, pks[which], act)
            if hours > 60:
                sweep(now=at)
        sweep(now=at)
        record_returns(now=at)
        first = Period.month(2026, 3)
        days = Period.parse("2026-03-10..2026-04-07")
        wanted = [first, first.next, first.next.next, Period.parse("2026-Q1"), Period.parse("2026"), days]
        found = [one for period in wanted for one in differences(figures(period, now=at), at)]
        assert found == [], history
        raise Undo
    assert connection.in_atomic_block


@pytest.mark.parametrize(
    ("values", "share", "rank"),
    [
        ([1, 2], 0.9, 2),
        ([5], 0.9, 5),
        (list(range(1, 11)), 0.9, 9),
        (list(range(1, 12)), 0.9, 10),
        ([3, 1, 2], 0.5, 2),
    ],
)
def test_p90_is_the_nearest_rank(values: list[float], share: float, rank: float) -> None:
    assert nearest_rank(values, share) == rank
