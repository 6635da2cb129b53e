"""The product behind its own nginx, on PostgreSQL and a Redis that is stopped and started: as production runs it."""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.conf import settings

from tests.world import photo

ROOT = Path(settings.BASE_DIR)
PASSWORD = "a long pass phrase 2485"
SERVICES = os.environ.get("SERVICES") == "1"
pytestmark = pytest.mark.skipif(not SERVICES, reason="needs PostgreSQL and Redis: run make test-services")
PREPARE = f"""
from people.models import *
from audits.models import *
unit = Unit.objects.create(code="G", kind="group", name="集团")
for name, role, level in (("market", "market", 5), ("leader", "leader", 5), ("other", "market", 5)):
    user = User.objects.create(username=name, name=name, unit=unit, level=level, email=name + "@example.invalid")
    user.set_password("{PASSWORD}"); user.save()
    StandingRole.objects.create(user=user, role=role)
Customer.objects.create(code="CU", name="客户")
AuditKind.objects.create(code="QSA", name="体系审核")
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"nothing answers at {port}")


class House:
    """PostgreSQL database, Redis, gunicorn twice (plain and HTTPS=1), nginx with the shipped file, and a proxy in front."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.running = folder, list[subprocess.Popen[bytes]]()
        self.redis_port, self.plain_web, self.secure_web = free_port(), free_port(), free_port()
        self.plain, self.secure, self.front = free_port(), free_port(), free_port()
        self.redis: subprocess.Popen[bytes] | None = None
        self.database = f"house_{secrets.token_hex(4)}"

    def environment(self, **more: str) -> dict[str, str]:
        given = urlsplit(os.environ["DATABASE_URL"])
        return {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "SECRET_KEY": secrets.token_urlsafe(60),
            "DATABASE_URL": given._replace(path=f"/{self.database}").geturl(),
            "REDIS_URL": f"redis://127.0.0.1:{self.redis_port}/0",
            "ALLOWED_HOSTS": "127.0.0.1,localhost,audits.example.invalid",
            "VAR_DIR": str(self.folder),
            "ACCEL_PREFIX": "/protected/",
            "DEMO": "0",
            "DEBUG": "0",
            "HTTPS": "0",
            "SITE_URL": "https://audits.example.invalid",
            "EMAIL_HOST": "127.0.0.1",
            "TRUSTED_PROXIES": "1",
            "CSRF_TRUSTED_ORIGINS": "https://audits.example.invalid",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            **more,
        }

    def sql(self, statement: str) -> None:
        import psycopg2

        connection = psycopg2.connect(os.environ["DATABASE_URL"].replace("postgres://", "postgresql://"))
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()

    def start(self, command: list[str], environment: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
        log = (self.folder / f"log-{len(self.running)}.txt").open("wb")
        started = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
        self.running.append(started)
        return started

    def start_redis(self) -> None:
        self.redis = self.start(
            ["redis-server", "--port", str(self.redis_port), "--save", "", "--dir", str(self.folder)]
        )
        wait_for(self.redis_port)

    def stop_redis(self) -> None:
        assert self.redis is not None
        self.redis.terminate()
        self.redis.wait(20)

    def build(self) -> None:
        self.sql(f"CREATE DATABASE {self.database}")
        self.start_redis()
        plain = self.environment()
        manage = [sys.executable, "manage.py"]
        for arguments in (["migrate", "-v0"], ["collectstatic", "--noinput", "-v0"], ["shell", "-v0", "-c", PREPARE]):
            done = subprocess.run(
                [*manage, *arguments], cwd=ROOT, env=plain, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr[-2000:]
        secure = {**plain, "HTTPS": "1", "TRUSTED_PROXIES": "2"}
        for port, environment in ((self.plain_web, plain), (self.secure_web, secure)):
            self.start(
                [
                    sys.executable,
                    "-m",
                    "gunicorn",
                    "config.wsgi",
                    "--bind",
                    f"127.0.0.1:{port}",
                    "-w",
                    "1",
                    "-k",
                    "gthread",
                    "--threads",
                    "4",
                ],
                environment,
            )
        self.start(["nginx", "-c", str(self.nginx()), "-g", "daemon off;"])
        for port in (self.plain_web, self.secure_web, self.plain, self.secure, self.front):
            wait_for(port)

    def shipped(self, port: int, web: int) -> str:
        """docker/nginx.conf as it is shipped, but for where things are on this machine."""
        text = (ROOT / "docker" / "nginx.conf").read_text()
        text = re.sub(r"resolver .*?;", "", text)
        changed = text.replace("listen 80;", f"listen 127.0.0.1:{port};").replace(
            "http://web:8000", f"http://127.0.0.1:{web}"
        )
        return changed.replace("/data/", f"{self.folder}/")

    def nginx(self) -> Path:
        servers = self.shipped(self.plain, self.plain_web)
        secure = self.shipped(self.secure, self.secure_web)
        servers += secure[secure.index("server {") :]
        servers += f"""
server {{
    listen 127.0.0.1:{self.front};
    client_max_body_size 220m;
    location / {{
        proxy_pass http://127.0.0.1:{self.secure};
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto https;
    }}
}}
"""
        path = self.folder / "nginx.conf"
        temporary = "".join(
            f"{name}_temp_path {self.folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = "user root;" if os.getuid() == 0 else ""
        path.write_text(
            f"{user}\nworker_processes 1;\npid {self.folder}/nginx.pid;\nerror_log {self.folder}/error.log;\n"
            f"events {{ worker_connections 64; }}\nhttp {{\ninclude /etc/nginx/mime.types;\naccess_log off;\n{temporary}{servers}\n}}\n"
        )
        return path

    def end(self) -> None:
        for one in reversed(self.running):
            if one.poll() is None:
                os.killpg(one.pid, signal.SIGTERM)
        for one in self.running:
            try:
                one.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(one.pid, signal.SIGKILL)
        self.sql(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    for program in ("nginx", "redis-server"):
        if shutil.which(program) is None:
            if os.environ.get("CI"):
                pytest.fail(f"{program} is missing, and in CI this test may not be skipped")
            pytest.skip(f"{program} is not installed: install the system package {program}")
    built = House(tmp_path_factory.mktemp("house"))
    try:
        built.build()
        yield built
    finally:
        built.end()


class Visitor:
    """A browser without script: keeps cookies, sends the token of the form."""

    def __init__(self, port: int, **headers: str) -> None:
        self.base, self.session = f"http://127.0.0.1:{port}", requests.Session()
        self.session.headers.update(headers)

    def get(self, path: str, **given: Any) -> requests.Response:
        return self.session.get(self.base + path, timeout=30, allow_redirects=False, **given)

    def post(self, page: str, data: dict[str, Any], **given: Any) -> requests.Response:
        form = self.get(page)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.text)
        assert token, form.status_code
        # Cookies that only travel over HTTPS are handed on here as the proxy in front would.
        cookies = {one.name: one.value or "" for one in self.session.cookies}
        headers = {"Referer": "https://audits.example.invalid" + page} if "Host" in self.session.headers else {}
        return self.session.post(
            self.base + page,
            data=data | {"csrfmiddlewaretoken": token[1]},
            timeout=30,
            allow_redirects=False,
            cookies=cookies,
            headers=headers,
            **given,
        )

    def log_in(self, name: str, password: str = PASSWORD) -> requests.Response:
        return self.post("/accounts/login/", {"login": name, "password": password})


def test_log_in_upload_and_protected_download(house: House) -> None:
    visitor = Visitor(house.plain)
    assert visitor.get("/").status_code == 302
    assert visitor.log_in("market").status_code == 302
    assert visitor.get("/").status_code == 200
    style = re.search(r'href="(/static/[^"]+\.css)"', visitor.get("/").text)
    assert style and visitor.get(style[1]).status_code == 200
    assert "immutable" in visitor.get(style[1]).headers["Cache-Control"]
    day = "2027-03-01"
    page = visitor.get("/audits/new/").text
    customer = re.search(r'<option value="(\d+)"[^>]*>客户', page)
    kind = re.search(r'<option value="(\d+)"[^>]*>体系审核', page)
    assert customer and kind
    data = {"customer": customer[1], "kind": kind[1], "mode": "on_site", "planned_start": day, "planned_end": day}
    answer = visitor.post("/audits/new/", data, files={"notice_file": ("通知.png", photo().read(), "image/png")})
    assert answer.status_code == 302, answer.text[-1500:]
    where = urlsplit(answer.headers["Location"]).path
    link = re.search(r'href="(/files/[\w-]+/)', visitor.get(where).text)
    assert link
    file = visitor.get(link[1])
    assert file.status_code == 200 and file.content.startswith(b"\x89PNG")
    assert file.headers["Content-Type"] == "image/png" and "X-Accel-Redirect" not in file.headers
    # The same file without a session, and its place in the storage, are closed.
    assert Visitor(house.plain).get(link[1]).status_code == 302
    stored = next((house.folder / "media").rglob("*.png"))
    assert visitor.get(f"/protected/{stored.relative_to(house.folder / 'media')}").status_code == 404
    assert visitor.get("/media/" + str(stored.relative_to(house.folder / "media"))).status_code == 404


def test_https_with_a_proxy_in_front_does_not_loop(house: House) -> None:
    """HTTPS=1: plain requests are sent to https once, and what the proxy in front says it took over https is answered."""
    assert Visitor(house.secure).get("/accounts/login/").status_code == 301
    visitor = Visitor(house.front, Host="audits.example.invalid")
    page = visitor.get("/accounts/login/")
    assert page.status_code == 200 and "Secure" in page.headers["Set-Cookie"]
    assert "max-age" in page.headers["Strict-Transport-Security"]
    answer = visitor.log_in("leader")
    assert answer.status_code == 302 and not answer.headers["Location"].startswith("/accounts/login")


def test_wrong_passwords_lock_out_whoever_gives_them_and_nobody_else(house: House) -> None:
    """Everybody comes through the same proxies; the limits count the address in front of them."""
    attacker = Visitor(house.plain, **{"X-Forwarded-For": "198.51.100.7"})
    for _n in range(8):
        attacker.log_in("other", "wrong")
    assert attacker.log_in("other").status_code != 302
    # Another person from the same network is let in, and so is the same person's colleague.
    assert Visitor(house.plain).log_in("market").status_code == 302
    # A header that somebody writes themselves changes nothing: nginx puts the true address last.
    forged = Visitor(house.plain, **{"X-Forwarded-For": "203.0.113.9"})
    assert forged.log_in("other").status_code != 302


def test_31_people_log_in_within_a_minute(house: House) -> None:
    assert [Visitor(house.plain).log_in("market").status_code for _n in range(31)] == [302] * 31


def test_redis_may_go_and_come_back(house: House) -> None:
    visitor = Visitor(house.plain)
    assert visitor.log_in("market").status_code == 302
    house.stop_redis()
    try:
        assert visitor.get("/").status_code == 200
        assert Visitor(house.plain).log_in("leader").status_code == 302
        assert visitor.get("/readyz").status_code in {200, 503}
    finally:
        house.start_redis()
    assert Visitor(house.plain).log_in("leader").status_code == 302
