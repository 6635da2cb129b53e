"""Starting: settings from the environment, health, the demo's log-in, the set-up's sentences."""

import os
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse

from clocks.models import Heartbeat
from clocks.sweep import sweep
from lib import moment
from tests.world import World

ROOT = Path(settings.BASE_DIR)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "perhaps"),
        ("DATABASE_URL", "mysql://x"),
        ("REDIS_URL", "http://x"),
        ("TIME_ZONE", "Mars/Base"),
        ("EMAIL_PORT", "smtp"),
        ("EMAIL", "pigeon"),
        ("EVIDENCE_MAX_MB", "0"),
        ("SECRET_KEY", "short"),
        ("SWEEP_BATCH", "-1"),
    ],
)
def test_nonsense_in_a_setting_stops_the_start_with_a_sentence(name: str, value: str, tmp_path: Path) -> None:
    environment = {**os.environ, name: value, "VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert name in done.stderr and ".env.example" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_setting_is_documented() -> None:
    import re

    read = re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "config" / "settings.py").read_text())
    documented = (ROOT / ".env.example").read_text()
    assert [name for name in {*read, "DATABASE_URL", "REDIS_URL"} if f"{name}=" not in documented] == []


def test_health(client: Any, world: World, login: Any) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    sweep()
    assert client.get("/readyz").json() == {"ready": True}
    assert login("admin").get("/readyz").json()["sweep"] == "on time"
    Heartbeat.objects.update(at=moment.now() - timedelta(hours=1))
    late = login("admin").get("/readyz")
    assert (late.status_code, late.json()["sweep"]) == (503, "late")


def test_what_is_late_is_told_to_no_stranger(client: Any, world: World, login: Any, settings: Any) -> None:
    for asking in (client, login("leader")):
        assert asking.get("/readyz").json() == {"ready": False}
    settings.METRICS_TOKEN = "scraper"
    assert "lag_seconds" in client.get("/readyz", headers={"Authorization": "Bearer scraper"}).json()


def test_administrators_are_told_when_the_sweep_is_late(world: World, login: Any) -> None:
    assert "时钟巡检已延迟" in login("admin").get("/").content.decode()
    assert "时钟巡检已延迟" not in login("leader").get("/").content.decode()
    sweep()
    assert "时钟巡检已延迟" not in login("admin").get("/").content.decode()


def test_the_demo_log_in_exists_only_in_the_demo(client: Any, world: World, settings: Any) -> None:
    data = {"username": "leader"}
    assert client.post("/demo/login/", data).status_code == 404
    assert "演示" not in client.get(reverse("account_login")).content.decode()
    settings.DEMO = True
    page = client.get(reverse("account_login")).content.decode()
    assert "某leader" in page
    assert client.post("/demo/login/", data).status_code == 302
    assert client.get("/").status_code == 200


def test_nobody_signs_up(client: Any, db: None) -> None:
    page = client.get(reverse("account_signup"))
    assert "<form" not in page.content.decode().split("<main")[-1].split("</main")[0]
    client.post(
        reverse("account_signup"), {"username": "x", "password1": "abcdefgh12345", "password2": "abcdefgh12345"}
    )
    from people.models import User

    assert not User.objects.exists()


def test_log_in_by_name_and_password(client: Any, world: World) -> None:
    world.users["leader"].set_password("ein langes wort")
    world.users["leader"].save()
    assert client.post(reverse("account_login"), {"login": "leader", "password": "falsch"}).status_code == 200
    assert client.post(reverse("account_login"), {"login": "leader", "password": "ein langes wort"}).status_code == 302


def test_the_language_switch_is_kept(world: World, login: Any) -> None:
    client = login("leader")
    assert "我的工作" in client.get("/").content.decode()
    client.post(reverse("people:language"), {"language": "en", "next": "/audits/"})
    assert "My work" in client.get("/").content.decode()
    assert world.user("leader").language == "en"
    response = client.post(reverse("people:language"), {"language": "en", "next": "https://elsewhere.invalid/"})
    assert response.url == "/"


def test_an_occupied_port_is_named_with_its_cure() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "scripts/run.py"],
            cwd=ROOT,
            env={**os.environ, "PORT": port},
            capture_output=True,
            text=True,
        )
    assert done.returncode != 0
    assert f"Port {port} is occupied" in done.stderr and "PORT=" in done.stderr


def test_pages_forbid_inline_script_and_foreign_sources(world: World, login: Any) -> None:
    policy = login("leader").get("/")["Content-Security-Policy"]
    assert "unsafe-inline" not in policy and "default-src 'none'" in policy and "http" not in policy


def test_the_schema_is_complete(world: World, login: Any, client: Any) -> None:
    assert client.get("/api/schema/").status_code in {401, 403} and client.get("/api/docs/").status_code in {401, 403}
    client = login("operator")
    text = client.get("/api/schema/").content.decode()
    for path in (
        "/api/v1/audits/",
        "/api/v1/findings/{number}/moves/submit_containment/",
        "/api/v1/audits/{number}/moves/name_team/",
        "/api/v1/deadlines/",
        "/api/v1/ledger/",
        "/api/v1/reports/{period}/",
    ):
        assert path in text
    assert client.get("/api/docs/").status_code == 200


def test_a_token_opens_the_api(world: World, login: Any, client: Any) -> None:
    world.users["owner"].set_password("a long pass phrase")
    world.users["owner"].save()
    data = {"name": "报表程序", "scope": "read", "days": 30}
    page = login("owner").post(reverse("people:new_token"), data).content.decode()
    token = page.split("<code>")[1].split("</code>")[0]
    response = client.get("/api/v1/findings/", headers={"Authorization": f"Token {token}"})
    assert response.status_code == 200
    assert client.get("/api/v1/findings/", headers={"Authorization": "Token nope"}).status_code == 401


def test_data_of_an_earlier_version_are_set_aside_and_explained(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    """Migrations that are gone: the folder is kept beside. The same, unbegun and foreign migrations are left alone."""
    import sqlite3

    from scripts import run

    monkeypatch.setattr(run, "VAR", tmp_path / "var")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    for applied, kept in (
        ([("findings", "0001_initial"), ("account", "0099_other")], False),
        ([("findings", "0010_trust")], True),
    ):
        run.VAR.mkdir(exist_ok=True)
        with sqlite3.connect(run.VAR / "db.sqlite3") as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS django_migrations (app, name)")
            connection.executemany("INSERT INTO django_migrations VALUES (?, ?)", applied)
        connection.close()
        run.set_aside()
        beside = list(tmp_path.glob("var.before-*/db.sqlite3"))
        assert bool(beside) is kept and (run.VAR / "db.sqlite3").exists() is not kept
    assert "earlier version" in capsys.readouterr().out
    run.set_aside()
