"""Lists inside a form: rows added and taken away without script, errors at the row, the same rows over page and API."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.http import QueryDict

from audits.models import Audit
from audits.request_forms import RequestFields, ReviseForm
from findings.analysis_form import AnalysisForm
from findings.models import Finding
from lib import moment
from lib.row_data import merged, nested, rearranged, replaced
from tests.forms import as_sent
from tests.world import World, photo
from workflow.openapi import body_of


def _analysis(world: World, **changes: Any) -> dict[str, Any]:
    legs = ("making", "inspection", "system")
    day = str(moment.today() + timedelta(days=3))
    return {
        "place": "三号线",
        "thing": "两把螺丝刀",
        "facts_seen": "缺三天记录",
        "whys": [
            {"leg": leg, "question": f"为什么{n}", "because": f"因为{n}", "proof": ""}
            for leg in legs
            for n in (1, 2, 3)
        ],
        "roots": [
            {"leg": leg, "statement": "换线清单缺项", "category": "method", "verified_by": "再现"} for leg in legs
        ],
        "actions": [
            {"leg": leg, "text": "增加互锁", "strength": "error_proofing", "owner": "actor", "due_on": day}
            for leg in legs
        ],
    } | changes


def _post(api: Any, finding: Finding, move: str, body: Any, who: str = "owner", form: str = "json") -> Any:
    return api(who).post(f"/api/v1/findings/{finding.number}/moves/{move}/", body, format=form)


def test_what_a_program_sends_as_rows_it_reads_back_as_rows(world: World, api: Any) -> None:
    finding, sent = world.finding("contained"), _analysis(world)
    sent["whys"] += [{"leg": "system", "question": f"再问{n}", "because": "无", "proof": "记录"} for n in range(12)]
    assert _post(api, finding, "submit_analysis", sent).status_code == 200
    said = api("owner").get(f"/api/v1/findings/{finding.number}/submissions/").json()[-1]
    assert said["whys"] == sent["whys"] and said["roots"] == sent["roots"]
    assert [{name: row[name] for name in sent["actions"][0]} for row in said["actions"]] == sent["actions"]


def test_an_error_is_told_at_its_row(world: World, api: Any) -> None:
    finding, sent = world.finding("contained"), _analysis(world)
    sent["actions"][2] |= {"owner": "nobody-here", "due_on": "2020-01-01"}
    answer = _post(api, finding, "submit_analysis", sent)
    assert answer.status_code == 400 and answer.json().keys() == {"actions"}
    assert answer.json()["actions"][:2] == [{}, {}] and answer.json()["actions"][2].keys() == {"owner"}
    sent["actions"][2] |= {"owner": "actor"}
    sent["whys"][4] = {"leg": "inspection", "question": "为什么没有发现？"}
    told = _post(api, finding, "submit_analysis", sent).json()
    assert told["actions"][2].keys() == {"due_on"}
    assert told["whys"][:4] == [{}] * 4 and told["whys"][4].keys() == {"because"}
    assert Finding.objects.get(pk=finding.pk).state == "contained"


@pytest.mark.parametrize(
    ("whys", "said"),
    [("x", "行的列表"), ([1], "行的列表"), ([{"leg": "making", "bogus": "x"}], "bogus"), ({"a": 1}, "行的列表")],
)
def test_what_is_no_list_of_rows_is_refused_with_its_name(whys: Any, said: str, world: World, api: Any) -> None:
    answer = _post(api, world.finding("contained"), "submit_analysis", _analysis(world, whys=whys))
    assert answer.status_code == 400 and answer.json().keys() == {"whys"}
    assert said in json.dumps(answer.json(), ensure_ascii=False)


def test_a_leg_asked_too_little_and_a_root_without_countermeasure_are_named(world: World, api: Any) -> None:
    sent = _analysis(world)
    sent["whys"], sent["actions"] = sent["whys"][:-1], sent["actions"][:2]
    told = _post(api, world.finding("contained"), "submit_analysis", sent).json()
    assert told.keys() == {"whys", "actions"}
    assert "体系" in told["whys"][0] and "体系" in told["actions"][0]


def test_a_root_that_is_left_out_or_given_twice_is_named(world: World, api: Any) -> None:
    finding, sent = world.finding("contained"), _analysis(world)
    roots = sent["roots"]
    told = _post(api, finding, "submit_analysis", sent | {"roots": roots[:2]}).json()
    assert told.keys() == {"roots"} and told["roots"][2].keys() == {"statement", "category"}
    told = _post(api, finding, "submit_analysis", sent | {"roots": [*roots, roots[0]]}).json()
    assert told["roots"][3] == {"leg": ["重复出现。"]}
    # In whatever order: each says itself which leg it is of.
    assert _post(api, finding, "submit_analysis", sent | {"roots": roots[::-1]}).status_code == 200
    saved = Finding.objects.get(pk=finding.pk).current("analyse")
    assert saved is not None and {root.leg for root in saved.roots.all()} == {"making", "inspection", "system"}


def test_more_rows_than_a_list_may_have_are_refused(world: World, api: Any, django_assert_max_num_queries: Any) -> None:
    finding = world.finding("contained")
    rows = [{"leg": "making", "question": "q", "because": "b"}] * 61
    told = _post(api, finding, "submit_analysis", _analysis(world, whys=rows)).json()
    assert any("60" in one for one in told["whys"])
    with django_assert_max_num_queries(30):
        told = _post(api, finding, "submit_analysis", _analysis(world, whys=rows * 4)).json()
    assert any("60" in one for one in told["whys"])


def test_a_rung_with_nothing_but_proof_is_none(world: World, api: Any) -> None:
    rows = [{"leg": leg, "proof": "照片"} for leg in ("making", "inspection", "system") for _n in range(3)]
    answer = _post(api, world.finding("contained"), "submit_analysis", _analysis(world, whys=rows))
    assert answer.status_code == 400 and answer.json()["whys"][0].keys() == {"question", "because"}


def test_a_row_that_a_program_leaves_empty_is_named(world: World, api: Any) -> None:
    audit = world.audit("leader_appointed")
    team = [{"user": "teamer", "duty": "scribe"}, {"duty": "liaison"}]
    url = f"/api/v1/audits/{audit.number}/moves/name_team/"
    told = api("leader").post(url, {"lead_escort": "escort", "team": team}, format="json")
    assert told.status_code == 400 and told.json()["team"][1].keys() == {"__all__"}
    del team[1]
    assert api("leader").post(url, {"lead_escort": "escort", "team": team}, format="json").status_code == 200
    said = api("leader").get(f"/api/v1/audits/{audit.number}/").json()["team"]
    assert [{name: one[name] for name in ("user", "duty")} for one in said] == team


@pytest.mark.parametrize("list_", ["team", "auditors"])
def test_nonsense_in_place_of_a_list_is_refused(list_: str, world: World, login: Any, api: Any) -> None:
    audit = world.audit("notified" if list_ == "team" else "drafted")
    move, who = ("change_team", "leader") if list_ == "team" else ("revise", "market")
    as_file = api(who).post(f"/api/v1{audit.move_url(move)}", {list_: photo()}, format="multipart")
    assert as_file.status_code == 400 and list_ in as_file.json()
    sent = as_sent(login(who).get(audit.move_url(move)).context["form"])
    deep = login(who).post(audit.move_url(move), sent | {f"initial-{list_}": "[" * 100_000})
    assert deep.status_code in {302, 400}


def test_a_form_with_files_takes_rows_by_name_and_as_json(world: World, api: Any) -> None:
    finding = world.finding("analysed")
    day = str(moment.today())
    across = json.dumps([{"site": "S-B", "applies": False, "note": "工艺不同"}])
    body = {"summary": "已落实", "read_across": across}
    for place in range(3):
        body |= {f"results-{place}-action": place + 1, f"results-{place}-done_on": day}
        body[f"results-{place}-proof"] = photo()  # type: ignore[assignment]
    answer = _post(api, finding, "submit_implementation", body, form="multipart")
    assert answer.status_code == 200, answer.json()
    said = api("owner").get(f"/api/v1/findings/{finding.number}/submissions/").json()[-1]
    assert said["read_across"] == [{"site": "S-B", "applies": False, "note": "工艺不同"}]
    assert [row["action"] for row in said["results"]] == [1, 2, 3]


def test_the_description_names_the_rows_and_their_fields(world: World, api: Any) -> None:
    body = body_of(AnalysisForm)["application/json"]
    whys = body["properties"]["whys"]
    assert whys["type"] == "array" and whys["items"]["required"] == ["leg", "question", "because"]
    assert {"whys", "roots", "actions"} <= set(body["required"])
    assert whys["items"]["properties"]["leg"]["enum"] == ["making", "inspection", "system"]
    assert body_of(ReviseForm)["application/json"]["properties"]["auditors"]["items"]["required"] == ["name"]
    finding = world.finding("contained")
    [move] = [
        one
        for one in api("owner").get(f"/api/v1/findings/{finding.number}/moves/").json()
        if one["move"] == "submit_analysis"
    ]
    actions = next(one for one in move["fields"] if one["name"] == "actions")
    owner = next(one for one in actions["fields"] if one["name"] == "owner")
    assert actions["kind"] == "Rows" and {"actor", "owner"} <= {one["value"] for one in owner["choices"]}


# The page without script ----------------------------------------------------------------------------------------------


def test_a_row_is_added_and_taken_away_without_script(world: World, login: Any) -> None:
    finding = world.finding("contained")
    url, client = finding.move_url("submit_analysis"), login("owner")
    sent = as_sent(client.get(url).context["form"]) | {"whys-0-question": "为什么缺记录？"}
    more = client.post(url, sent | {"add": "whys:inspection"})
    assert more.status_code == 202
    form = more.context["form"]
    assert [len(leg["rungs"]) for leg in form.legs] == [5, 6, 5] and not form.errors
    assert "为什么缺记录？" in more.content.decode() and "alert-danger" not in more.content.decode()
    less = client.post(url, as_sent(form) | {"whys-0-question": "为什么缺记录？", "remove": "whys:1"})
    assert [len(leg["rungs"]) for leg in less.context["form"].legs] == [4, 6, 5]
    assert finding.version == Finding.objects.get(pk=finding.pk).version


def test_a_new_request_takes_any_number_of_auditors(world: World, login: Any) -> None:
    client = login("market")
    client.cookies["django_language"] = "zh-hans"
    form = client.get("/audits/new/").context["form"]
    assert len(form.row_sets["auditors"].forms) == 1
    more = client.post("/audits/new/", {"auditors-0-name": "审核员甲", "add": "auditors"})
    assert len(more.context["form"].row_sets["auditors"].forms) == 2 and "审核员甲" in more.content.decode()
    day = moment.today() + timedelta(days=20)
    body = {"customer": world.customer.pk, "kind": world.kind.pk, "mode": "on_site"}
    body |= {"planned_start": day, "planned_end": day, "documents-0-item": "质量手册", "documents-1-item": ""}
    body |= {f"auditors-{n}-name": f"审核员{n}" for n in range(9)}
    assert client.post("/audits/new/", body).status_code == 302
    audit = Audit.objects.get()
    assert audit.auditors.count() == 9 and [one.item for one in audit.documents.all()] == ["质量手册"]


def test_a_button_for_a_list_that_is_none_is_no_button() -> None:
    data = QueryDict("add=bogus&auditors-0-name=x", mutable=True)
    assert rearranged(RequestFields, data) is None
    gone = rearranged(RequestFields, QueryDict("remove=auditors:x&auditors-0-name=a&auditors-1-name=b"))
    assert gone is not None and gone["auditors-1-name"] == "b"


def test_files_chosen_before_a_row_was_added_have_to_be_chosen_again_and_it_says_so(world: World, login: Any) -> None:
    finding = world.finding("analysed")
    url, client = finding.move_url("submit_implementation"), login("owner")
    sent = as_sent(client.get(url).context["form"]) | {"results-0-proof": photo(), "add": "documents"}
    assert "文件须重新选择" in client.post(url, sent).content.decode()


# Two people at one list -----------------------------------------------------------------------------------------------


def test_a_late_form_overwrites_only_the_lists_its_writer_touched(world: World, login: Any, api: Any) -> None:
    audit = world.audit("drafted")
    url, client = audit.move_url("revise"), login("market")
    sent = as_sent(client.get(url).context["form"])
    changed = api("market").post(
        f"/api/v1/audits/{audit.number}/moves/revise/", {"auditors": [{"name": "审核员乙"}]}, format="json"
    )
    assert changed.status_code == 200
    late = client.post(url, sent | {"documents-1-item": "控制计划"})
    assert late.status_code == 409
    again = client.post(url, as_sent(late.context["form"]))
    assert again.status_code == 302, again.context["form"].errors
    assert [one.name for one in audit.auditors.all()] == ["审核员乙"]
    assert [one.item for one in audit.documents.all()] == ["质量手册", "控制计划"]


def test_who_is_told_of_another_change_sees_it_before_sending_again(world: World, login: Any, api: Any) -> None:
    audit = world.audit("notified")
    url, client = audit.move_url("change_team"), login("leader")
    sent = as_sent(client.get(url).context["form"])
    team = [{"user": "teamer", "duty": "scribe"}, {"user": "office", "duty": "liaison", "reason": "熟悉客户"}]
    changed = api("leader").post(f"/api/v1{url}", {"team": team}, format="json")
    assert changed.status_code == 200, changed.json()
    # I take the only member away, not knowing that somebody was added meanwhile.
    late = client.post(url, sent | {"team-0-user": "", "team-0-reason": ""})
    assert late.status_code == 409
    again = client.post(url, as_sent(late.context["form"]))
    assert again.status_code == 302, again.context["form"].errors
    assert [one.user.username for one in audit.team.all()] == ["office"]


def test_a_program_leaves_a_list_out_or_empties_it(world: World, api: Any) -> None:
    audit = world.audit("drafted")
    url = f"/api/v1/audits/{audit.number}/moves/revise/"
    assert api("market").post(url, {"scope": "全部"}, format="json").status_code == 200
    assert audit.auditors.count() == 1
    assert api("market").post(url, {"auditors": [], "documents": ["控制计划"]}, format="json").status_code == 200
    assert audit.auditors.count() == 0 and [one.item for one in audit.documents.all()] == ["控制计划"]


# Small parts ----------------------------------------------------------------------------------------------------------


def test_rows_are_put_back_under_their_names() -> None:
    data = QueryDict("team-0-user=1&team-7-user=2&scope=x", mutable=True)
    assert dict(replaced("team", data, [{"user": ["3"]}])) == {"scope": ["x"], "team-0-user": ["3"]}


def test_errors_of_rows_are_nested_and_those_of_the_whole_list_come_first() -> None:
    found = nested({"a": ["x"], "rows-2-name": ["leer"], "other-1-name": ["y"]}, {"rows"})
    assert found == {"a": ["x"], "rows": [{}, {}, {"name": ["leer"]}], "other-1-name": ["y"]}
    assert nested({"rows": ["zu wenige"]}, {"rows"}) == {"rows": ["zu wenige"]}
    both = nested({"rows": ["zu wenige"], "rows-0-name": ["leer"]}, {"rows"})
    assert both == {"rows": [{"name": ["leer"]}], "__all__": ["zu wenige"]}


def test_what_two_people_did_to_one_list_is_put_together() -> None:
    a, b, c, d = ({"name": [name]} for name in "甲乙丙丁")
    # I added 丙; meanwhile 乙 was taken away and 丁 added: all of it holds.
    assert merged([a, b, c], [a, b], [a, d]) == [a, c, d]
    changed = {"name": ["甲甲"]}
    assert merged([changed], [a], [a]) == [changed] and merged([], [a], [a]) == []


@pytest.mark.parametrize("sent", ["team-9999-user=1", "team-0-user=&team-0-duty=scribe", ""])
def test_rows_that_say_nothing_are_no_rows(sent: str, world: World) -> None:
    from audits.forms import TeamForm

    audit = world.audit("leader_appointed")
    form = TeamForm(
        QueryDict(f"lead_escort={world.users['escort'].pk}&{sent}"), subject=audit, user=world.user("leader")
    )
    assert form.is_valid() == (not sent.startswith("team-9999"))
    assert form.is_valid() is False or form.cleaned_data["team"] == []


def test_a_date_in_a_row_is_judged_in_the_plants_time(world: World) -> None:
    finding = world.finding("contained")
    form = AnalysisForm(
        QueryDict("actions-0-due_on=2020-01-01&actions-0-text=x"), subject=finding, user=world.user("owner")
    )
    assert "actions-0-due_on" in form.errors and isinstance(moment.today(), date)
