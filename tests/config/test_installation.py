"""An empty installation begins; one for production does not start with what is for trying out."""

import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from audits.models import Audit
from customers.models import Customer
from lib import moment
from notices.models import Notice
from people.models import Unit, User
from tests.times import DAY
from tests.world import World


def test_log_in_goes_on_without_redis(world: World, settings: Any, client: Any) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "config.cache.SurvivingRedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
            "OPTIONS": {"socket_connect_timeout": 0.2},
        }
    }
    world.users["leader"].set_password("a long pass phrase")
    world.users["leader"].save()
    assert client.post(reverse("account_login"), {"login": "leader", "password": "falsch"}).status_code == 200
    assert (
        client.post(reverse("account_login"), {"login": "leader", "password": "a long pass phrase"}).status_code == 302
    )


def test_an_empty_installation_can_log_its_first_request(db: None) -> None:
    """No demo: an administrator and the pages are enough; each page says what is still missing."""
    from people.models import StandingRole

    people = {
        name: User.objects.create(username=name, name=name, email=f"{name}@example.invalid", level=5)
        for name in ("office", "market", "leader")
    }
    for name, role in (("office", "system_office"), ("market", "market"), ("leader", "leader")):
        StandingRole.objects.create(user=people[name], role=role)
    unit = Unit.objects.create(code="G", kind="group", name="集团")
    office, market = Client(), Client()
    office.force_login(people["office"], backend="django.contrib.auth.backends.ModelBackend")
    market.force_login(people["market"], backend="django.contrib.auth.backends.ModelBackend")
    assert office.get("/settings/").status_code == 200 and office.get("/settings/").context["missing"]
    assert market.get("/audits/new/").status_code == 200
    assert office.post("/settings/kinds/new/", {"code": "QSA", "name": "体系审核"}).status_code == 302
    row = {
        "lead_unit": unit.pk,
        "leader": people["leader"].pk,
        "leader_post": "经理",
        "order": 1,
        "valid_from": str(moment.today()),
    }
    assert office.post("/settings/matrix/new/", row).status_code == 302
    kind = office.get("/settings/kinds/").context["page"].rows[0]
    day = str(moment.today() + 9 * DAY)
    data = {"new_customer": "全新客户", "kind": kind.pk, "mode": "on_site", "planned_start": day, "planned_end": day}
    assert market.post("/audits/new/", data).status_code == 302
    audit, customer = Audit.objects.get(), Customer.objects.get()
    assert audit.customer == customer and customer.to_check and customer.name == "全新客户"
    assert Notice.objects.filter(kind="customer_new", recipient=people["office"]).exists()
    # The name once more, in whatever letters: the same customer.
    assert market.post("/audits/new/", data | {"new_customer": "全新客户"}).status_code == 302
    assert Customer.objects.count() == 1


def test_the_first_account_of_an_empty_installation_can_begin(db: None, client: Any) -> None:
    root = User.objects.create_superuser("root", "root@example.invalid", "first pass phrase 1")
    client.force_login(root, backend="django.contrib.auth.backends.ModelBackend")
    for path in (
        "/",
        "/settings/",
        "/settings/customers/new/",
        "/settings/matrix/",
        "/clocks/",
        "/admin/",
        "/admin/people/user/add/",
    ):
        assert client.get(path).status_code == 200, path
    answer = client.post("/settings/customers/new/", {"code": "CU", "name": "客户甲", "reception": "B"})
    assert answer.status_code == 302 and Customer.objects.get().code == "CU"


@pytest.mark.parametrize(
    ("name", "value"), [("DEBUG", "1"), ("DEMO", "1"), ("ALLOWED_HOSTS", "*"), ("SECRET_KEY", "a" * 44)]
)
def test_production_does_not_start_with_what_is_for_trying_out(name: str, value: str, tmp_path: Any) -> None:
    import os

    environment = {
        **os.environ,
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "DEBUG": "0",
        "DEMO": "0",
        "ALLOWED_HOSTS": "audits.example.invalid",
        "SECRET_KEY": "tX3v-9Qw_ZkLm2Rp7Bn5Yc8Df4Gh6Js1Ua0Ei" * 2,
        "VAR_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        name: value,
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=django_settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0 and name in done.stderr and "Traceback" not in done.stderr


def test_whoever_may_enter_a_missing_row_is_led_to_it(world: World, login: Any) -> None:
    """Accounts are linked for whoever keeps them, and named for everybody else."""
    User.objects.filter(username="admin").update(is_staff=True)
    link = f'href="{reverse("settings:table", args=["people"])}"'
    assert link in login("admin").get("/settings/").content.decode()
    assert link in login("office").get("/settings/").content.decode()
    assert link not in login("top").get("/settings/").content.decode()
