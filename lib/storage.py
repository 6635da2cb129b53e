"""Files on their way into the product: checked and stored before the transaction, removed again if it fails."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.files.storage import default_storage

from lib.files import Checked, check, unguessable


@dataclass(frozen=True)
class Stored:
    """A file that lies in the storage and waits for its row."""

    path: str
    checked: Checked
    #: What beside its record it belongs to, such as "countermeasure:12" (`workflow.trail.about`).
    about: str = ""

    @property
    def token(self) -> str:
        return self.path.rsplit("/", 1)[-1].split(".")[0]

    @property
    def name(self) -> str:
        return self.checked.original_name

    def read(self) -> bytes:
        with default_storage.open(self.path) as file:
            return bytes(file.read())


def store(upload: Any, *, about: str = "", folder: str = "evidence") -> Stored:
    """Check the upload and put it into the storage. Raises ValidationError for a file that is refused."""
    checked = check(upload)
    path = default_storage.save(unguessable(folder, checked), upload)
    return Stored(path, checked, about)


def store_all(uploads: Iterable[tuple[Any, str]], *, folder: str = "evidence") -> list[Stored]:
    """Store several uploads, each with what it belongs to or nothing: all of them, or none is left behind."""
    files: list[Stored] = []
    with kept(files):
        for upload, about in uploads:
            files.append(store(upload, about=about, folder=folder))
    return files


#: What may lie beside a picture in the storage (`attachments.pictures` makes it): without place and device, and small.
CLEAN, SMALL = ".clean", ".small.jpg"


def made_from(path: str) -> list[str]:
    """What is to be removed with a file."""
    return [path + CLEAN, path + SMALL]


@contextmanager
def kept(files: Iterable[Any]) -> Iterator[None]:
    """What is done inside keeps the stored files; when it is refused, or fails, they are removed again."""
    try:
        yield
    except BaseException:
        discard(file for file in files if isinstance(file, Stored))
        raise


def discard(files: Iterable[Stored]) -> None:
    for file in files:
        for path in (file.path, *made_from(file.path)):
            default_storage.delete(path)
