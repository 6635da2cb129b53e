"""A database that an earlier version left is migrated, and everything in it is still true."""

import gzip
import os
import secrets
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.upgrade import KEPT, environment, manage, server, url

SERVICES = os.environ.get("SERVICES") == "1"
VERSIONS = sorted(path.name.split(".")[0] for path in KEPT.glob("*.sqlite3.gz"))
#: What the migrated database has to answer: its lists, a page of an audit and of a finding, a report, and the next move.
LOOK = """
from django.test import Client
from audits.models import Audit
from clocks.models import Deadline
from clocks.sweep import sweep
from findings.models import Finding
from people.models import User
client = Client()
client.force_login(User.objects.filter(standing_roles__role="leader", is_active=True).first())
finding = Finding.objects.exclude(state="draft").first()
for path in ("/", "/audits/", "/findings/", "/closure/", "/closure/ledger/", "/clocks/policies/", "/reports/",
             finding.get_absolute_url(), finding.audit.get_absolute_url()):
    answer = client.get(path, follow=True, headers={"host": "127.0.0.1"})
    assert answer.status_code == 200, (path, answer.status_code)
assert Deadline.objects.count() > 20 and Audit.objects.count() > 5
sweep()
# A table that was built anew on the way still refuses to change what happened.
from audits.models import AuditEvent
from django.db import DatabaseError, transaction
from findings.models import FindingEvent
for events in (AuditEvent, FindingEvent):
    for change in (lambda: events.objects.update(move="x"), lambda: events.objects.all()._raw_delete("default")):
        try:
            with transaction.atomic():
                change()
        except DatabaseError:
            continue
        raise AssertionError(f"{events.__name__} can be changed")
# A dispute is known to the policies that came along.
from clocks.models import PolicyStep
assert PolicyStep.objects.filter(step="dispute", policy__covers="finding").count() == 4
# Files of audits and of findings are attachments of the same record as before, each proof with its countermeasure.
from attachments.models import Attachment
from findings.answers import Countermeasure
of_findings = Attachment.objects.filter(subject_type__model="finding")
assert of_findings.count() == 150
proofs = [one.key_of("countermeasure") for one in of_findings.filter(about__startswith="countermeasure:")]
assert proofs and Countermeasure.objects.filter(pk__in=proofs).count() == len(set(proofs))
# Exemptions stand beside their findings, with the clocks that ran for them.
from findings.exemptions import Exemption
exemption = Exemption.objects.earliest("pk")
assert exemption.number == f"{exemption.finding.number}-E1" and exemption.state in {"approved", "endorsed", "applied"}
assert set(exemption.deadlines.values_list("step", flat=True)) >= {"exemption"}
assert not Deadline.objects.filter(subject_type__model="finding", step__startswith="exemption").exists()
# What applies elsewhere has to be done there, and the policies know how long that may take.
from findings.answers import ReadAcrossDecision
from findings.read_across import ReadAcross
applies = ReadAcrossDecision.objects.filter(applies=True, submission__current=True)
assert 0 < ReadAcross.objects.count() == (
    applies.exclude(submission__finding__state__in=["withdrawn", "effective"])
    .exclude(submission__verdicts__outcome__in=["returned", "overtaken"])
    .count()
)
assert PolicyStep.objects.filter(step="read_across", policy__covers="finding").count() == 2
print("looked at")
"""


#: The play of that version brought no file of an audit.
FILE_OF_AN_AUDIT = """INSERT INTO audits_auditfile (audit_id, kind, caption, file, name, content_type, size, sha256, uploaded_by_id,
    uploaded_at) SELECT id, 'signed', '会签', 'audits/to/tok-EN_1.pdf', 'list.pdf', 'application/pdf', 9, 'x', (SELECT min(id) FROM people_user),
    received_at FROM audits_audit LIMIT 1"""


def test_there_is_a_version_to_come_from() -> None:
    assert VERSIONS and {path.name for path in KEPT.iterdir()} == {
        f"{version}{ending}" for version in VERSIONS for ending in (".sqlite3.gz", ".sql.gz")
    }


def carried_on(settings: dict[str, str]) -> None:
    manage(settings, "migrate", "-v0")
    assert "all whole" in manage(settings, "verify_trail")
    assert "looked at" in manage(settings, "shell", "-v0", "-c", LOOK)
    assert "all whole" in manage(settings, "verify_trail")


@pytest.mark.parametrize("version", VERSIONS)
def test_it_is_carried_on_by_sqlite(version: str, tmp_path: Path) -> None:
    (tmp_path / "db.sqlite3").write_bytes(gzip.decompress((KEPT / f"{version}.sqlite3.gz").read_bytes()))
    with sqlite3.connect(tmp_path / "db.sqlite3") as connection:
        connection.execute(FILE_OF_AN_AUDIT)
    carried_on(environment(tmp_path))
    with sqlite3.connect(tmp_path / "db.sqlite3") as connection:
        carried = "SELECT kind, caption, name FROM attachments_attachment WHERE token = 'tok-EN_1' AND subject_id > 0"
        assert connection.execute(carried).fetchall() == [("signed", "会签", "list.pdf")]
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.fixture
def database() -> Iterator[str]:
    name = f"carried_{secrets.token_hex(4)}"
    server(f"CREATE DATABASE {name}")
    yield url(name)
    server(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.skipif(not SERVICES, reason="needs PostgreSQL: run make test-services")
@pytest.mark.parametrize("version", VERSIONS)
def test_it_is_carried_on_by_postgresql(version: str, tmp_path: Path, database: str) -> None:
    import psycopg2

    connection = psycopg2.connect(database.replace("postgres://", "postgresql://"))
    with connection, connection.cursor() as cursor:
        cursor.execute(gzip.decompress((KEPT / f"{version}.sql.gz").read_bytes()).decode())
    connection.close()
    carried_on(environment(tmp_path, database))
