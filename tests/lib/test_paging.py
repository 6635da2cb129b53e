"""Pages by key: every row once, however many share a value; nonsense in a cursor is 404; the same cost on every page."""

from typing import Any

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from lib.paging import LONGEST_CURSOR, BadCursor, decode, encode, page
from people.models import Unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def units() -> Any:
    Unit.objects.bulk_create(
        Unit(code=f"U{n:03d}", name=f"单位{n % 4}", kind="department", path=f"/{n}/") for n in range(23)
    )
    return Unit.objects.all()


def _walk(rows: Any, order: list[str], size: int) -> list[list[Any]]:
    pages, cursor = [], ""
    while True:
        shown = page(rows, order, cursor, size)
        pages.append(list(shown))
        if not shown.next:
            return pages
        cursor = shown.next


@pytest.mark.parametrize("order", [["name", "id"], ["-name", "-id"], ["code"], ["-id"]])
@pytest.mark.parametrize("size", [1, 4, 23, 50])
def test_every_row_comes_once_and_in_order(units: Any, order: list[str], size: int) -> None:
    pages = _walk(units, order, size)
    seen = [row.pk for rows in pages for row in rows]
    assert seen == list(units.order_by(*order).values_list("pk", flat=True))
    assert all(len(rows) == size for rows in pages[:-1]) and pages[-1]


def test_a_page_costs_one_statement_wherever_it_is(units: Any) -> None:
    second = page(units, ["name", "id"], page(units, ["name", "id"], "", 5).next, 5)
    for cursor in ("", second.next):
        with CaptureQueriesContext(
            connection,
        ) as said:
            page(units, ["name", "id"], cursor, 5)
        assert len(said) == 1 and "OFFSET" not in said[0]["sql"]


def test_rows_that_come_in_between_disturb_nobody(units: Any) -> None:
    first = page(units, ["code"], "", 10)
    Unit.objects.create(code="U004a", name="新", kind="department", path="/x/")
    second = page(Unit.objects.all(), ["code"], first.next, 10)
    assert next(row.code for row in second) == "U010"


def test_the_first_page_knows_that_it_is_the_first(units: Any) -> None:
    first = page(units, ["code"], "", 10)
    assert first.first and len(first) == 10 and not page(units, ["code"], first.next, 10).first


@pytest.mark.parametrize(
    "cursor", ["x", "!!", encode(["a", "b", "c"]), encode(["no number"]), "A" * (LONGEST_CURSOR + 1), "bnVsbA"]
)
def test_a_cursor_that_makes_no_sense_is_not_found(units: Any, cursor: str) -> None:
    with pytest.raises(Http404):
        page(units, ["-id"], cursor, 10)


@pytest.mark.parametrize("values", [["某人", "1"], ["'; DROP TABLE x", "\\"], [""]])
def test_what_is_written_into_a_cursor_is_read_back(values: list[str]) -> None:
    assert decode(encode(values)) == values


@pytest.mark.parametrize("text", ["eyJhIjoxfQ", "WzFd", "WyJcdTAwMDAiXQ", "WyJcdWQ4M2QiXQ", "[" * 50])
def test_what_is_no_key_is_no_cursor(text: str) -> None:
    with pytest.raises(BadCursor):
        decode(text)
