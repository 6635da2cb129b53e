"""What the tests of the house share."""

import pytest
from django.db import connection

from tests.defaults import load_policies
from tests.world import World, build


@pytest.fixture
def group(transactional_db: None) -> World:
    if connection.vendor != "postgresql":
        pytest.skip("row locks exist on PostgreSQL only: run make test-services")
    load_policies()
    return build()
