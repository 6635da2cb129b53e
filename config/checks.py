"""Deploy checks: what would make a start in production unwise, each with what to do."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, Warning as Caution, register
from django.db import DatabaseError


@register(Tags.security, deploy=True)
def services(app_configs: Any, **kwargs: Any) -> list[Any]:
    """Production needs a shared broker and a database with row locks."""
    found: list[Any] = []
    if not settings.REDIS_URL:
        found.append(
            Error("REDIS_URL is empty.", hint="Several processes need one Redis; set REDIS_URL.", id="audit.E001")
        )
    if "sqlite" in settings.DATABASES["default"]["ENGINE"]:
        found.append(Error("The database is SQLite.", hint="Set DATABASE_URL to PostgreSQL.", id="audit.E002"))
    if settings.DEMO:
        found.append(Error("DEMO is on.", hint="Anyone could log in as anyone; unset DEMO.", id="audit.E003"))
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        found.append(Caution("E-mail goes to a file.", hint="Set EMAIL_HOST.", id="audit.W001"))
    return found


@register(Tags.database)
def policies(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[Any]:
    """Without a policy no clock can start."""
    from clocks.policy import Policy

    try:
        there = not databases or Policy.objects.exists()
    except DatabaseError:
        return []
    if there:
        return []
    return [Error("No clock policy exists.", hint="Run migrate, or enter one in the administration.", id="audit.E004")]
