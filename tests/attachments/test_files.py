"""Photos and files: what is taken, what is taken out of it, and as what it is handed out."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from attachments import pictures
from lib.storage import store
from tests.world import World, photo


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


def test_a_camera_photo_with_a_preview_is_a_photo(world: World, login: Any) -> None:
    """MPO: a JPEG with a second picture behind it; animated pictures keep their frames, odd orientations do no harm."""
    from attachments.pictures import cleaned
    from lib.files import check

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
