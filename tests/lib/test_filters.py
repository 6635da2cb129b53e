"""Filters of lists: codes for programs, misspelt ones named, nonsense never an accident."""

from typing import Any

import pytest
from rest_framework.exceptions import ValidationError

from lib.filters import DateFilter, FilterSet, RowFilter, TextFilter, YesFilter, checked
from people.models import Site, Unit
from tests.hostile import HOSTILE
from tests.world import World


class Sites(FilterSet):
    unit = RowFilter(queryset=Unit.objects.all())
    name = TextFilter(lookup_expr="contains", max_length=100)
    active = YesFilter(field_name="is_active")
    since = DateFilter(field_name="created", method="since_")

    class Meta:
        model = Site
        fields: list[str] = []

    def since_(self, rows: Any, _name: str, _day: Any) -> Any:
        return rows.none()


def codes(data: dict[str, str], *also: str) -> list[str]:
    found = checked(Sites(data, queryset=Site.objects.order_by("code")), data, *also)
    return [site.code for site in found]


def test_rows_are_named_by_their_codes(world: World) -> None:
    assert codes({"unit": "F1D"}) == ["S-A", "S-B"]
    assert codes({"unit": "F2", "name": "场所"}) == ["S-X"]
    assert codes({}) == ["S-A", "S-B", "S-X"]


@pytest.mark.parametrize("data", [{"unit": "nobody"}, {"unit": "1"}, {"since": "2026-13-40"}, {"since": "1800-01-01"}])
def test_a_value_that_makes_no_sense_is_named(data: dict[str, str], world: World) -> None:
    with pytest.raises(ValidationError) as error:
        codes(data)
    assert set(error.value.detail) == set(data)  # type: ignore[arg-type]


def test_a_filter_that_is_not_there_is_named_with_those_there_are(world: World) -> None:
    with pytest.raises(ValidationError) as error:
        codes({"plant": "F1", "page_size": "5"})
    assert set(error.value.detail) == {"plant"} and "unit" in str(error.value.detail)  # type: ignore[arg-type]
    assert codes({"plant": "F1"}, "plant") == ["S-A", "S-B", "S-X"]


def test_yes_and_no_are_what_a_page_offers() -> None:
    choices = dict(Sites().form.fields["active"].widget.choices)  # type: ignore[attr-defined]
    assert set(choices) == {"", "true", "false"}


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_values_are_answered(value: str, world: World) -> None:
    for name in ("unit", "name", "since"):
        try:
            codes({name: value})
        except ValidationError as error:
            assert set(error.detail) == {name}  # type: ignore[arg-type]
