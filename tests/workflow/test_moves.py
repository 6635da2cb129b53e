"""A move is told once: its facts, its transition, its form, its label and its description agree."""

import inspect
from datetime import datetime
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from audits.actions import MACHINE as AUDITS, perform
from audits.moves import APPOINT_LEADER, CHANGE_TEAM, NAME_TEAM
from findings.actions import MACHINE as FINDINGS
from findings.dispute_moves import MACHINE as DISPUTES
from findings.moves import ISSUE, SUBMIT_CONTAINMENT
from findings.states import Step
from tests.world import World
from workflow import door, labels
from workflow.forms import MoveForm
from workflow.openapi import body_of

MACHINES = {"audits": AUDITS, "findings": FINDINGS, "disputes": DISPUTES}
EVERY = [
    pytest.param(machine, move, id=f"{name}-{move.name}")
    for name, machine in MACHINES.items()
    for move in machine.moves.values()
]


def taken(machine: Any, move: Any) -> tuple[set[str], set[str], bool]:
    """What the transition takes beside who and when: all names, those it cannot do without, and whether it takes any other."""
    if move.opens is not None:
        # The new record takes whatever the facts are: its columns.
        columns = {field.name for field in move.opens.model._meta.fields}
        return set(), set(), set(move.facts.__annotations__) - {"files"} <= columns
    given = dict(inspect.signature(getattr(machine.model, move.name)).parameters)
    for name in ("self", "by", "at"):
        given.pop(name)
    open_ = [name for name, one in given.items() if one.kind is inspect.Parameter.VAR_KEYWORD]
    named = {name: one for name, one in given.items() if name not in open_}
    return set(named), {name for name, one in named.items() if one.default is inspect.Parameter.empty}, bool(open_)


@pytest.mark.parametrize(("machine", "move"), EVERY)
def test_the_facts_of_a_move_are_what_its_transition_takes(machine: Any, move: Any) -> None:
    named, needed, any_other = taken(machine, move)
    facts = set(move.facts.__annotations__)
    assert named <= facts and needed <= facts
    assert any_other or facts <= named


@pytest.mark.parametrize(("machine", "move"), EVERY)
def test_a_form_without_facts_of_its_own_gives_those_of_the_move(machine: Any, move: Any) -> None:
    if move.form.facts is not MoveForm.facts:
        return
    fields = {name for name, field in move.form.base_fields.items() if field is not None} - {"seen", "event_at"}
    assert fields <= set(move.facts.__annotations__) and move.facts.__required_keys__ <= fields


@pytest.mark.parametrize("state", ["effective", "withdrawn"])
def test_what_is_given_on_the_whole_way_is_what_the_facts_say(state: str, world: World, monkeypatch: Any) -> None:
    seen: list[tuple[Any, set[str]]] = []
    real = door.perform

    def spied(machine: Any, pk: Any, move: Any, **more: Any) -> Any:
        seen.append((move, set(more["facts"])))
        return real(machine, pk, move, **more)

    monkeypatch.setattr(door, "perform", spied)
    world.finding(state)
    wrong = {str(move): keys - set(move.facts.__annotations__) for move, keys in seen}
    assert len(seen) > 6 and not {name: keys for name, keys in wrong.items() if keys}


def test_a_word_is_shared_by_two_machines_only_with_one_meaning() -> None:
    labels.know({"close": AUDITS.moves["close"].label})
    with pytest.raises(ValueError, match="close"):
        labels.know({"close": "something else"})


def test_every_move_is_an_operation_with_the_fields_of_its_form(db: None) -> None:
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    for name, machine in MACHINES.items():
        place = "findings/{number}/disputes/{id}" if name == "disputes" else f"{name}/{{number}}"
        told = {path.split("/")[-2] for path in paths if path.startswith(f"/api/v1/{place}/moves/")} - {"moves"}
        assert told == set(machine.moves)
    body = paths["/api/v1/findings/{number}/moves/regrade/"]["post"]["requestBody"]["content"]["application/json"][
        "schema"
    ]
    assert body["properties"]["grade"]["enum"] == ["critical", "major", "minor", "observation"]
    assert body["properties"]["reason"] | {"title": ""} == {"type": "string", "maxLength": 300, "title": ""}
    assert set(body["required"]) == {"grade", "reason"}
    answer = paths["/api/v1/findings/{number}/moves/regrade/"]["post"]["responses"]["200"]
    assert answer["content"]["application/json"]["schema"]["$ref"].endswith("/Standing")


def test_a_move_that_leaves_out_fields_needs_none() -> None:
    assert "required" not in body_of(AUDITS.moves["revise"].form)["application/json"]
    files = body_of(FINDINGS.moves["withdraw"].form)["multipart/form-data"]["properties"]["files"]
    assert files["type"] == "array" and files["items"] == {"type": "string", "format": "binary"}


def test_the_next_step_is_read_from_the_moves(world: World, t0: datetime) -> None:
    audit = world.audit("drafted")
    assert door.next_move(AUDITS, audit) is APPOINT_LEADER
    audit = world.audit("leader_appointed")
    assert door.next_move(AUDITS, audit) is NAME_TEAM
    audit = perform(audit.pk, "confirm", by=world.user("leader"))
    assert audit.state == "confirmed" and door.next_move(AUDITS, audit) is CHANGE_TEAM
    draft, issued = world.finding("draft"), world.finding("issued")
    assert door.next_move(FINDINGS, draft) is ISSUE and door.next_move(FINDINGS, issued) is SUBMIT_CONTAINMENT
    assert SUBMIT_CONTAINMENT.answers is Step.CONTAIN
    observation = world.finding("issued", grade="observation")
    assert str(door.next_move(FINDINGS, observation)) == "answer_observation"
    assert door.next_move(FINDINGS, world.finding("effective")) is None
