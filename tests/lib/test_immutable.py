"""A table that only grows: the database itself refuses to change or delete a row, and lets go of it again."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, migrations, transaction
from django.db.migrations.state import ProjectState

from lib.immutable import append_only


def _apply(operation: Any, *, back: bool = False) -> None:
    run = operation.database_backwards if back else operation.database_forwards
    with connection.schema_editor() as editor:
        run("people", editor, ProjectState(), ProjectState())


@pytest.mark.django_db(transaction=True)
def test_a_row_can_be_added_but_neither_changed_nor_deleted() -> None:
    operation = append_only("only_grows")
    assert isinstance(operation, migrations.RunPython) and operation.reversible
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE only_grows (id integer)")
    try:
        for _twice in range(2):  # a table that is protected already stays so
            _apply(operation)
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO only_grows VALUES (1)")
        for change in ("UPDATE only_grows SET id = 2", "DELETE FROM only_grows"):
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(change)
        _apply(operation, back=True)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE only_grows SET id = 2")
            cursor.execute("SELECT id FROM only_grows")
            assert cursor.fetchall() == [(2,)]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE only_grows")
