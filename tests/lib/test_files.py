"""Dangerous files are refused with a sentence, over page and API, and leave nothing behind."""

import io
import zipfile
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st
from PIL import Image

from attachments.models import Attachment
from findings.answers import Submission
from lib.files import check
from tests.world import World, photo


def big_photo() -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new("RGB", (50, 50)).save(buffer, "PNG")
    return SimpleUploadedFile("gross.png", buffer.getvalue() + b"\x00" * 20 * 1024 * 1024, "image/png")


def bomb() -> SimpleUploadedFile:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 60_000_000)
    return SimpleUploadedFile("bombe.xlsx", buffer.getvalue())


def office(entry: str, extra: str = "") -> SimpleUploadedFile:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(entry, "<x/>")
        if extra:
            archive.writestr(extra, "x")
    return SimpleUploadedFile("a.xlsx", buffer.getvalue())


#: The smallest file that is a PDF: a version, an object, its table and its end.
PDF = (
    b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n"
    b"xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000056 00000 n \ntrailer\n<</Size 3/Root 1 0 R>>\n"
    b"startxref\n107\n%%EOF\n"
)


REFUSED = {
    "a PDF in name only": (lambda: SimpleUploadedFile("a.pdf", b"%PDF-1.7 ..."), "PDF"),
    "a PDF that was cut off": (lambda: SimpleUploadedFile("a.pdf", PDF[:90]), "PDF"),
    "a 20 MB photo": (big_photo, "超过"),
    "a renamed executable": (
        lambda: SimpleUploadedFile("foto.jpg", b"MZ\x90\x00" + b"\x00" * 400),
        "不是可接受的文件类型",
    ),
    "an ELF program": (lambda: SimpleUploadedFile("a.pdf", b"\x7fELF\x02\x01" + b"\x00" * 99), "不是可接受的文件类型"),
    "a zip bomb": (bomb, "解压后"),
    "an SVG with script": (
        lambda: SimpleUploadedFile("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"),
        "不是可接受的文件类型",
    ),
    "an SVG behind a comment": (lambda: SimpleUploadedFile("a.txt", b"hello <svg onload=x>"), "不是可接受的文件类型"),
    "a page": (lambda: SimpleUploadedFile("a.txt", b"<!doctype html><html>"), "不是可接受的文件类型"),
    "a shell script": (lambda: SimpleUploadedFile("a.txt", b"#!/bin/sh\nrm -rf /"), "不是可接受的文件类型"),
    "a plain zip": (lambda: office("whatever.txt"), "压缩包"),
    "a damaged zip": (lambda: SimpleUploadedFile("a.docx", b"PK\x03\x04garbage"), "压缩包"),
    "macros": (lambda: office("xl/workbook.xml", "xl/vbaProject.bin"), "宏"),
    "a cut-off picture": (lambda: SimpleUploadedFile("a.png", photo().read()[:60]), "损坏"),
    "an empty file": (lambda: SimpleUploadedFile("a.txt", b""), "空"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_dangerous_file_is_refused_with_a_sentence(name: str) -> None:
    make, words = REFUSED[name]
    with pytest.raises(ValidationError) as refused:
        check(make())
    assert words in refused.value.messages[0]


@pytest.mark.parametrize(
    ("upload", "kind"),
    [
        (photo("x.exe"), "image/png"),
        (SimpleUploadedFile("x", PDF), "application/pdf"),
        (SimpleUploadedFile("x.csv", "编号,问题\n1,缺失".encode()), "text/plain"),
        (office("word/document.xml"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ],
)
def test_a_file_is_known_by_its_content(upload: Any, kind: str) -> None:
    assert check(upload).content_type == kind


@given(content=st.binary(min_size=1, max_size=300))
@hypothesis_settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_either_known_or_refused(content: bytes) -> None:
    try:
        assert check(SimpleUploadedFile("x", content)).content_type
    except ValidationError as refused:
        assert refused.messages


@pytest.mark.parametrize("name", ["a renamed executable", "a zip bomb", "an SVG with script", "a 20 MB photo"])
def test_refused_over_the_page_and_what_was_typed_survives(name: str, world: World, login: Any) -> None:
    finding = world.finding("issued")
    page = reverse("findings:move", args=[finding.number, "submit_containment"])
    data = {
        "action": "停用两把螺丝刀并复测",
        "done_by": "班长",
        "done_at": "当班",
        "effect": "合格",
        "files": REFUSED[name][0](),
    }
    for place, area in enumerate(("line", "wip", "stock", "transit", "customer", "similar")):
        data |= {f"scope-{place}-area": area, f"scope-{place}-note": "不涉及"}
    response = login("owner").post(page, data)
    text = response.content.decode()
    assert response.status_code == 400
    assert REFUSED[name][1] in text and "停用两把螺丝刀并复测" in text
    assert not Attachment.objects.exists() and not Submission.objects.exists()


def test_evidence_is_served_unexecuted_under_an_unguessable_name(world: World, login: Any) -> None:
    from findings.actions import attach
    from lib.storage import store

    finding = world.finding("issued")
    attach(finding, [store(SimpleUploadedFile("记录.txt", "纪要".encode()))], by=world.user("owner"), purpose="contain")
    evidence = finding.evidence.get()
    assert "记录" not in evidence.file.name and len(evidence.token) >= 32
    response = login("owner").get(evidence.get_absolute_url())
    assert response["Content-Type"] == "text/plain"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert login("stranger").get(evidence.get_absolute_url()).status_code == 404
    assert login("owner").get(f"/media/{evidence.file.name}").status_code == 404


def test_a_refused_move_leaves_no_file_behind(world: World) -> None:
    from django.core.files.storage import default_storage

    from lib.storage import store
    from workflow.errors import StaleState

    finding = world.finding("issued")
    stored = store(photo())
    with pytest.raises(StaleState):
        world.do(finding, "withdraw", "escort", seen=99, reason="x", files=[stored])
    assert not default_storage.exists(stored.path)
