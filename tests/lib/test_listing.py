"""What every list shares: chips, addresses that can be kept, columns."""

from typing import Any

import pytest
from django.http import QueryDict

from findings.filters import FindingFilter
from findings.models import Finding
from findings.registers import FINDINGS
from lib.listing import LONGEST_QUERY, chips, sane, without


def shown(query: str) -> list[tuple[str, str, str]]:
    data = QueryDict(query)
    chosen = FindingFilter(data, queryset=Finding.objects.all())
    return [(chip.label, chip.value, chip.without) for chip in chips(chosen, data)]


def test_every_value_that_narrows_is_a_chip_that_takes_itself_away(world: Any) -> None:
    said = shown("state=open&grade=major&grade=minor&mine=true&q=扭力&sort=-number&after=x")
    assert [chip[:2] for chip in said] == [
        ("状态", "全部未关闭"),
        ("等级", "主要"),
        ("等级", "次要"),
        ("我的", "是"),
    ]
    rest = QueryDict(said[1][2])
    assert rest.getlist("grade") == ["minor"] and rest["state"] == "open" and "after" not in rest


def test_a_chip_says_the_name_behind_a_code(world: Any) -> None:
    assert shown("customer=CU&site=S-A")[0][1] == "客户甲" and shown("site=S-A")[0][1] == "场所A"
    assert shown("owner=某人") == [("问题责任人", "某人", "")]


@pytest.mark.parametrize("query", ["grade=dragon", "grade=", "site=none", "mine=perhaps", "q=扭力", "unknown=1", ""])
def test_what_narrows_nothing_is_no_chip(query: str, world: Any) -> None:
    assert [chip for chip in shown(query) if chip[0] != "我的"] == []


def test_without_one_of_several_values_the_others_stay() -> None:
    data = QueryDict("a=1&a=2&b=3&after=z")
    assert without(data, "a", "1") == "a=2&b=3" and without(data, "a") == "b=3"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("state=open&mine=true", "mine=true&state=open"),
        ("mine=true&state=open", "mine=true&state=open"),
        ("state=&grade=minor&grade=major&grade=minor", "grade=major&grade=minor"),
        ("evil=1&next=//x&state=open&after=abc", "state=open"),
        ("sort=-number&as=board&q=x", "as=board&q=x&sort=-number"),
        ("q=a%00b", ""),
        ("columns=number&columns=what", "columns=number&columns=what"),
        ("", ""),
    ],
)
def test_an_address_is_kept_with_what_the_list_knows(given: str, kept: str) -> None:
    assert sane(FINDINGS, FindingFilter, given) == kept


def test_the_usual_columns_are_no_choice() -> None:
    usual = "&".join(f"columns={column.key}" for column in FINDINGS.shown)
    assert sane(FINDINGS, FindingFilter, usual) == ""
    assert len(sane(FINDINGS, FindingFilter, "q=" + "x" * 5000)) <= LONGEST_QUERY


def test_columns_come_in_the_registers_own_order_and_unknown_ones_not_at_all() -> None:
    chosen = FINDINGS.chosen(QueryDict("columns=what&columns=number&columns=secret"))
    assert [column.key for column in chosen] == ["number", "what"]
    assert FINDINGS.chosen(QueryDict("columns=secret")) == FINDINGS.shown
