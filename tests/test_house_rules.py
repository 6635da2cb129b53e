"""Faults that use and attack once found, each with the right value, through page and API where both exist."""

import io
import subprocess
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation
from PIL import Image

from audits import actions as audit_actions
from audits.models import Audit, Customer
from audits.plan import month_of, rows as plan_rows
from closure.sweep import sweep
from findings.models import Finding
from findings.states import Step
from notices.actions import tell
from notices.delivery import deliver
from notices.models import Notice
from notices.text import lines
from people import tokens
from people.models import ApiToken, Unit, User
from tests.world import World, photo
from workflow import moment, pictures
from workflow.errors import GateClosed
from workflow.storage import store

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


# A. Nobody can work, or everybody stops --------------------------------------------------------------------------------


def test_a_unit_below_its_own_child_is_refused_and_a_loop_ends(world: World, t0: datetime) -> None:
    factory, branch = world.units["F1"], world.units["C1"]
    branch.parent = world.units["F1D"]
    with pytest.raises(ValidationError):
        branch.full_clean()
    Unit.objects.filter(pk=branch.pk).update(parent=factory)
    Unit.objects.filter(pk=factory.pk).update(parent=branch)
    User.objects.filter(username__in=["owner", "superior"]).update(superior=None)
    with moment.travel(t0):
        finding = world.finding("issued")
    sweep(now=t0 + 30 * DAY)
    assert Notice.objects.filter(kind="clock", facts__number=finding.number).exists()


def test_people_who_report_to_each_other_in_a_loop_are_refused(world: World) -> None:
    top = world.users["top"]
    top.superior = world.users["leader"]
    with pytest.raises(ValidationError):
        top.full_clean()


@pytest.mark.parametrize("name", ["Asia/Peking", "Mars/Base", "", "localtime", "Factory"])
def test_an_unknown_zone_is_refused_at_entry(name: str, world: World) -> None:
    unit = world.units["F1"]
    unit.time_zone = name
    if name:
        with pytest.raises(ValidationError):
            unit.full_clean()


def test_a_bad_zone_in_the_database_stops_nobody_elses_mail(world: World, mailoutbox: list[Any]) -> None:
    Unit.objects.filter(code="F1D").update(time_zone="Asia/Peking")
    User.objects.filter(username="owner").update(quiet_from=time(0), quiet_to=time(23, 59))
    tell([world.users["owner"], world.users["leader"]], "finding_action", "k", facts={"number": "N", "what": "x"})
    deliver()
    assert "leader@example.invalid" in {address for one in mailoutbox for address in one.to}
    assert world.finding("issued").state == "issued"


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


# C. Doors beside the door ----------------------------------------------------------------------------------------------


def test_a_token_ends_with_the_password_with_its_day_and_by_hand(world: World, client: Any, login: Any) -> None:
    owner = world.user("owner")
    ask = lambda key: client.get("/api/v1/findings/", headers={"Authorization": f"Token {key}"}).status_code  # noqa: E731
    token, key = tokens.make(owner, name="x", scope=ApiToken.Scope.READ, days=1)
    assert ask(key) == 200 and key not in str(vars(token))
    finding = world.finding("issued")
    url = f"/api/v1/findings/{finding.number}/moves/submit_containment/"
    assert client.post(url, {}, headers={"Authorization": f"Token {key}"}).status_code == 403
    with moment.travel(moment.now() + 2 * DAY):
        assert ask(key) == 401
    owner.set_password("another long pass phrase")
    owner.save()
    assert ask(key) == 401
    _token, second = tokens.make(world.user("owner"), name="y", scope=ApiToken.Scope.READ, days=1)
    assert ask(second) == 200
    own = Client()
    own.force_login(world.user("owner"), backend="django.contrib.auth.backends.ModelBackend")
    own.post(reverse("people:end_token", args=[ApiToken.objects.get(name="y").pk]))
    assert ask(second) == 401


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


