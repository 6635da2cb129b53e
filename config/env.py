"""Reading settings from the environment: a wrong value stops the start with one sentence."""

import os
from collections.abc import Callable
from typing import TypeVar
from zoneinfo import ZoneInfo

import environ

T = TypeVar("T")

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def _read(name: str, default: str, parse: Callable[[str], T], expected: str) -> T:
    raw = os.environ.get(name, default).strip()
    try:
        return parse(raw)
    except (ValueError, KeyError, OSError) as error:
        raise SystemExit(f"{name}={raw!r} is not usable: expected {expected}. See .env.example.") from error


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def boolean(name: str, default: bool) -> bool:
    def parse(raw: str) -> bool:
        lowered = raw.lower()
        if lowered in TRUE:
            return True
        if lowered in FALSE:
            return False
        raise ValueError(raw)

    return _read(name, "1" if default else "0", parse, "1 or 0")


def integer(name: str, default: int, *, low: int, high: int) -> int:
    def parse(raw: str) -> int:
        number = int(raw)
        if not low <= number <= high:
            raise ValueError(raw)
        return number

    return _read(name, str(default), parse, f"a whole number from {low} to {high}")


def words(name: str, default: str) -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def zone(name: str, default: str) -> str:
    return _read(name, default, lambda raw: ZoneInfo(raw).key, "a time zone such as Asia/Shanghai")


def _url(name: str, schemes: tuple[str, ...]) -> str:
    def parse(raw: str) -> str:
        if raw and raw.split(":", 1)[0] not in schemes:
            raise ValueError(raw)
        return raw

    return _read(name, "", parse, "a URL starting with " + " or ".join(f"{scheme}:" for scheme in schemes))


def database_url(name: str = "DATABASE_URL") -> dict[str, object] | None:
    """The database as Django wants it, or None when the embedded one is to be used."""
    raw = _url(name, ("postgres", "postgresql", "sqlite"))
    if not raw:
        return None
    return _read(name, raw, lambda value: dict(environ.Env.db_url_config(value)), "a database URL")


def redis_url(name: str = "REDIS_URL") -> str:
    """A redis://, rediss:// or unix:// URL, or "" when the embedded broker is to be used."""
    return _url(name, ("redis", "rediss", "unix"))


def media_storage() -> dict[str, object]:
    """Where files are kept: in a bucket where S3_BUCKET names one, else on the disk, as an entry of STORAGES.

    Raises SystemExit when a bucket is named without what opens it.
    """
    bucket = text("S3_BUCKET")
    if not bucket:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    if not (text("S3_ACCESS_KEY") and text("S3_SECRET_KEY")):
        raise SystemExit("S3_BUCKET needs S3_ACCESS_KEY and S3_SECRET_KEY. See .env.example.")
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": text("S3_ENDPOINT") or None,
            "region_name": text("S3_REGION") or "us-east-1",
            "access_key": text("S3_ACCESS_KEY"),
            "secret_key": text("S3_SECRET_KEY"),
            "addressing_style": "path",
            "signature_version": "s3v4",
            # Nobody but the product reads the bucket, and nothing in it is ever written over.
            "default_acl": None,
            "file_overwrite": False,
        },
    }


#: A key this long may still be worth nothing: fewer different characters than this is no random text.
LEAST_SIGNS = 12


def refuse_in_production(engine: str, *, debug: bool, demo: bool, hosts: list[str], key: str) -> None:
    """With a real database behind it the product does not start with settings that are for trying it out.

    Raises SystemExit with one sentence for each.
    """
    if "postgresql" not in engine:
        return
    wrong = [
        sentence
        for bad, sentence in (
            (debug, "DEBUG=1 shows passwords and data on error pages: set DEBUG=0."),
            (demo, "DEMO=1 lets anyone log in as anyone: set DEMO=0, or unset DATABASE_URL to try the demo."),
            ("*" in hosts, "ALLOWED_HOSTS=* serves any name: give the names people type."),
            (
                len(set(key)) < LEAST_SIGNS,
                "SECRET_KEY is not random: make one with python -c 'import secrets; print(secrets.token_urlsafe(60))'.",
            ),
        )
        if bad
    ]
    if wrong:
        raise SystemExit("\n".join([*wrong, "See .env.example."]))
