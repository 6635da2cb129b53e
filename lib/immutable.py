"""Tables that only grow: database triggers that refuse to change or delete a row."""

from typing import Any

from django.db.migrations.operations import RunPython


def _statements(vendor: str, table: str) -> list[str]:
    if vendor == "postgresql":
        return [
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger AS "
            "$$ BEGIN RAISE EXCEPTION 'this table is append-only'; END $$ LANGUAGE plpgsql",
            f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}",
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        ]
    return [
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'this table is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ]


def _drops(vendor: str, table: str) -> list[str]:
    if vendor == "postgresql":
        return [f"DROP TRIGGER {table}_append_only ON {table}"]
    return [f"DROP TRIGGER {table}_no_update", f"DROP TRIGGER {table}_no_delete"]


def append_only(table: str) -> RunPython:
    """A migration operation that makes `table` append-only, with its reverse.

    To be repeated after every migration that changes the table's columns: SQLite then builds it anew, without its triggers.
    """

    def run(make: Any) -> Any:
        def operation(apps: Any, editor: Any) -> None:
            for statement in make(editor.connection.vendor, table):
                editor.execute(statement)

        return operation

    return RunPython(run(_statements), run(_drops))
