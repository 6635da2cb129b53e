"""Who operates is not who decides (domain §5.2): every way an administrator could try, and that each leaves a name."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.test import Client
from django.urls import reverse

from audits.models import Audit
from clocks.sweep import sweep
from closure.models import LedgerEntry
from findings.models import Finding
from lib import moment
from notices.models import Notice
from people.models import ApiToken, Deputy, StandingRole, User
from people.rules import acting_ids, roles_of
from tests.world import World


@pytest.fixture
def boss(world: World) -> Client:
    """The administrator with everything a database can give."""
    User.objects.filter(username="admin").update(is_superuser=True, is_staff=True)
    client = Client()
    client.force_login(world.user("admin"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def form_of(client: Client, url: str) -> dict[str, Any]:
    """What the page of the administration would send unchanged."""
    response = client.get(url)
    assert response.status_code == 200, url
    form = response.context["adminform"].form
    data = {}
    for name in form.fields:
        value = form[name].value()
        if value not in (None, False):
            data[name] = "on" if value is True else value
    for formset in response.context["inline_admin_formsets"]:
        for field in formset.formset.management_form:
            data[field.html_name] = field.value()
        for row in formset.forms:
            for field in row:
                if field.value() not in (None, ""):
                    data[field.html_name] = field.value()
    return data


def written(text: str) -> bool:
    """Whether the administration's log has such a line with the administrator's name."""
    return LogEntry.objects.filter(user__username="admin", change_message__icontains=text).exists()


def test_they_see_no_finding_no_audit_and_no_ledger(world: World, boss: Client, t0: Any) -> None:
    with moment.travel(t0):
        finding = world.finding("issued")
    sweep(now=t0 + timedelta(days=9))
    assert LedgerEntry.objects.exists()
    admin = world.user("admin")
    assert not Finding.objects.visible_to(admin).exists() and not Audit.objects.visible_to(admin).exists()
    assert not LedgerEntry.objects.visible_to(admin).exists()
    assert boss.get(finding.get_absolute_url()).status_code == 404
    assert finding.number not in boss.get("/closure/ledger/").content.decode()
    assert boss.get("/closure/ledger/export/").status_code == 200
    assert boss.get("/reports/").status_code == 403
    assert boss.get("/api/v1/ledger/").json()["results"] == []
    for move in ("issue", "withdraw", "reassign", "close", "decide_exemption", "change_manager"):
        assert boss.get(f"{finding.get_absolute_url()}moves/{move}/").status_code == 404


def test_the_administration_lists_no_record_no_token_and_no_second_factor(world: World, boss: Client) -> None:
    page = boss.get("/admin/").content.decode().lower()
    for name in (
        "token",
        "totp",
        "authenticator",
        "emailaddress",
        "deputy",
        "finding",
        "ledger",
        "auditevent",
        "submission",
    ):
        assert f"/{name}/" not in page, name
    for path in (
        "authtoken/tokenproxy/",
        "authtoken/token/",
        "mfa/authenticator/",
        "people/apitoken/",
        "people/deputy/",
        "account/emailaddress/",
        "findings/finding/",
        "closure/ledgerentry/",
    ):
        assert boss.get(f"/admin/{path}").status_code == 404, path


def test_they_set_nobodys_password(world: World, boss: Client) -> None:
    leader = world.users["leader"]
    url = reverse("admin:auth_user_password_change", args=[leader.pk])
    before = world.user("leader").password
    assert boss.get(url).status_code == 403
    data = {"password1": "a new long phrase", "password2": "a new long phrase", "usable_password": "true"}
    assert boss.post(url, data).status_code == 403
    assert world.user("leader").password == before


def test_they_give_themselves_no_role(world: World, boss: Client) -> None:
    me = world.users["admin"]
    url = reverse("admin:people_user_change", args=[me.pk])
    data = form_of(boss, url)
    prefix = next(name.rsplit("-", 1)[0] for name in data if name.endswith("TOTAL_FORMS"))
    count = int(data[f"{prefix}-TOTAL_FORMS"])
    data |= {f"{prefix}-TOTAL_FORMS": count + 1, f"{prefix}-{count}-role": "leader", f"{prefix}-{count}-user": me.pk}
    assert boss.post(url, data).status_code == 200
    assert set(StandingRole.objects.filter(user=me).values_list("role", flat=True)) == {"admin"}
    # And a row written past the form opens nothing.
    StandingRole.objects.create(user=me, role="leader")
    assert roles_of(world.user("admin")) == {"admin"}


def test_a_role_given_to_somebody_else_is_told_and_written_down(world: World, boss: Client) -> None:
    other = world.users["stranger"]
    url = reverse("admin:people_user_change", args=[other.pk])
    data = form_of(boss, url)
    prefix = next(name.rsplit("-", 1)[0] for name in data if name.endswith("TOTAL_FORMS"))
    data |= {f"{prefix}-TOTAL_FORMS": 1, f"{prefix}-0-role": "leader", f"{prefix}-0-user": other.pk}
    assert boss.post(url, data).status_code == 302
    told = Notice.objects.filter(kind="roles_changed").values_list("recipient__username", flat=True)
    assert {"process_owner", "stranger"} <= set(told)
    assert LogEntry.objects.filter(user__username="admin", object_id=str(other.pk)).exists()


def test_they_stand_in_for_nobody(world: World, boss: Client) -> None:
    data = {
        "form": "deputy",
        "principal": world.users["leader"].pk,
        "deputy": world.users["admin"].pk,
        "starts_on": str(moment.today()),
        "ends_on": str(moment.today() + timedelta(days=5)),
        "reason": "x",
    }
    assert boss.post("/profile/", data).status_code == 400 and not Deputy.objects.exists()
    # The Leader in person cannot let them either, and a row in the database opens nothing.
    client = Client()
    client.force_login(world.user("leader"), backend="django.contrib.auth.backends.ModelBackend")
    assert client.post("/profile/", data).status_code == 400 and not Deputy.objects.exists()
    today = moment.today()
    Deputy.objects.create(principal=world.users["leader"], deputy=world.users["admin"], starts_on=today, ends_on=today)
    assert acting_ids(world.user("admin")) == frozenset()


def test_a_superior_they_made_up_is_told_to_everybody_who_has_to_know(world: World, boss: Client) -> None:
    add = reverse("admin:people_user_add")
    answer = boss.post(
        add,
        {
            "username": "puppet",
            "name": "木偶",
            "email": "puppet@example.invalid",
            **{name: value for name, value in form_of(boss, add).items() if name.endswith("_FORMS")},
        },
    )
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    puppet = User.objects.get(username="puppet")
    assert not puppet.has_usable_password() and not puppet.email_confirmed
    # No invitation and no reset reaches an address that nobody confirmed.
    boss.post(reverse("admin:people_user_changelist"), {"action": "invite", "_selected_action": [puppet.pk]})
    Client().post(reverse("account_reset_password"), {"email": "puppet@example.invalid"})
    assert not [one for one in mail.outbox if "puppet@example.invalid" in one.to]
    url = reverse("admin:people_user_change", args=[world.users["leader"].pk])
    assert boss.post(url, form_of(boss, url) | {"superior": puppet.pk}).status_code == 302
    told = Notice.objects.filter(kind="superior_changed").values_list("recipient__username", flat=True)
    assert {"process_owner", "office", "leader"} <= set(told)


def test_an_address_they_change_resets_no_password(world: World, boss: Client) -> None:
    leader = world.users["leader"]
    url = reverse("admin:people_user_change", args=[leader.pk])
    assert boss.post(url, form_of(boss, url) | {"email": "mine@example.invalid"}).status_code == 302
    fresh = world.user("leader")
    assert fresh.email == "mine@example.invalid" and not fresh.email_confirmed
    assert written("mine@example.invalid")
    assert Notice.objects.filter(kind="address_changed", recipient=leader).exists()
    mail.outbox.clear()
    Client().post(reverse("account_reset_password"), {"email": "mine@example.invalid"})
    assert mail.outbox == []
    # The same through the page that mends addresses of undelivered mail.
    boss.post(reverse("clocks:mend_address", args=[world.users["owner"].pk]), {"email": "too@example.invalid"})
    assert not world.user("owner").email_confirmed or world.user("owner").email != "too@example.invalid"
    # And they confirm none of them.
    assert boss.post(reverse("people:confirm_address", args=["leader"])).status_code == 403
    assert not world.user("leader").email_confirmed


def test_they_make_no_token_for_anybody_and_read_none(world: World, boss: Client) -> None:
    boss.post(reverse("people:new_token"), {"name": "x", "scope": "act", "days": 30, "user": world.users["leader"].pk})
    assert set(ApiToken.objects.values_list("user__username", flat=True)) <= {"admin"}
    assert all(len(one.digest) == 64 for one in ApiToken.objects.all())


def test_a_second_factor_they_remove_is_told_and_written_down(world: World, boss: Client) -> None:
    leader = world.users["leader"]
    Authenticator.objects.create(user=leader, type=Authenticator.Type.TOTP, data={"secret": "x"})
    boss.post(
        reverse("admin:people_user_changelist"), {"action": "remove_second_factor", "_selected_action": [leader.pk]}
    )
    assert not Authenticator.objects.exists()
    assert written("second factor removed")
    assert Notice.objects.filter(kind="second_factor_removed", recipient=leader).exists()
    assert not world.user("leader").has_usable_password() or world.user("leader").password == leader.password


def test_they_hand_nothing_over_and_delete_nobody(world: World, boss: Client) -> None:
    world.finding("analysed")
    assert boss.get(reverse("people:handover", args=["closure"])).status_code == 403
    assert boss.get(reverse("admin:people_user_delete", args=[world.users["closure"].pk])).status_code == 403
    assert boss.get(reverse("people:index")).status_code == 403


def test_they_change_no_name_that_trails_know_somebody_by(world: World, boss: Client) -> None:
    leader = world.users["leader"]
    url = reverse("admin:people_user_change", args=[leader.pk])
    assert boss.post(url, form_of(boss, url) | {"username": "somebody"}).status_code == 302
    assert world.user("leader").username == "leader"


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/logout/"])
def test_there_is_one_log_in(path: str, client: Client, db: None) -> None:
    response = client.get(path)
    assert response.status_code in {302, 405}
    assert response.status_code == 405 or "login" in response.url
