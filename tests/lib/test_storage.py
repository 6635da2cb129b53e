"""Files on their way into the product: stored before the transaction, gone again when it is refused."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from lib.storage import CLEAN, SMALL, discard, kept, made_from, store, store_all
from tests.world import photo

BAD = SimpleUploadedFile("run.exe", b"MZ\x90\x00" * 9)


def test_a_stored_file_has_a_name_that_says_nothing() -> None:
    one, other = store(photo("geheim.png")), store(photo("geheim.png"))
    assert one.name == "geheim.png" and "geheim" not in one.path and one.token != other.token
    assert one.path.endswith(f"{one.token}.png") and one.read() == photo().read()
    discard([one, other])
    assert not default_storage.exists(one.path)


def test_what_it_belongs_to_and_where_it_lies_are_given() -> None:
    one = store(photo(), about="countermeasure:3", folder="audits")
    assert one.about == "countermeasure:3" and one.path.startswith("audits/")
    discard([one])


def test_a_refusal_leaves_no_file_behind_nor_what_was_made_of_it() -> None:
    one = store(photo())
    for path in made_from(one.path):
        default_storage.save(path, photo())
    with pytest.raises(ZeroDivisionError), kept([one, "not a stored file"]):
        1 / 0  # noqa: B018
    assert not any(default_storage.exists(path) for path in (one.path, one.path + CLEAN, one.path + SMALL))


def test_what_is_done_keeps_the_files() -> None:
    one = store(photo())
    with kept([one]):
        pass
    assert default_storage.exists(one.path)
    discard([one])


def test_of_several_files_all_are_stored_or_none() -> None:
    before = set(_everything())
    with pytest.raises(ValidationError):
        store_all([(photo(), ""), (photo(), "dispute:1"), (BAD, "")])
    assert set(_everything()) == before
    files = store_all([(photo(), ""), (photo(), "dispute:1")])
    assert [one.about for one in files] == ["", "dispute:1"]
    discard(files)


def _everything(folder: str = "evidence") -> list[str]:
    if not default_storage.exists(folder):
        return []
    folders, files = default_storage.listdir(folder)
    return [f"{folder}/{one}" for one in files] + [path for one in folders for path in _everything(f"{folder}/{one}")]
