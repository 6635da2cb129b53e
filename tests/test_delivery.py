"""Delivery: claimed, sent outside transactions, tried again, given up, sent again by hand."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.mail.backends.locmem import EmailBackend

from notices.actions import tell, void
from notices.delivery import FIRST_WAIT, GIVE_UP_AFTER, LONGEST_WAIT, deliver, wait_after
from notices.models import Delivery, Notice
from notices.tasks import deliver_due
from notices.text import lines
from tests.world import World
from workflow import moment


def owe(world: World, key: str = "k", who: str = "owner") -> None:
    tell([world.users[who]], "finding_action", key, url="/findings/N1/", facts={"number": "N1", "what": "扭力缺失"})


def test_telling_twice_tells_once(world: World) -> None:
    owe(world)
    owe(world)
    assert (Notice.objects.count(), Delivery.objects.count()) == (1, 1)


def test_a_message_carries_its_link_language_and_lasting_id(world: World, mailoutbox: list[Any]) -> None:
    world.users["owner"].language = "en"
    world.users["owner"].save()
    owe(world)
    assert deliver() == {"sent": 1, "failed": 0, "dead": 0}
    message = mailoutbox[0]
    assert message.subject == "N1: you have an action"
    assert "/findings/N1/" in message.body
    assert str(Delivery.objects.get().pk) in message.extra_headers["Message-ID"]
    assert deliver() == {"sent": 0, "failed": 0, "dead": 0}


def test_a_failure_is_kept_tried_again_and_given_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Any, messages: Any) -> int:
        raise ConnectionRefusedError("smtp is down")

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    owe(world)
    now = moment.now()
    for attempt in range(1, GIVE_UP_AFTER + 1):
        with moment.travel(now):
            counts = deliver(now=now)
        row = Delivery.objects.get()
        assert (row.attempts, "smtp is down" in row.error) == (attempt, True)
        now = row.next_try_at
        assert counts == ({"sent": 0, "failed": 0, "dead": 1} if attempt == GIVE_UP_AFTER else
                          {"sent": 0, "failed": 1, "dead": 0})
    assert row.status == Delivery.Status.DEAD
    monkeypatch.undo()
    row.status = Delivery.Status.PENDING
    row.save()
    assert deliver(now=now)["sent"] == 1


def test_the_waits_double_up_to_six_hours() -> None:
    assert [wait_after(n) for n in (1, 2, 3)] == [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT]
    assert wait_after(20) == LONGEST_WAIT


def test_a_lease_that_ran_out_is_taken_again(world: World, mailoutbox: list[Any]) -> None:
    from notices.delivery import claim

    owe(world)
    now = moment.now()
    assert len(claim(now)) == 1
    assert claim(now + timedelta(minutes=1)) == []
    assert deliver(now=now + timedelta(minutes=21))["sent"] == 1


def test_what_lost_its_reason_is_not_sent(world: World, mailoutbox: list[Any]) -> None:
    owe(world, "7:contain:1:0")
    assert void("finding_action", "7:") == 1
    assert deliver()["sent"] == 0 and mailoutbox == []


def test_someone_without_an_address_is_passed_over(world: World, mailoutbox: list[Any]) -> None:
    world.users["owner"].email = ""
    world.users["owner"].save()
    owe(world)
    deliver()
    assert Delivery.objects.get().status == Delivery.Status.VOID


def test_the_task_empties_the_queue(world: World, mailoutbox: list[Any]) -> None:
    for n in range(120):
        owe(world, f"k{n}")
    assert deliver_due()["sent"] == 120


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_kind_of_notice_has_words_in_both_languages(language: str, world: World) -> None:
    from pathlib import Path

    from django.conf import settings

    facts = {"number": "N1", "customer": "客户", "what": "x", "by": "某人", "site": "S", "start": "", "end": "", "due": "",
             "sites": [], "version": 2}
    kinds = [path.stem for path in Path(settings.BASE_DIR, "templates", "notices").glob("*.txt")]
    assert len(kinds) >= 22
    for kind in kinds:
        notice = Notice(recipient=world.users["owner"], kind=kind, key="k", facts=facts)
        subject, _body = lines(notice, language)
        assert subject and "{{" not in subject