def shot_in(place: bool = True) -> SimpleUploadedFile:
    exif = Image.Exif()
    exif[0x010F], exif[0x0132] = "Camera maker", "2026:03:06 10:00:00"
    exif.get_ifd(0x8769)[0x9003] = "2026:03:06 09:59:58"
    if place:
        exif.get_ifd(0x8825)[1], exif.get_ifd(0x8825)[2] = "N", (31.0, 14.0, 0.0)
    buffer = io.BytesIO()
    Image.new("RGB", (1600, 1200), "teal").save(buffer, "JPEG", exif=exif, comment=b"at 31.23, 121.47")
    return SimpleUploadedFile("现场.jpg", buffer.getvalue(), "image/jpeg")


def test_a_photo_goes_out_without_place_and_device_and_with_its_time(world: World, login: Any, api: Any) -> None:
    from findings.actions import attach

    finding = world.finding("issued")
    original = shot_in().read()
    attach(finding, [store(shot_in())], by=world.user("owner"), purpose="contain")
    evidence = finding.evidence.get()
    for got in (
        login("owner").get(evidence.get_absolute_url()),
        api("owner").get(f"/api/v1/findings/{finding.number}/evidence/{evidence.token}/"),
    ):
        content = b"".join(got.streaming_content) if got.streaming else got.content
        with Image.open(io.BytesIO(content)) as image:
            exif = image.getexif()
            assert not exif.get_ifd(0x8825) and 0x010F not in exif and not image.info.get("comment")
            assert exif.get_ifd(0x8769).get(0x9003) == "2026:03:06 09:59:58" and image.size == (1600, 1200)
    with evidence.file.open() as kept:
        assert kept.read() == original
    small = login("owner").get(f"{evidence.get_absolute_url()}?small")
    thumbnail = b"".join(small.streaming_content) if small.streaming else small.content
    with Image.open(io.BytesIO(thumbnail)) as image:
        assert max(image.size) <= pictures.THUMBNAIL


