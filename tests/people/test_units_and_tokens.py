"""Units, superiors, time zones and tokens: what must not stop anybody's work."""

from datetime import datetime, time
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from clocks.sweep import sweep
from lib import moment
from notices.actions import tell
from notices.delivery import deliver
from notices.models import Notice
from people import tokens
from people.models import ApiToken, Unit, User
from tests.times import DAY
from tests.world import World


def test_a_unit_below_its_own_child_is_refused_and_a_loop_ends(world: World, t0: datetime) -> None:
    factory, branch = world.units["F1"], world.units["C1"]
    branch.parent = world.units["F1D"]
    with pytest.raises(ValidationError):
        branch.full_clean()
    Unit.objects.filter(pk=branch.pk).update(parent=factory)
    Unit.objects.filter(pk=factory.pk).update(parent=branch)
    User.objects.filter(username__in=["owner", "superior"]).update(superior=None)
    with moment.travel(t0):
        finding = world.finding("issued")
    sweep(now=t0 + 30 * DAY)
    assert Notice.objects.filter(kind="clock", facts__number=finding.number).exists()


def test_people_who_report_to_each_other_in_a_loop_are_refused(world: World) -> None:
    top = world.users["top"]
    top.superior = world.users["leader"]
    with pytest.raises(ValidationError):
        top.full_clean()


@pytest.mark.parametrize("name", ["Asia/Peking", "Mars/Base", "", "localtime", "Factory"])
def test_an_unknown_zone_is_refused_at_entry(name: str, world: World) -> None:
    unit = world.units["F1"]
    unit.time_zone = name
    if name:
        with pytest.raises(ValidationError):
            unit.full_clean()


def test_a_bad_zone_in_the_database_stops_nobody_elses_mail(world: World, mailoutbox: list[Any]) -> None:
    Unit.objects.filter(code="F1D").update(time_zone="Asia/Peking")
    User.objects.filter(username="owner").update(quiet_from=time(0), quiet_to=time(23, 59))
    tell([world.users["owner"], world.users["leader"]], "finding_action", "k", facts={"number": "N", "what": "x"})
    deliver()
    assert "leader@example.invalid" in {address for one in mailoutbox for address in one.to}
    assert world.finding("issued").state == "issued"


def test_a_token_ends_with_the_password_with_its_day_and_by_hand(world: World, client: Any, login: Any) -> None:
    owner = world.user("owner")
    ask = lambda key: client.get("/api/v1/findings/", headers={"Authorization": f"Token {key}"}).status_code  # noqa: E731
    token, key = tokens.make(owner, name="x", scope=ApiToken.Scope.READ, days=1)
    assert ask(key) == 200 and key not in str(vars(token))
    finding = world.finding("issued")
    url = f"/api/v1/findings/{finding.number}/moves/submit_containment/"
    assert client.post(url, {}, headers={"Authorization": f"Token {key}"}).status_code == 403
    with moment.travel(moment.now() + 2 * DAY):
        assert ask(key) == 401
    owner.set_password("another long pass phrase")
    owner.save()
    assert ask(key) == 401
    _token, second = tokens.make(world.user("owner"), name="y", scope=ApiToken.Scope.READ, days=1)
    assert ask(second) == 200
    own = Client()
    own.force_login(world.user("owner"), backend="django.contrib.auth.backends.ModelBackend")
    own.post(reverse("people:end_token", args=[ApiToken.objects.get(name="y").pk]))
    assert ask(second) == 401
