"""Files in a bucket: kept, handed out with permission, cleaned, made small, and gone when a move is refused."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import boto3
import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from PIL import Image

from attachments.models import Attachment
from config import env
from lib import moment
from lib.storage import store
from tests.attachments.test_files import shot_in
from tests.world import World, photo
from workflow.errors import GateClosed

pytestmark = pytest.mark.skipif(bool(os.environ.get("SERVICES")), reason="asks no database; make test runs them")
ACCESS = {"S3_BUCKET": "evidence", "S3_ACCESS_KEY": "key", "S3_SECRET_KEY": "secret", "S3_REGION": "us-east-1"}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A server that speaks S3, on a port of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        env={**os.environ, "AWS_DEFAULT_REGION": "us-east-1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _try in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait(10)


@pytest.fixture
def bucket(endpoint: str, settings: Any, monkeypatch: Any) -> Any:
    """The product as its environment sets it up for this bucket."""
    for name, value in {**ACCESS, "S3_ENDPOINT": endpoint}.items():
        monkeypatch.setenv(name, value)
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="key", aws_secret_access_key="secret"
    )
    client.create_bucket(Bucket="evidence")
    settings.STORAGES = {**settings.STORAGES, "default": env.media_storage()}
    yield client
    for name in names(client):
        client.delete_object(Bucket="evidence", Key=name)


def names(client: Any) -> set[str]:
    return {one["Key"] for one in client.list_objects_v2(Bucket="evidence").get("Contents", [])}


def test_evidence_lies_in_the_bucket_and_goes_out_with_permission_only(world: World, login: Any, bucket: Any) -> None:
    finding = world.draft()
    url = reverse("findings:attach", args=[finding.number])
    sent = login("escort").post(url, {"purpose": "problem", "files": [shot_in()]})
    assert sent.status_code == 302
    evidence = Attachment.objects.get()
    assert names(bucket) == {evidence.file.name} and evidence.size == len(
        default_storage.open(evidence.file.name).read()
    )
    page = login("escort").get(evidence.get_absolute_url())
    with Image.open(BytesIO(b"".join(page))) as image:
        assert image.getexif().get_ifd(0x8825) == {} and image.size == (1600, 1200)
    small = login("leader").get(f"{evidence.get_absolute_url()}?small")
    assert small["Content-Type"] == "image/jpeg" and Image.open(BytesIO(b"".join(small))).format == "JPEG"
    assert names(bucket) == {evidence.file.name + ending for ending in ("", ".clean", ".small.jpg")}
    assert login("stranger").get(evidence.get_absolute_url()).status_code == 404


def test_a_refused_move_leaves_nothing_in_the_bucket(world: World, bucket: Any) -> None:
    finding = world.finding("issued")
    before = names(bucket)
    asked = {"reason": "building", "explanation": "x", "interim_control": "x", "milestones": "x"}
    with pytest.raises(GateClosed):
        # Due earlier than it is due anyway.
        world.do(finding, "apply_exemption", "owner", files=[store(photo())], new_date=moment.today(), **asked)
    assert names(bucket) == before


def test_a_file_that_is_gone_from_the_bucket_is_not_found(world: World, login: Any, bucket: Any) -> None:
    finding = world.draft()
    login("escort").post(reverse("findings:attach", args=[finding.number]), {"purpose": "problem", "files": [photo()]})
    evidence = Attachment.objects.get()
    bucket.delete_object(Bucket="evidence", Key=evidence.file.name)
    assert login("escort").get(evidence.get_absolute_url()).status_code == 404


def test_two_who_ask_at_once_leave_one_thumbnail(world: World, bucket: Any) -> None:
    from attachments import pictures

    kept = store(photo())
    pictures.thumbnail(kept.path)
    pictures._put(f"{kept.path}.small.jpg", b"the same again")
    assert names(bucket) == {kept.path, f"{kept.path}.small.jpg"}


def test_a_bucket_without_keys_stops_the_start_with_a_sentence(monkeypatch: Any) -> None:
    monkeypatch.setenv("S3_BUCKET", "evidence")
    monkeypatch.delenv("S3_ACCESS_KEY", raising=False)
    with pytest.raises(SystemExit, match="S3_ACCESS_KEY"):
        env.media_storage()
    monkeypatch.delenv("S3_BUCKET")
    assert env.media_storage() == {"BACKEND": "django.core.files.storage.FileSystemStorage"}