def test_half_a_photo_is_refused_at_once(world: World, login: Any, monkeypatch: Any) -> None:
    # The library that renders PDFs switches this on for the whole process.
    monkeypatch.setattr("PIL.ImageFile.LOAD_TRUNCATED_IMAGES", True)
    finding, whole = world.finding("issued"), shot_in().read()
    cut = SimpleUploadedFile("a.jpg", whole[: len(whole) // 2], "image/jpeg")
    answer = login("owner").post(
        reverse("findings:attach", args=[finding.number]), {"purpose": "contain", "files": cut}
    )
    assert answer.status_code == 400 and not finding.evidence.exists()


@pytest.mark.parametrize(
    ("name", "content", "given"),
    [
        ("run.bat", b"echo hello", "run.txt"),
        ("notes.csv", "编号,问题".encode(), "notes.csv"),
        ("x.exe", None, "x.png"),
    ],
)
def test_a_file_is_handed_out_as_what_it_is(
    name: str, content: bytes | None, given: str, world: World, login: Any
) -> None:
    from findings.actions import attach

    finding = world.finding("issued")
    upload = SimpleUploadedFile(name, content) if content else photo(name)
    attach(finding, [store(upload)], by=world.user("owner"), purpose="contain")
    assert given in login("owner").get(finding.evidence.get().get_absolute_url())["Content-Disposition"]


def test_the_number_of_a_hidden_repeat_is_hidden_everywhere(world: World, login: Any, api: Any) -> None:
    audit = world.audit("on_site")
    hidden = world.finding("issued", audit, site=world.sites["X"], owner=world.users["stranger"])
    finding = world.issue(world.draft(audit, repeat_of=hidden))
    assert not Finding.objects.visible_to(world.user("owner")).filter(pk=hidden.pk).exists()
    assert hidden.number not in login("owner").get(finding.get_absolute_url()).content.decode()
    for part in ("", "trail/", "submissions/"):
        assert hidden.number not in str(api("owner").get(f"/api/v1/findings/{finding.number}/{part}").json())
    assert hidden.number in login("leader").get(finding.get_absolute_url()).content.decode()


# F. Time ---------------------------------------------------------------------------------------------------------------


def test_today_is_the_plants_day_before_eight_in_shanghai() -> None:
    with moment.travel(datetime.fromisoformat("2026-03-05T22:30:00+00:00")):
        assert moment.today() == date(2026, 3, 6)


def test_an_audit_over_the_turn_of_the_year_is_in_both_months(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        audit = world.request(planned_start=date(2026, 12, 30), planned_end=date(2027, 1, 3))
    for day in (date(2026, 12, 1), date(2027, 1, 1)):
        assert [row.audit for row in plan_rows(world.user("market"), *month_of(day))] == [audit]


def test_meetings_and_starts_come_in_order(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        audit = world.audit("on_site")
        with pytest.raises(GateClosed):
            audit_actions.perform(
                audit.pk, "hold_closing", by=world.user("escort"), result="passed", minutes="x", event_at=t0 - 5 * DAY
            )
        sudden = world.request(sudden=True)
        sudden = world.walk(sudden, "leader_appointed")
        with pytest.raises(GateClosed):
            audit_actions.perform(
                sudden.pk,
                "start_sudden",
                by=world.user("leader"),
                lead_escort=world.users["escort"],
                event_at=t0 - 5 * DAY,
            )


# G. The plan, the request, the notice ----------------------------------------------------------------------------------


def test_dates_change_by_one_move_with_a_reason_and_everyone_is_asked_again(world: World, api: Any) -> None:
    audit = world.audit("notified")
    with pytest.raises(GateClosed):
        audit_actions.perform(
            audit.pk,
            "revise",
            by=world.user("market"),
            fields={"planned_start": audit.planned_start + DAY},
            sites=[world.sites["A"]],
            auditors=[],
            documents=[],
        )
    versions = audit.versions.count()
    url = f"/api/v1/audits/{audit.number}/moves/"
    body = {
        "planned_start": str(audit.planned_start + 3 * DAY),
        "planned_end": str(audit.planned_end + 3 * DAY),
        "mode": "on_site",
        "deviation": "customer",
        "reason": "客户改期",
    }
    assert (
        api("market").post(f"{url}revise/", {"planned_start": body["planned_start"]}, format="json").status_code == 400
    )
    before = set(Notice.objects.filter(kind="audit_notice", needs_answer=True).values_list("pk", flat=True))
    bare = {name: value for name, value in body.items() if name != "reason"}
    assert api("market").post(f"{url}reschedule/", bare, format="json").status_code == 400
    assert api("market").post(f"{url}reschedule/", body, format="json").status_code == 200
    fresh = Audit.objects.get(pk=audit.pk)
    assert (fresh.planned_start, fresh.first_planned_start, fresh.deviation) == (
        audit.planned_start + 3 * DAY,
        audit.planned_start,
        "customer",
    )
    asked = set(Notice.objects.filter(kind="audit_notice", needs_answer=True).values_list("pk", flat=True))
    assert asked and not asked & before
    assert fresh.versions.count() == versions + 1


def test_a_result_that_comes_later_is_recorded_by_a_move(world: World, api: Any) -> None:
    audit = world.audit("archived")
    for who, wanted in (("market", 403), ("escort", 200)):
        answer = api(who).post(
            f"/api/v1/audits/{audit.number}/moves/record_result/",
            {"result": "conditional", "score": "86分"},
            format="json",
        )
        assert answer.status_code == wanted, answer.json()
    assert Audit.objects.get(pk=audit.pk).result == "conditional"


def test_nobody_is_asked_to_acknowledge_an_audit_that_is_over(world: World, login: Any) -> None:
    audit = world.audit("notified")
    assert login("site_contact").get("/inbox/").context["first"]
    for move, facts in (("start", {"minutes": "x"}), ("hold_closing", {"result": "passed", "minutes": "x"})):
        audit_actions.perform(audit.pk, move, by=world.user("escort"), **facts)
    assert not Notice.objects.filter(kind="audit_notice", needs_answer=True, answered_at=None).exists()


def test_a_post_that_goes_there_and_back_is_told_each_time(world: World) -> None:
    audit = world.audit("confirmed")
    for name in ("leader2", "leader", "leader2"):
        audit_actions.perform(
            audit.pk, "replace_leader", by=world.user("office"), leader=world.users[name], reason="换人"
        )
    told = Notice.objects.filter(kind="audit_appointed", recipient=world.users["leader2"])
    assert told.count() == 2


def test_a_notice_says_differences_in_words_of_its_language(world: World) -> None:
    audit = world.audit("confirmed")
    fields = {"scope": "新的范围", "checklist": "not_given", "checklist_follow_up": moment.today() + 5 * DAY}
    audit_actions.perform(
        audit.pk, "revise", by=world.user("market"), fields=fields, sites=[world.sites["X"]], auditors=[], documents=[]
    )
    notice = Notice.objects.filter(kind="audit_changed").latest("created_at")
    for language, words in (("zh-hans", ("场所X", "新的范围")), ("en", ("新的范围",))):
        with translation.override(language):
            said = "\n".join(lines(notice, language))
        assert all(one in said for one in words) and "not_given" not in said and "[" not in said


# H, I. Reading, acting, answering --------------------------------------------------------------------------------------


def test_evidence_is_required_and_belongs_to_its_action(world: World, login: Any, api: Any) -> None:
    finding = world.finding("analysed")
    url = f"/api/v1/findings/{finding.number}/moves/submit_implementation/"
    body = {
        "summary": "已落实",
        "applies_S-B": "no",
        "across_S-B": "工艺不同",
        "done1": str(moment.today()),
        "done2": str(moment.today()),
        "done3": str(moment.today()),
    }
    answer = api("owner").post(url, body, format="json")
    assert answer.status_code == 400 and {"proof1", "proof2", "proof3"} <= set(answer.json())
    page = login("owner").post(f"{finding.get_absolute_url()}moves/submit_implementation/", body)
    assert page.status_code == 400 and {"proof1", "proof2", "proof3"} <= set(page.context["form"].errors)
    assert finding.deadlines.get(step=Step.CLOSE).answered_at is None
    # The owner of an action brings the proof; it answers that clock and counts for the whole.
    done = api("actor").post(
        f"/api/v1/findings/{finding.number}/moves/complete_action/",
        {"action": "1", "done_on": str(moment.today()), "files": photo()},
        format="multipart",
    )
    assert done.status_code == 200, done.json()
    assert (
        api("actor")
        .post(
            f"/api/v1/findings/{finding.number}/moves/complete_action/",
            {"action": "1", "done_on": str(moment.today()), "files": photo()},
            format="multipart",
        )
        .status_code
        == 400
    )
    assert "proof1" not in api("owner").post(url, body, format="json").json()


def test_a_new_owner_of_a_late_finding_is_told_how_late_it_is(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        finding = world.finding("issued")
    with moment.travel(t0 + 30 * HOUR):
        world.do(finding, "reassign", "leader", owner=world.users["actor"], reason="换人")
    notice = Notice.objects.get(kind="finding_reassign", recipient=world.users["actor"])
    assert "2026-03-07" in "\n".join(lines(notice, "zh-hans")) and "逾期" in "\n".join(lines(notice, "zh-hans"))


@pytest.mark.parametrize(("url", "names"), [("/api/v1/findings/", ("due_soon", "review", "mine", "overdue", "repeat"))])
def test_no_means_all_the_others(url: str, names: tuple[str, ...], world: World, api: Any) -> None:
    audit = world.audit("on_site")
    for state in ("draft", "issued", "contained", "closed"):
        world.finding(state, audit)
    client = api("owner")
    every = {one["number"] for one in client.get(url).json()["results"]}
    for name in names:
        yes, no = (
            {one["number"] for one in client.get(f"{url}?{name}={said}").json()["results"]}
            for said in ("true", "false")
        )
        assert yes | no == every and not yes & no, name


# J. A program ----------------------------------------------------------------------------------------------------------


def test_codes_go_in_and_come_out(world: World, api: Any) -> None:
    day = str(moment.today() + 9 * DAY)
    body = {
        "customer": "CU",
        "kind": "QSA",
        "mode": "on_site",
        "planned_start": day,
        "planned_end": day,
        "sites": ["S-A", "S-B"],
    }
    made = api("market").post("/api/v1/audits/", body, format="json")
    assert made.status_code == 201, made.json()
    said = made.json()
    assert {name: said[name] for name in ("customer", "kind", "mode", "planned_start")} == {
        name: body[name] for name in ("customer", "kind", "mode", "planned_start")
    }
    assert set(said["sites"]) == {"S-A", "S-B"}
    # What is not sent stays.
    url = f"/api/v1/audits/{said['number']}/moves/revise/"
    assert api("market").post(url, {"scope": "仅装配"}, format="json").status_code == 200
    after = api("market").get(f"/api/v1/audits/{said['number']}/").json()
    assert set(after["sites"]) == {"S-A", "S-B"} and after["scope"] == "仅装配"


def test_a_key_serves_one_request_only(world: World, api: Any) -> None:
    client, key = api("contact"), "6b0ef1fa-7c43-4d4b-9a0e-0a31f6a8a9a1"

    def send(body: Any, **more: Any) -> Any:
        return client.post("/api/v1/leads/", body, format="json", headers={"Idempotency-Key": key}, **more)

    first = send({"customer_name": "某客户", "note": "下月来"})
    again = send({"customer_name": "某客户", "note": "下月来"})
    assert (first.status_code, again.status_code) == (201, 200) and first.json()["number"] == again.json()["number"]
    assert send({"customer_name": "另一客户", "note": "下月来"}).status_code == 400
    assert Audit.objects.count() == 1
    # The same key at another address is another request.
    market = api("market")
    number = first.json()["number"]
    answer = market.post(
        f"/api/v1/audits/{number}/moves/cancel/", {"reason": "误传"}, format="json", headers={"Idempotency-Key": key}
    )
    assert answer.status_code == 200 and answer.json()["state"] == "cancelled"
    repeated = market.post(
        f"/api/v1/audits/{number}/moves/cancel/", {"reason": "误传"}, format="json", headers={"Idempotency-Key": key}
    )
    assert repeated.status_code == 200 and Audit.objects.get().version == answer.json()["version"]


def test_ones_own_notices_come_in_pages_newest_first(world: World, api: Any) -> None:
    for n in range(7):
        with moment.travel(moment.now() + n * HOUR):
            tell([world.users["owner"]], "finding_action", f"k{n}", facts={"number": f"N{n}", "what": "x"})
    seen, url = [], "/api/v1/notices/?page_size=3"
    while url:
        body = api("owner").get(url).json()
        seen += [one["facts"]["number"] for one in body["results"]]
        url = body["next"]
    assert seen == [f"N{n}" for n in (6, 5, 4, 3, 2, 1, 0)]
    for cursor in ("bz05OTk5OTk5OTkmcD0x", "cD0xXzA%3D", "cD1hYmM%3D"):
        assert api("owner").get(f"/api/v1/notices/?cursor={cursor}").status_code == 404


@pytest.mark.parametrize(
    "url",
    [
        "/api/v1/findings/?bogus=1",
        "/api/v1/plan/?bogus=1",
        "/api/v1/plan/?month=abc",
        "/api/v1/people/?bogus=1",
        "/api/v1/leads/?bogus=1",
        "/api/v1/deadlines/?step=nope",
    ],
)
def test_what_a_list_does_not_know_is_refused(url: str, world: World, api: Any) -> None:
    assert api("market").get(url).status_code == 400


def test_a_field_that_a_move_does_not_have_is_refused(world: World, api: Any) -> None:
    audit = world.audit("drafted")
    answer = api("market").post(f"/api/v1/audits/{audit.number}/moves/revise/", {"bogus": "x"}, format="json")
    assert answer.status_code == 400 and set(answer.json()) == {"bogus"}
    assert Audit.objects.get(pk=audit.pk).version == audit.version


def test_an_edit_keeps_an_earlier_finding_that_the_editor_cannot_see(world: World, login: Any, api: Any) -> None:
    audit = world.audit("on_site")
    hidden = world.finding("issued", audit, site=world.sites["X"])
    draft = world.draft(audit, repeat_of=hidden)
    Finding.objects.filter(pk=hidden.pk).update(created_at=moment.now() - 800 * DAY)
    answer = api("escort").post(f"/api/v1/findings/{draft.number}/moves/edit/", {"clause": "8.7"}, format="json")
    assert answer.status_code == 200, answer.json()
    fresh = Finding.objects.get(pk=draft.pk)
    assert (fresh.clause, fresh.repeat_of) == ("8.7", hidden)


def test_a_camera_photo_with_a_preview_is_a_photo(world: World, login: Any) -> None:
    """MPO: a JPEG with a second picture behind it; animated pictures keep their frames, odd orientations do no harm."""
    from workflow.files import check
    from workflow.pictures import cleaned

    buffer = io.BytesIO()
    frames = [Image.new("RGB", (60, 40), colour) for colour in ("teal", "navy")]
    frames[0].save(buffer, "MPO", save_all=True, append_images=frames[1:])
    assert check(SimpleUploadedFile("IMG_1.JPG", buffer.getvalue())).content_type == "image/jpeg"
    exif = Image.Exif()
    exif[0x0112] = 99
    odd = io.BytesIO()
    Image.new("RGB", (60, 40)).save(odd, "JPEG", exif=exif)
    stored = store(SimpleUploadedFile("odd.jpg", odd.getvalue()))
    assert cleaned(stored.path, "image/jpeg").endswith(".clean")
    moving = io.BytesIO()
    frames[0].save(moving, "WEBP", save_all=True, append_images=frames[1:])
    kept = store(SimpleUploadedFile("a.webp", moving.getvalue()))
    from django.core.files.storage import default_storage

    with default_storage.open(cleaned(kept.path, "image/webp")) as file, Image.open(file) as image:
        assert getattr(image, "n_frames", 1) == 2
    assert not [name for name in default_storage.listdir("evidence")[1] if name.endswith(".new")]


def test_whoever_is_taken_off_an_audit_is_asked_no_more(world: World) -> None:
    audit = world.audit("notified")
    asked = Notice.objects.filter(kind="audit_notice", needs_answer=True, recipient=world.users["teamer"])
    assert asked.exists()
    audit_actions.perform(audit.pk, "change_team", by=world.user("leader"), lead_escort=world.users["escort"], team=[])
    assert not asked.exists()


def test_after_a_postponement_no_notice_counts(world: World, api: Any) -> None:
    audit = world.audit("notified")
    audit_actions.perform(audit.pk, "postpone", by=world.user("market"), deviation="customer", reason="客户改期")
    audit_actions.perform(
        audit.pk,
        "resume",
        by=world.user("market"),
        planned_start=audit.planned_start + 5 * DAY,
        planned_end=audit.planned_end + 5 * DAY,
    )
    receipts = api("market").get(f"/api/v1/audits/{audit.number}/receipts/").json()
    assert receipts and not any(one["current"] for one in receipts)


@pytest.mark.parametrize("move", ["revise", "change_team", "edit"])
def test_a_change_that_changes_nothing_leaves_no_event(move: str, world: World, login: Any, api: Any) -> None:
    """Sent from its page as it stands (after “back”, say), and by a program that names what is there already."""
    subject: Any = world.draft() if move == "edit" else world.audit("notified" if move == "change_team" else "drafted")
    who = {"edit": "escort", "change_team": "leader", "revise": "market"}[move]
    given = {
        "edit": {"what": "扭力点检记录缺失"},
        "change_team": {"lead_escort": "escort"},
        "revise": {"scope": "全部装配过程"},
    }
    kind, before = "findings" if move == "edit" else "audits", subject.events.count()
    url = f"{subject.get_absolute_url()}moves/{move}/"
    form = login(who).get(url).context["form"]
    data = {}
    for bound in form:
        value = bound.value()
        data[bound.html_name] = "" if value is None or value is False else value
    told = login(who).post(url, data)
    assert told.status_code == 400 and "没有任何更改" in told.content.decode()
    told = api(who).post(f"/api/v1/{kind}/{subject.number}/moves/{move}/", given[move], format="json")
    assert told.status_code == 400 and "没有任何更改" in told.content.decode()
    assert subject.events.count() == before
