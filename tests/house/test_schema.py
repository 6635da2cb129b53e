"""The API against its own description, as three people: no violation, no 5xx (bounded and seeded)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings as hypothesis_settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from people import tokens
from people.models import ApiToken
from tests.world import World

pytestmark = pytest.mark.django_db
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
#: Who sees much and decides, who answers, who sees next to nothing.
WHO = ("leader", "owner", "operator")
EXAMPLES = 6
#: Each of the moves: their forms are tried with worse in test_bad_input.
EXAMPLES_OF_A_MOVE = 1


@pytest.fixture(scope="session")
def described(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("schema") / "schema.json"
    call_command("spectacular", "--file", str(path), "--format", "openapi-json")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


@pytest.fixture
def whole_connection() -> Iterator[None]:
    """The WSGI handler would close the connection that the test's transaction lives on."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.usefixtures("whole_connection")
def test_the_api_is_what_its_description_says(who: str, world: World, described: dict[str, Any], settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    finding = world.finding("analysed")
    world.finding("issued", finding.audit)
    _token, key = tokens.make(world.user(who), name="schema", scope=ApiToken.Scope.WRITE, days=1)
    schema = schemathesis.openapi.from_dict(described)
    schema.app = get_wsgi_application()
    known = {"number": {finding.number, finding.audit.number}}
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        tried += _try(operation, key, finding, known)
    assert tried >= 30


def _try(operation: Any, key: str, finding: Any, known: Any) -> int:
    headers = {"Authorization": f"Token {key}"}
    number = finding.number if "finding" in operation.path else finding.audit.number

    @hypothesis_settings(
        max_examples=EXAMPLES_OF_A_MOVE if "/moves/" in operation.path else EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @_given(operation)
    def one(case: Any) -> None:
        if "number" in (case.path_parameters or {}):
            # Mostly a record that is there: nonsense in an address has a test of its own.
            case.path_parameters["number"] = number
        response = case.call(headers=headers, app=operation.schema.app)
        case.validate_response(response, checks=CHECKS)

    one()
    return 1


def _given(operation: Any) -> Any:
    from hypothesis import given

    return given(case=operation.as_strategy())
