"""Prepared queries: the same rows as the query itself, whatever the parameters, on either database."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.models import DateField, DateTimeField

from findings.models import Finding
from lib.prepared import Among, Given, Prepared
from people.models import Deputy, User
from tests.world import World

pytestmark = pytest.mark.django_db


def test_each_run_takes_its_own_parameters_and_sees_the_rows_of_its_moment(world: World) -> None:
    first, second = User.objects.order_by("pk")[:2]
    standing_in = Prepared(
        lambda: Deputy.objects.on(Given("day", DateField())).values_list("principal_id", "starts_on")
    )
    day = date(2026, 3, 6)
    assert standing_in.rows(day=day) == []
    Deputy.objects.create(principal=first, deputy=second, starts_on=day, ends_on=day)
    assert standing_in.rows(day=day) == [(first.pk, day)]
    assert standing_in.rows(day=day + timedelta(days=1)) == []


def test_times_come_back_aware_and_compare_as_times(world: World) -> None:
    finding = world.finding("issued")
    issued = Prepared(
        lambda: Finding.objects.filter(issued_at__lte=Given("at", DateTimeField())).values_list("issued_at")
    )
    assert finding.issued_at is not None
    assert issued.rows(at=finding.issued_at) == [(finding.issued_at,)]
    assert issued.rows(at=finding.issued_at - timedelta(microseconds=1)) == []
    assert issued.rows(at=datetime(9999, 1, 1, tzinfo=UTC))[0][0].tzinfo is not None


@pytest.mark.parametrize("count", [0, 1, 3])
def test_ids_however_many(world: World, count: int) -> None:
    named = Prepared(lambda: User.objects.filter(Among("pk", "ids")).order_by("pk").values_list("pk", "username"))
    wanted = list(User.objects.order_by("pk").values_list("pk", flat=True)[:count])
    assert named.rows(ids=wanted) == list(
        User.objects.filter(pk__in=wanted).order_by("pk").values_list("pk", "username")
    )


def test_a_parameter_left_out_is_named() -> None:
    with pytest.raises(KeyError, match="ids"):
        Prepared(lambda: User.objects.filter(Among("pk", "ids")).values_list("pk")).rows()
