"""Many rows in one statement: what is there stays, what is changed is changed, whatever stands in it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clocks.models import Heartbeat
from lib.bulk import array, dumped, insert_missing, update_rows
from notices.models import Notice
from people.models import Unit
from tests.world import World

AT = datetime(2026, 3, 6, 10, tzinfo=UTC)
NASTY = ["某人", "'; DROP TABLE x; --", 'a"b', "a\\b", "{1,2}", "NULL", "", "a,b", "\t\n", "%s"]


@pytest.mark.django_db
def test_what_is_missing_is_inserted_and_what_is_there_stays() -> None:
    Heartbeat.objects.create(job="old", at=AT, counts={"n": 1})
    rows = [(name, dumped({"said": name})) for name in ["old", *NASTY]]
    for _twice in range(2):
        with CaptureQueriesContext(connection) as said:
            insert_missing(Heartbeat, ("job", "counts"), rows, same={"at": AT})
        assert sum(one["sql"].startswith("INSERT") for one in said) == 1
    kept = {beat.job: beat.counts for beat in Heartbeat.objects.all()}
    assert kept == {"old": {"n": 1}} | {name: {"said": name} for name in NASTY}


@pytest.mark.django_db
def test_rows_are_written_back_in_one_statement(world: World) -> None:
    units = list(Unit.objects.order_by("pk")[: len(NASTY)])
    changed = [(unit.pk, text, AT.year + n) for n, (unit, text) in enumerate(zip(units, NASTY, strict=False))]
    with CaptureQueriesContext(connection) as said:
        update_rows(Unit, ("name", "name_en"), [(pk, name, str(year)) for pk, name, year in changed])
    assert sum(one["sql"].startswith("UPDATE") for one in said) == 1
    assert {unit.pk: unit.name for unit in Unit.objects.filter(pk__in=[one[0] for one in changed])} == {
        pk: name for pk, name, _year in changed
    }


@pytest.mark.django_db
@pytest.mark.parametrize("act", [insert_missing, update_rows])
def test_nothing_costs_nothing(act: Any, django_assert_num_queries: Any) -> None:
    more = {"same": {}} if act is insert_missing else {}
    with django_assert_num_queries(0):
        act(Notice, ("kind",), [], **more)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2, 3], "bigint"),
        ([True, False], "boolean"),
        (NASTY, "text"),
        ([None, "x", *NASTY], "text"),
        ([AT, AT + timedelta(microseconds=1)], "timestamptz"),
        ([None, AT], "timestamptz"),
    ],
)
def test_postgresql_reads_an_array_as_it_was_meant(values: list[Any], kind: str) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("arrays are PostgreSQL's: run make test-services")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT unnest(%s::{kind}[])", [array(values)])
        assert [row[0] for row in cursor.fetchall()] == values


def test_facts_are_dumped_as_django_keeps_them() -> None:
    assert json.loads(dumped({"at": AT, "说": "某"})) == {"at": "2026-03-06T10:00:00Z", "说": "某"}
    assert "某" in dumped("某")
