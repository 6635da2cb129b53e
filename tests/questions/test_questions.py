"""Questions and answers beside a record: who is told, who sees it, what it leaves alone."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from clocks.models import Deadline
from findings.models import Finding
from lib import moment
from notices.models import Notice
from people.models import User
from questions.mentions import mentioned
from questions.models import Message, of
from questions.registry import ASKED, Asked, around, register
from search.query import search
from tests.world import World


@pytest.fixture
def finding(world: World, t0: Any) -> Finding:
    with moment.travel(t0):
        return world.finding("issued")


def ask(client: Any, record: Any, text: str, **more: Any) -> Any:
    return client.post(f"{record.get_absolute_url()}questions/", {"text": text} | more)


def told(kind: str = "question") -> set[str]:
    return set(Notice.objects.filter(kind=kind).values_list("recipient__username", flat=True))


def test_who_is_ticked_or_named_is_told_and_nobody_else(finding: Finding, world: World, login: Any) -> None:
    response = ask(login("leader"), finding, "@某closure 看一下照片", tell=[world.users["owner"].pk])
    message = Message.objects.get()
    assert response.url == f"{finding.get_absolute_url()}#question-{message.pk}"
    assert told() == {"owner", "closure"} == {person.username for person in message.told.all()}
    page = login("escort").get(finding.get_absolute_url()).content.decode()
    assert "看一下照片" in page and "已告知" in page


def test_an_answer_tells_everyone_in_the_conversation_but_its_writer(
    finding: Finding, world: World, login: Any
) -> None:
    ask(login("leader"), finding, "为什么是今天？", tell=[world.users["owner"].pk])
    question = Message.objects.get()
    ask(login("owner"), finding, "因为昨天停线", question=question.pk)
    assert told() == {"owner", "leader"}
    assert Notice.objects.get(kind="question", recipient__username="leader").facts["answer"] is True
    page = login("leader").get(finding.get_absolute_url()).content.decode()
    assert page.index("为什么是今天") < page.index("因为昨天停线")


def test_who_may_not_see_the_record_is_not_told_and_the_writer_hears_it(
    finding: Finding, world: World, login: Any
) -> None:
    response = ask(login("leader"), finding, "@某stranger 请看")
    assert response.status_code == 400
    assert "某stranger" in response.content.decode() and "@某stranger 请看" in response.content.decode()
    assert not Message.objects.exists() and told() == set()


def test_whoever_may_no_longer_see_it_hears_no_answer(finding: Finding, world: World, login: Any) -> None:
    ask(login("owner"), finding, "谁来看？")
    Finding.objects.filter(pk=finding.pk).update(owner=world.users["actor"], site=world.sites["X"])
    world.users["owner"].unit = None
    world.users["owner"].save()
    ask(login("leader"), finding, "我来", question=Message.objects.get().pk)
    assert told() == set()


def test_it_moves_no_clock_and_no_version(finding: Finding, login: Any) -> None:
    before = list(Deadline.objects.order_by("pk").values()), finding.events.count()
    ask(login("leader"), finding, "一个问题")
    assert (list(Deadline.objects.order_by("pk").values()), finding.events.count()) == before
    assert Finding.objects.get(pk=finding.pk).version == finding.version


def test_two_clicks_ask_once(finding: Finding, login: Any) -> None:
    key, client = str(uuid4()), login("leader")
    for _n in range(2):
        assert ask(client, finding, "一个问题", form_key=key).status_code == 302
    assert Message.objects.count() == 1


@pytest.mark.parametrize("text", ["", " ", "x" * 2001, "a\x00b"])
def test_what_cannot_be_kept_is_refused_with_what_was_typed(text: str, finding: Finding, login: Any) -> None:
    assert ask(login("leader"), finding, text).status_code == 400
    assert not Message.objects.exists()


def test_an_answer_belongs_to_a_question_of_this_record(finding: Finding, world: World, login: Any, api: Any) -> None:
    ask(login("leader"), finding.audit, "关于稽核")
    other = Message.objects.get()
    assert ask(login("leader"), finding, "答错了地方", question=other.pk).status_code == 400
    ask(login("leader"), finding.audit, "回答", question=other.pk)
    answer = Message.objects.exclude(pk=other.pk).get()
    assert ask(login("leader"), finding.audit, "答复的答复", question=answer.pk).status_code == 400
    for wrong in ("abc", "0", "9" * 30, "-1"):
        assert ask(login("leader"), finding.audit, "答复", question=wrong).status_code == 400


def test_beside_an_audit_too(world: World, t0: Any, login: Any) -> None:
    with moment.travel(t0):
        audit = world.audit("confirmed")
    ask(login("market"), audit, "客户几点到？", tell=[world.users["leader"].pk])
    assert told() == {"leader"}
    assert "客户几点到" in login("leader").get(audit.get_absolute_url()).content.decode()
    assert ask(login("stranger"), audit, "什么").status_code == 404


def test_over_the_api_in_codes_both_ways(finding: Finding, api: Any) -> None:
    url = f"/api/v1/findings/{finding.number}/questions/"
    made = api("leader").post(url, {"text": "照片在哪？", "tell": ["owner"]}, format="json")
    assert made.status_code == 201 and made.data[0]["told"] == ["owner"]
    answer = {"text": "已上传", "question": made.data[0]["id"]}
    said = api("owner").post(url, answer, format="json").data
    assert said == api("escort").get(url).data
    assert [(one["by"], one["question"]) for one in said] == [("leader", None), ("owner", said[0]["id"])]
    assert api("stranger").get(url).status_code == 404
    for wrong in ({"tell": ["nobody"]}, {"tell": ["stranger"]}, {"question": "x"}, {"colour": 1}, {"text": ""}):
        refused = api("leader").post(url, {"text": "照片在哪？"} | wrong, format="json")
        assert refused.status_code == 400 and next(iter(wrong)) in refused.data, wrong


def test_what_was_asked_is_found(finding: Finding, world: World, login: Any) -> None:
    ask(login("leader"), finding, "铆钉松动了吗")
    [group] = search(world.user("leader"), "铆钉松动")
    assert [hit.title for hit in group.hits] == [finding.number]


# Names in a text ------------------------------------------------------------------------------------------------------


@pytest.fixture
def people(world: World) -> None:
    for username, name, english in (
        ("zw1", "张伟", "Wei Zhang"),
        ("zwm", "张伟明", ""),
        ("ln1", "李娜", ""),
        ("ln2", "李娜", ""),
    ):
        User.objects.create(username=username, name=name, name_en=english, unit=world.units["F1D"])


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@张伟请看一下", ["zw1"]),
        ("@张伟明请看", ["zwm"]),
        ("请@张伟 和@zwm看", ["zw1", "zwm"]),
        ("＠张伟", ["zw1"]),
        ("@Wei Zhang please", ["zw1"]),
        ("@ln1 请看", ["ln1"]),
        ("邮件 zhang@zw1.example", []),
        ("电压@3V正常", []),
        ("@无此人", []),
        ("没有名字", []),
        ("@张伟 @张伟", ["zw1"]),
    ],
)
def test_the_longest_name_counts(text: str, named: list[str], people: None) -> None:
    assert [person.username for person in mentioned(text)] == named


def test_namesakes_are_told_apart_by_their_accounts(people: None) -> None:
    with pytest.raises(ValidationError, match="@ln1、@ln2"):
        mentioned("@李娜 请看")


def test_the_people_around_are_here_and_each_once(finding: Finding, world: World) -> None:
    world.users["closure"].is_active = False
    world.users["closure"].save()
    names = [person.username for person in around(Finding.objects.get(pk=finding.pk))]
    assert len(names) == len(set(names)) and "owner" in names and "closure" not in names


def test_a_kind_is_told_once() -> None:
    with pytest.raises(ValueError, match="Finding is registered already"):
        register(Finding, Asked(lambda _user: Finding.objects.all(), lambda _record: []))
    assert Finding in ASKED


def test_nothing_costs_more_for_a_long_conversation(
    finding: Finding, world: World, django_assert_num_queries: Any
) -> None:
    for n in range(3):
        Message.objects.create(subject=finding, text=f"问{n}", by=world.users["owner"], at=moment.now())
    with django_assert_num_queries(2):
        assert [str(one) for one in of(finding)] == ["问0", "问1", "问2"]


@pytest.mark.parametrize("text", ["@annabelle please", "@owner2024 file", "@owner-price", "@top10", "see x@owner"])
def test_a_longer_word_is_nobodys_name(text: str, world: World) -> None:
    User.objects.create(username="anna", name="安娜", unit=world.units["F1D"])
    assert mentioned(text) == []


def test_whoever_stands_around_it_but_may_not_see_it_is_not_told(finding: Finding, world: World, api: Any) -> None:
    world.users["owner"].standing_roles.create(role="admin")
    url = f"/api/v1/findings/{finding.number}/questions/"
    refused = api("leader").post(url, {"text": "请看", "tell": ["owner"]}, format="json")
    assert refused.status_code == 400 and "tell" in refused.data and told() == set()


def test_a_refused_answer_keeps_its_question_and_its_draft(finding: Finding, login: Any) -> None:
    ask(login("leader"), finding, "为什么？")
    question = Message.objects.get()
    response = ask(login("owner"), finding, "@某stranger 看", question=question.pk, draft="answer-1")
    page = response.content.decode()
    assert response.status_code == 400 and "为什么？" in page and 'value="answer-1"' in page
