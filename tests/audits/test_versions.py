"""Versions of a requirement: every field of the form, kept as facts, told in the reader's words."""

from typing import Any

import pytest
from django.utils import translation

from audits import actions
from audits.models import Audit
from audits.request_forms import RequestFields
from audits.snapshot import FIELDS, differences, in_words, label, snapshot
from customers.models import Customer
from lib import moment
from tests.world import World


def revised(world: World, audit: Audit, **given: Any) -> list[dict[str, str]]:
    """What the newest version says that this revision changed, in Chinese."""
    rows = {name: given.pop(name) for name in ("sites", "auditors", "documents") if name in given}
    audit = Audit.objects.get(pk=audit.pk)
    now = {
        name: getattr(audit, name) for name in FIELDS if name not in {"mode", "sudden", "planned_start", "planned_end"}
    }
    kept = {
        "sites": [place.site for place in audit.places.all()],
        "auditors": [
            {n: getattr(one, n) for n in ("name", "position", "speciality", "language")} for one in audit.auditors.all()
        ],
        "documents": [one.item for one in audit.documents.all()],
    }
    actions.perform(audit.pk, "revise", by=world.user("market"), fields=now | given, **kept | rows)
    with translation.override("zh-hans"):
        return in_words(audit.versions.latest("pk").changes)


def test_no_field_of_the_form_goes_without_a_version() -> None:
    of_form = set(RequestFields.base_fields) | set(RequestFields.lists)
    assert of_form - {"new_customer"} == {*FIELDS, "sites", "auditors", "documents"}


def test_a_snapshot_is_plain_facts_in_nobodys_language(world: World) -> None:
    audit = world.audit("drafted")
    with translation.override("en"):
        english = snapshot(audit)
    with translation.override("zh-hans"):
        assert snapshot(audit) == english
    assert (english["customer"], english["kind"], english["sites"]) == ("CU", "QSA", ["S-A", "S-B"])
    assert english["planned_start"] == str(audit.planned_start) and english["regular"] is True
    assert english["documents"] == ["质量手册"] and english["auditors"] == ["审核员甲, SQE"]


@pytest.mark.parametrize(
    ("given", "before", "after"),
    [
        ({"scope": "只看焊接"}, "全部装配过程", "只看焊接"),
        ({"headcount": 5}, "2", "5"),
        ({"regular": False}, "是", "否"),
        ({"checklist": "", "checklist_follow_up": None}, "已收到客户清单", ""),
    ],
)
def test_a_change_is_told_in_words(given: dict[str, Any], before: str, after: str, world: World) -> None:
    [change] = revised(world, world.audit("confirmed"), **given)
    assert (change["before"], change["after"]) == (before, after)


def test_related_rows_are_named_as_they_are_called_today(world: World) -> None:
    audit, other = world.audit("confirmed"), Customer.objects.create(code="CX", name="客户乙")
    [change] = revised(world, audit, customer=other)
    assert (change["before"], change["after"]) == ("客户甲", "客户乙")
    Customer.objects.filter(code="CX").update(name="客户丙")
    with translation.override("zh-hans"):
        [again] = in_words(audit.versions.latest("pk").changes)
    assert again["after"] == "客户丙"


def test_lists_are_spelt_out(world: World) -> None:
    audit = world.audit("confirmed")
    rows = [{"name": "审核员乙", "position": "", "speciality": "", "language": ""}]
    changed = revised(world, audit, sites=[world.sites["X"]], auditors=rows, documents=[])
    assert {one["field"]: (one["before"], one["after"]) for one in changed} == {
        "sites": ("场所A、场所B", "场所X"),
        "auditors": ("审核员甲, SQE", "审核员乙"),
        "documents": ("质量手册", ""),
    }


def test_what_did_not_change_is_no_difference(world: World) -> None:
    said = snapshot(world.audit("drafted"))
    assert differences(said, said) == []
    assert differences({}, {"scope": "x", "agenda": ""}) == [{"field": "scope", "before": "", "after": "x"}]


def test_every_field_has_a_name_in_both_languages() -> None:
    for language in ("zh-hans", "en"):
        with translation.override(language):
            labels = [str(label(name)) for name in (*FIELDS, "sites", "auditors", "documents")]
            assert all(labels) and len(set(labels)) == len(labels)
    assert moment.today()
