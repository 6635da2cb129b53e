"""One own field for each kind of value, and hostile values at every form, filter, list and address: 400 or 404, never 500."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from audits.models import Audit
from customers.models import Customer
from findings.models import Finding
from lib import fields, moment
from tests.hostile import HOSTILE
from tests.world import World, photo

OURS = tuple(settings.OWN_APPS)
#: Django's own fields that say nothing about text, days or files may be used as they are.
RAW = (forms.CharField, forms.DateField, forms.DateTimeField, forms.FileField)
ALLOWED = (
    fields.TextField,
    fields.DateField,
    fields.DateTimeField,
    fields.FilesField,
    fields.RowField,
    forms.EmailField,
    forms.UUIDField,
    fields.RowsField,
)


def form_classes() -> Iterator[type[forms.BaseForm]]:
    seen: set[type] = set()
    for app in OURS:
        package = importlib.import_module(app)
        for module in pkgutil.walk_packages(package.__path__, f"{app}."):
            # Pages of the administration get their fields when they are shown: the next test.
            if any(part in module.name for part in (".migrations", ".management", ".admin")):
                continue
            for _name, found in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
                if issubclass(found, forms.BaseForm) and found.__module__.split(".")[0] in OURS and found not in seen:
                    seen.add(found)
                    yield found


def test_every_form_uses_the_products_own_fields() -> None:
    raw = []
    for form in form_classes():
        for name, field in {**getattr(form, "declared_fields", {}), **form.base_fields}.items():
            if isinstance(field, RAW) and not isinstance(field, ALLOWED):
                raw.append(f"{form.__module__}.{form.__qualname__}.{name}: {type(field).__name__}")
    assert raw == []


def test_the_administration_uses_them_too(world: World, login: Any) -> None:
    from django.contrib import admin

    raw = []
    request: Any = type("Request", (), {"user": world.users["admin"], "GET": {}, "resolver_match": None})()
    world.users["admin"].is_superuser = world.users["admin"].is_staff = True
    for model, page in admin.site._registry.items():
        if model._meta.app_label not in OURS:
            continue
        for name, field in page.get_form(request).base_fields.items():
            if (
                isinstance(field, forms.CharField | forms.DateField)
                and not isinstance(field, fields.TextField | fields.DateField | forms.EmailField)
                and type(field) in RAW
            ):
                raw.append(f"{model.__name__}.{name}: {type(field).__name__}")
    assert raw == []


@pytest.mark.parametrize("given", ["0001-01-01", "1999-12-31", "2101-01-01", "9999-12-31", "0026-05-01"])
def test_no_date_lies_beyond_reach(given: str) -> None:
    with pytest.raises(ValidationError):
        fields.DateField().clean(given)
    with pytest.raises(ValidationError):
        fields.DateTimeField().clean(f"{given}T00:00")


def test_a_date_is_held_to_what_makes_sense_for_it() -> None:
    field = fields.DateField(earliest=lambda: date(2026, 5, 1), latest=lambda: date(2026, 5, 31))
    assert field.clean("2026-05-31") == date(2026, 5, 31)
    for given in ("2026-04-30", "2026-06-01"):
        with pytest.raises(ValidationError):
            field.clean(given)


@pytest.mark.parametrize("sign", ["\x00", "\ufffe", "\uffff", "\ud83d", "\x07", "\x1f"])
def test_what_cannot_be_printed_is_refused_with_its_place(sign: str) -> None:
    with pytest.raises(ValidationError) as refused:
        fields.TextField().clean(f"ab{sign}c")
    assert "3" in refused.value.messages[0]


@pytest.mark.parametrize("sign", ["\x0b", "\x0c", "\u2028", "\r\n", "\x85"])
def test_every_kind_of_line_break_is_a_line_break(sign: str) -> None:
    assert fields.TextField(widget=fields.area()).clean(f"a{sign}b") == "a\nb"


def test_a_required_list_of_files_is_required() -> None:
    with pytest.raises(ValidationError):
        fields.FilesField(required=True).clean([])
    assert fields.FilesField(required=False).clean([]) == []
    assert len(fields.FilesField(required=True).clean([photo()])) == 1


# Hostile values ---------------------------------------------------------------------------------------------------


FORMS: dict[str, tuple[str, str]] = {
    # address: who, and a field that every refusal has to name is not asked here: only that it is a sentence and nothing is kept
    "/audits/new/": ("market", "POST"),
    "/audits/lead/": ("market", "POST"),
    "/profile/": ("owner", "POST"),
    "/profile/tokens/": ("owner", "POST"),
    "/settings/customers/new/": ("office", "POST"),
    "/settings/kinds/new/": ("office", "POST"),
    "/settings/matrix/new/": ("office", "POST"),
    "/people/escort/handover/": ("office", "POST"),
    "/findings/new/{audit}/": ("escort", "POST"),
    "/audits/{audit}/files/": ("escort", "POST"),
    "/findings/{finding}/evidence/": ("owner", "POST"),
}


@pytest.mark.parametrize("pattern", FORMS)
def test_hostile_values_in_every_other_form(pattern: str, world: World, login: Any) -> None:
    finding = world.finding("issued")
    url, client = pattern.format(audit=finding.audit.number, finding=finding.number), login(FORMS[pattern][0])
    names = {
        "customer",
        "new_customer",
        "customer_name",
        "note",
        "kind",
        "mode",
        "sites",
        "planned_start",
        "planned_end",
        "received_at",
        "scope",
        "agenda",
        "headcount",
        "checklist",
        "checklist_follow_up",
        "auditors",
        "documents",
        "name",
        "name_en",
        "code",
        "email",
        "password",
        "phone",
        "language",
        "quiet_from",
        "quiet_to",
        "days",
        "principal",
        "deputy",
        "starts_on",
        "ends_on",
        "reason",
        "site",
        "what",
        "grade",
        "source",
        "owner",
        "closure_manager",
        "customer_due_on",
        "repeat_of",
        "caption",
        "purpose",
        "action",
        "lead_unit",
        "leader",
        "leader_post",
        "order",
        "valid_from",
        "reception",
        "contain_hours",
        "close_days",
        "to_leader",
        "to_lead_escort",
    }
    for value in HOSTILE:
        for form in ("", "deputy"):
            data = dict.fromkeys(names, value) | ({"form": form} if form else {})
            status = client.post(url, data).status_code
            assert status in {200, 302, 400, 404}, (value[:20], status)


def test_every_text_that_was_taken_can_be_exported(world: World, login: Any) -> None:
    """Signs of other scripts, emoji, formulas, line breaks: what gets in comes out in every sheet as it was."""
    audit = world.audit("on_site")
    for what in ("=1+1", "-5 pcs", "'q", "喷涂💣厚度", "a\nb", '<60%RH & "x"', "١٢٣", "e\u0301"):
        form = {"site": world.sites["A"].pk, "what": what, "grade": "minor", "source": "on_site"}
        assert login("escort").post(reverse("findings:new", args=[audit.number]), form).status_code == 302, what
    sheet = load_workbook(BytesIO(login("leader").get("/findings/export/").content)).active
    written = {row[4] for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert written == set(Finding.objects.values_list("what", flat=True)) and len(written) == 8


def test_a_future_month_is_not_there(world: World, login: Any, api: Any) -> None:
    from reports.periods import Period

    coming = str(Period.current().next)
    assert login("leader").get(f"/reports/{coming}/").status_code == 404
    assert api("leader").get(f"/api/v1/reports/{coming}/").status_code == 404
    assert "→" not in str(login("leader").get(f"/reports/{Period.current()}/").context.get("next", ""))


def test_a_plan_in_the_past_is_refused_unless_back_filled(world: World, login: Any) -> None:
    client, yesterday = login("market"), moment.today() - timedelta(days=3)
    data = {
        "customer": world.customer.pk,
        "kind": world.kind.pk,
        "mode": "on_site",
        "planned_start": str(yesterday),
        "planned_end": str(yesterday),
        "sites": [world.sites["A"].pk],
    }
    assert client.post(reverse("audits:new"), data).status_code == 400 and not Audit.objects.exists()
    received = datetime.combine(yesterday - timedelta(days=1), datetime.min.time())
    assert client.post(reverse("audits:new"), data | {"received_at": f"{received:%Y-%m-%dT%H:%M}"}).status_code == 302
    assert Audit.objects.get().first_planned_start == yesterday


def test_nested_json_and_bad_bodies_are_refused(world: World, api: Any) -> None:
    finding = world.finding("issued")
    url = f"/api/v1/findings/{finding.number}/moves/submit_containment/"
    for body in ("[" * 100_000 + "]" * 100_000, '{"a": ' * 5000 + "1" + "}" * 5000, '{"\\ud83d": 1}', "\ufffe", "{"):
        response = api("owner").post(url, body, content_type="application/json")
        assert response.status_code == 400, body[:20]
    assert api("owner").get("/api/v1/findings/?cursor=cD1hYmM%3D").status_code == 404


def test_a_stranger_sees_no_trace_of_these(db: None) -> None:
    client = Client()
    for url in ("/findings/%00/", "/accounts/login/?next=%00"):
        assert client.get(url).status_code in {200, 302, 404}
    assert not Customer.objects.exists()
    assert {app for app in OURS if apps.is_installed(app)} == set(OURS)
