"""Who should lead: the customer's own row before the kind's, the kind's before the fallback; absence, leaving, declining (A14)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import translation

from audits.matrix import proposals, proposals_for
from audits.models import Audit, MatrixRow
from customers.models import AuditKind, Customer
from lib import moment
from people.models import Deputy
from tests.world import World


def row(world: World, leader: str, **fields: Any) -> MatrixRow:
    given = {
        "kind": world.kind,
        "lead_unit": world.units["SYS"],
        "leader": world.users[leader],
        "leader_post": "经理",
        "valid_from": date(2020, 1, 1),
        "order": 1,
    }
    return MatrixRow.objects.create(**given | fields)


def names(world: World, kind: Any = None, customer: Any = None, **more: Any) -> list[str]:
    return [one.leader.username for one in proposals(kind or world.kind, customer, **more)]


def away(world: World, who: str, deputy: str) -> None:
    today = moment.today()
    Deputy.objects.create(
        principal=world.users[who],
        deputy=world.users[deputy],
        starts_on=today - timedelta(days=1),
        ends_on=today + timedelta(days=1),
    )


def test_the_row_of_the_customer_comes_before_that_of_everybody(world: World) -> None:
    row(world, "leader2", customer=world.customer, order=5)
    assert names(world, customer=world.customer) == ["leader2", "leader"]
    assert names(world) == ["leader"]
    assert names(world, customer=Customer.objects.create(code="X", name="客户乙")) == ["leader"]


def test_rows_of_a_kind_come_in_their_order_and_the_fallback_only_without_them(world: World) -> None:
    row(world, "leader2", order=0)
    assert names(world) == ["leader2", "leader"]
    other = AuditKind.objects.create(code="PRC", name="过程审核")
    [fallback] = proposals(other, None)
    assert fallback.why == "fallback" and fallback.leader.username == "leader"


def test_a_row_counts_from_its_day_on(world: World) -> None:
    row(world, "leader2", order=0, valid_from=moment.today() + timedelta(days=3))
    assert names(world) == ["leader"]
    assert names(world, on=moment.today() + timedelta(days=3)) == ["leader2", "leader"]


def test_whoever_is_away_is_stood_in_for_by_the_rows_deputy(world: World) -> None:
    away(world, "leader", "office")
    [one] = proposals(world.kind, None)
    assert (one.leader.username, one.why) == ("leader2", "away")
    MatrixRow.objects.update(deputy=None)
    assert names(world) == ["office"]


@pytest.mark.parametrize("deputy", [True, False])
def test_whoever_left_is_not_proposed(deputy: bool, world: World) -> None:
    world.users["leader"].is_active = False
    world.users["leader"].save()
    if not deputy:
        MatrixRow.objects.update(deputy=None)
    assert names(world) == (["leader2"] if deputy else [])


def test_nobody_is_asked_twice(world: World) -> None:
    from audits import actions

    audit = world.audit("leader_appointed")
    actions.perform(audit.pk, "decline", by=world.user("leader"), reason="同期有其他稽核")
    audit = Audit.objects.get(pk=audit.pk)
    # The only row of the kind has declined; so has the fallback, which names the same Leader.
    assert proposals_for(audit) == []
    row(world, "leader2", kind=None, order=7)
    assert [one.leader.username for one in proposals_for(audit)] == ["leader2"]


def test_why_is_said_in_both_languages(world: World) -> None:
    away(world, "leader", "office")
    [one] = proposals(world.kind, None)
    with translation.override("en"):
        assert "who is away" in one.reason and "某leader2" in one.reason
    with translation.override("zh-hans"):
        assert "某leader2" in one.reason and "who" not in one.reason


def test_any_number_of_rows_costs_the_same(world: World, django_assert_num_queries: Any) -> None:
    for more in (0, 3):
        for n in range(more):
            row(world, "leader2", order=20 + n)
        with django_assert_num_queries(2):
            proposals(world.kind, world.customer)
