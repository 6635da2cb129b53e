"""Delivery: claimed, sent outside transactions, tried again, given up, sent again by hand."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.mail.backends.locmem import EmailBackend

from lib import moment
from notices.actions import Owed, tell, void, write
from notices.delivery import FIRST_WAIT, GIVE_UP_AFTER, LONGEST_WAIT, deliver, send_again, wait_after
from notices.models import Delivery, Notice
from notices.tasks import deliver_due
from notices.text import lines
from people.models import User
from tests.world import World


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
        assert counts == (
            {"sent": 0, "failed": 0, "dead": 1} if attempt == GIVE_UP_AFTER else {"sent": 0, "failed": 1, "dead": 0}
        )
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
    write([Owed(world.users[name].pk, "clock", "7:contain:0", topic="clock:7") for name in ("owner", "top")])
    assert void("clock:7", recipient_id=world.users["top"].pk) == 1
    assert void("clock:8") == 0
    assert void("clock:7") == 1
    assert deliver()["sent"] == 0 and mailoutbox == []


def test_without_an_address_it_becomes_a_dead_letter_until_the_address_is_there(
    world: World, mailoutbox: list[Any]
) -> None:
    world.users["owner"].email = ""
    world.users["owner"].save()
    owe(world)
    deliver()
    row = Delivery.objects.get()
    assert (row.status, row.error) == (Delivery.Status.DEAD, "no address")
    world.users["owner"].email = "owner@example.invalid"
    world.users["owner"].save()
    assert send_again([row.pk]) == 1
    assert deliver()["sent"] == 1


def test_who_has_left_gets_nothing(world: World, mailoutbox: list[Any]) -> None:
    owe(world)
    world.users["owner"].is_active = False
    world.users["owner"].save()
    deliver()
    assert Delivery.objects.get().status == Delivery.Status.VOID and mailoutbox == []


def test_many_notices_to_one_person_are_one_message_and_a_second_copy_has_the_same_id(
    world: World, mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        owe(world, f"k{n}")
    owe(world, "other", "top")
    now = moment.now()

    def cut_off(self: Any, messages: Any) -> int:
        raise OSError("cut off")

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", cut_off)
        assert deliver(now=now)["failed"] == 4
    ids = {row.notice.recipient.username: row.bundle for row in Delivery.objects.select_related("notice__recipient")}
    owe(world, "later")
    later = now + timedelta(minutes=5)
    assert deliver(now=later)["sent"] == 5
    told = {message.extra_headers["Message-ID"].strip("<>").split("@")[0]: message for message in mailoutbox}
    assert len(told) == 3
    assert {str(ids["owner"]), str(ids["top"])} <= set(told)
    assert len(told[str(ids["owner"])].extra_headers["X-Notices"].split(", ")) == 3
    assert told[str(ids["owner"])].subject.startswith("3条通知")


def test_reminders_wait_for_the_end_of_the_quiet_hours_and_escalations_do_not(
    world: World, mailoutbox: list[Any]
) -> None:
    owner = world.users["owner"]
    owner.quiet_from, owner.quiet_to = time(22), time(7)
    owner.save()
    night = datetime(2026, 3, 6, 15, 30, tzinfo=UTC)  # 23:30 in Shanghai
    for level in ("amber", "red"):
        write(
            [Owed(owner.pk, "clock", f"1:contain:{level}", level=level, facts={"number": "N", "step": "contain"})],
            at=night,
        )
    assert deliver(now=night)["sent"] == 1
    assert mailoutbox[0].extra_headers["X-Notices"] == str(Delivery.objects.get(notice__level="red").pk)
    waiting = Delivery.objects.get(notice__level="amber")
    assert waiting.next_try_at == datetime(2026, 3, 6, 23, 0, tzinfo=UTC)
    assert deliver(now=waiting.next_try_at)["sent"] == 1


@pytest.mark.parametrize(
    ("begins", "ends", "hour", "until"),
    [
        (time(22), time(7), 23, datetime(2026, 3, 7, 7)),
        (time(22), time(7), 6, datetime(2026, 3, 6, 7)),
        (time(22), time(7), 7, None),
        (time(12), time(14), 13, datetime(2026, 3, 6, 14)),
        (time(12), time(14), 14, None),
    ],
)
def test_when_quiet_hours_end(begins: time, ends: time, hour: int, until: datetime | None) -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    person = User(quiet_from=begins, quiet_to=ends)
    found = person.quiet_until(datetime(2026, 3, 6, hour, tzinfo=shanghai))
    assert found == (until.replace(tzinfo=shanghai) if until else None)


def test_the_task_empties_the_queue(world: World, mailoutbox: list[Any]) -> None:
    for n in range(120):
        owe(world, f"k{n}")
    assert deliver_due()["sent"] == 120
    assert len(mailoutbox) == 3  # fifty to a message


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_kind_of_notice_has_words_in_both_languages(language: str, world: World) -> None:
    from pathlib import Path

    from django.conf import settings

    facts = {
        "number": "N1",
        "customer": "客户",
        "what": "x",
        "by": "某人",
        "site": "S",
        "start": "",
        "end": "",
        "due": "",
        "sites": [],
        "version": 2,
    }
    kinds = [path.stem for path in Path(settings.BASE_DIR, "templates", "notices").glob("*.txt")]
    assert len(kinds) >= 22
    for kind in kinds:
        notice = Notice(recipient=world.users["owner"], kind=kind, key="k", facts=facts)
        subject, _body = lines(notice, language)
        assert subject and "{{" not in subject
