"""Queries that run every minute: Django builds their SQL once a process, each run only fills in the parameters."""

import json
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Expression, F, Field, Func, QuerySet


class Given(Expression):
    """A parameter, named; its field says how the database takes it."""

    def __init__(self, name: str, field: "Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def prepared(self, value: Any) -> Any:
        return self.output_field.get_db_prep_value(value, connection)


class Among(Func):
    """A condition: the id in `column` is one of those given under `name`, however many."""

    def __init__(self, column: str, name: str) -> None:
        super().__init__(F(column), output_field=BooleanField())
        self.name = name

    def as_sql(self, compiler: Any, connection: Any, **_extra: Any) -> Any:  # type: ignore[override]
        column, _params = compiler.compile(self.source_expressions[0])
        if connection.vendor == "postgresql":
            return f"{column} = ANY(%s::bigint[])", [self]
        return f"{column} IN (SELECT value FROM json_each(%s))", [self]

    def prepared(self, value: Any) -> Any:
        ids = list(value)
        return ids if connection.vendor == "postgresql" else json.dumps(ids)


class Prepared:
    """A query of plain tuples (`values_list`), built by `build` at the first run."""

    def __init__(self, build: Callable[[], "QuerySet[Any, Any]"]) -> None:
        self._build = build
        self._compiler: Any = None
        self._sql = ""
        self._params: tuple[Any, ...] = ()

    def rows(self, **given: Any) -> list[tuple[Any, ...]]:
        """What the query finds with these values for its parameters. Raises KeyError for one not given."""
        if self._compiler is None:
            compiler = self._build().query.get_compiler(connection=connection)
            self._sql, self._params = compiler.as_sql()
            self._compiler = compiler
        params = [
            param.prepared(given[param.name]) if isinstance(param, Given | Among) else param for param in self._params
        ]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, params)
            found = cursor.fetchall()
        return list(self._compiler.results_iter([found], tuple_expected=True))
