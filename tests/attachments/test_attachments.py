"""One model for all files: whoever sees the record sees its files, and each says what it belongs to."""

from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType

from attachments import registry
from attachments.models import Attachment, keep
from findings.models import Finding
from lib.storage import discard, store
from people.models import Unit
from tests.world import ROLES, World, photo
from workflow.trail import about


def test_whoever_sees_the_record_sees_its_files_and_nobody_else(world: World, login: Any) -> None:
    audit = world.audit("on_site")
    [notice] = keep(audit, [store(photo())], by=world.user("market"), kind="notice")
    finding = world.finding("issued", audit=audit)
    [proof] = keep(finding, [store(photo())], by=world.user("owner"), kind="contain")
    found = set()
    for who in ROLES:
        user = world.user(who)
        sees = tuple(type(one)._default_manager.visible_to(user).filter(pk=one.pk).exists() for one in (audit, finding))
        answers = [login(who).get(one.get_absolute_url()).status_code for one in (notice, proof)]
        assert answers == [200 if one else 404 for one in sees], who
        found.add(sees)
    assert found == {(True, True), (False, False)}
    assert login("owner").get("/files/nobody-knows-this/").status_code == 404


def test_files_of_records_that_nobody_registered_are_seen_by_nobody(world: World, login: Any) -> None:
    [file] = keep(world.units["G"], [store(photo())], by=world.user("top"), kind="other")
    assert not registry.may_see(world.user("admin"), file)
    assert login("top").get(file.get_absolute_url()).status_code == 404
    gone = Attachment(subject_type=ContentType(app_label="gone", model="gone"), subject_id=1)
    assert not registry.may_see(world.user("top"), gone)
    with pytest.raises(ValueError, match="Finding"):
        registry.register(Finding, lambda _user: Finding.objects.none())
    assert Unit not in registry.VISIBLE


def test_many_files_are_one_statement_and_say_what_they_belong_to(world: World, django_assert_num_queries: Any) -> None:
    finding = world.finding("analysed")
    action = finding.current("analyse").actions.first()
    dispute = world.do(
        finding, "dispute", "owner", ground="facts", statement="现场并无", proposed_owner=None, duplicate_of=None
    ).disputes.get()
    files = [store(photo(), about=about(action)), store(photo()), store(photo())]
    ContentType.objects.get_for_model(finding)
    by = world.user("owner")
    with django_assert_num_queries(1):
        kept = keep(finding, files, by=by, kind="dispute", beside=dispute)
    assert [one.key_of("countermeasure") for one in kept] == [action.pk, None, None]
    assert [one.key_of("dispute") for one in kept] == [None, dispute.pk, dispute.pk]
    assert finding.evidence.filter(about=dispute.about).count() == 2
    discard(files)


def test_proof_names_its_action_by_number_over_the_api(world: World, api: Any, login: Any) -> None:
    finding = world.finding("implemented")
    said = api("owner").get(f"/api/v1/findings/{finding.number}/evidence/").json()
    assert sorted(one["action"] for one in said) == [1, 2, 3] and {one["purpose"] for one in said} == {"close"}
    assert login("owner").get(said[0]["url"]).status_code == 200
    page = login("owner").get(finding.get_absolute_url()).content.decode()
    assert all(one["url"] in page for one in said)
