"""Fixtures shared by all tests."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import translation
from rest_framework.test import APIClient

pytest.register_assert_rewrite("tests.browser", "tests.world")

from tests.defaults import load_policies  # noqa: E402
from tests.world import World, build  # noqa: E402


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """SQLite empties tables by deleting rows between tests, which the append-only triggers would refuse."""
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                for table in ("audits_auditevent", "findings_findingevent"):
                    cursor.execute(f"DROP TRIGGER {table}_no_delete")


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    """Tests read the product in its first language unless they say otherwise."""
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def world(db: None) -> World:
    """The small group; a test that empties the tables took the default policies with it, so they are put back."""
    load_policies()
    return build()


@pytest.fixture
def t0() -> datetime:
    """A Friday, 18:00 in Shanghai."""
    return datetime(2026, 3, 6, 10, 0, tzinfo=UTC)


@pytest.fixture
def login(world: World) -> Callable[[str], Client]:
    def as_person(name: str) -> Client:
        client = Client()
        client.force_login(world.users[name], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return as_person


@pytest.fixture
def api(world: World) -> Callable[[str], APIClient]:
    def as_person(name: str) -> APIClient:
        client = APIClient()
        client.force_authenticate(world.user(name))
        return client

    return as_person


def chromium() -> str | None:
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    return found if found and Path(found).exists() else None


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    path = chromium()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing, and in CI no browser test may be skipped")
        pytest.skip("Chromium is not installed: install the system package chromium to run the browser tests")
    arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
    return {**browser_type_launch_args, "executable_path": path, "args": arguments}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    from reports.fonts import write_conf

    write_conf()
    os.environ["FONTCONFIG_FILE"] = str(settings.FONTS_CONF)
    return {**browser_context_args, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}
