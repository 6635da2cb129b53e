"""What programs send, as a form reads it."""

import json
from typing import Any

import pytest
from django import forms
from django.http import QueryDict
from rest_framework.exceptions import ParseError, ValidationError

from lib.parsing import SafeJSONParser, flat, refuse, refused
from lib.rows import RowForm, Rows


class Row(RowForm):
    name = forms.CharField()  # type: ignore[assignment]
    tags = forms.MultipleChoiceField(choices=[("a", "a"), ("b", "b")], required=False)


LISTS = {"people": Rows(form=Row, label="People", most=3)}


def test_json_becomes_what_a_browser_would_send() -> None:
    found = flat({"a": 1, "b": None, "c": ["x", 2], "d": True, "e": 1.5, "f": []})
    assert dict(found) == {"a": ["1"], "b": [""], "c": ["x", "2"], "d": ["True"], "e": ["1.5"], "f": []}


def test_what_is_a_form_already_stays_one() -> None:
    data = QueryDict("a=1&a=2")
    assert flat(data) is data and flat(data, LISTS) is data


@pytest.mark.parametrize("body", [[], "x", 1, None])
def test_a_body_that_is_no_object_is_refused(body: Any) -> None:
    with pytest.raises(ValidationError) as error:
        flat(body)
    assert set(error.value.detail) == {"detail"}  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [{"a": 1}, [[1]], [{"a": 1}], "\ud83d", ["\ud83d"]])
def test_a_value_that_no_field_can_take_is_named(value: Any) -> None:
    with pytest.raises(ValidationError) as error:
        flat({"a": value})
    assert set(error.value.detail) == {"a"}  # type: ignore[arg-type]


def test_rows_lie_under_the_names_of_a_formset() -> None:
    found = flat({"people": [{"name": "甲", "tags": ["a", "b"]}, "乙"], "x": "y"}, LISTS)
    assert dict(found) == {
        "people-TOTAL_FORMS": ["2"],
        "people-0-name": ["甲"],
        "people-0-tags": ["a", "b"],
        "people-1-name": ["乙"],
        "x": ["y"],
    }
    assert dict(flat({"people": None}, LISTS)) == dict(flat({"people": []}, LISTS)) == {"people-TOTAL_FORMS": ["0"]}


def test_a_form_with_files_may_carry_a_list_as_json() -> None:
    found = flat(QueryDict(f"people={json.dumps([{'name': 'x'}])}&people-1-name=y"), LISTS)
    assert "people" not in found and (found["people-0-name"], found["people-1-name"]) == ("x", "y")


@pytest.mark.parametrize("value", [1, "x", {"name": "x"}, [1], [["x"]], [{"name": "x"}] * 4])
def test_what_is_no_list_of_rows_is_refused_under_its_name(value: Any) -> None:
    for data in ({"people": value}, QueryDict(f"people={json.dumps(value)}")):
        with pytest.raises(ValidationError) as error:
            flat(data, LISTS)
        assert set(error.value.detail) == {"people"}  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["{", "x", "[" * 100_000])
def test_a_list_that_is_no_json_is_refused(text: str) -> None:
    data = QueryDict(mutable=True)
    data["people"] = text
    with pytest.raises(ValidationError):
        flat(data, LISTS)


def test_an_error_in_a_row_is_told_in_the_shape_it_was_sent() -> None:
    with pytest.raises(ValidationError) as error:
        flat({"people": [{"name": "x"}, {"name": {"deep": 1}}]}, LISTS)
    assert error.value.detail["people"][0] == {} and set(error.value.detail["people"][1]) == {"name"}  # type: ignore[call-overload,index]


def test_json_nested_beyond_reason_is_refused(rf: Any) -> None:
    from io import BytesIO

    with pytest.raises(ParseError):
        SafeJSONParser().parse(BytesIO(b"[" * 200_000), parser_context={"encoding": "utf-8"})


def test_a_forms_errors_are_those_of_its_fields() -> None:
    class Form(forms.Form):
        name = forms.CharField()

    assert set(refused(Form({})).detail) == {"name"}  # type: ignore[arg-type]
    with pytest.raises(ValidationError) as error:
        refuse("name", "no")
    assert error.value.detail == {"name": ["no"]}
