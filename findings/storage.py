"""Evidence on its way into the product: checked and stored before the transaction, removed again if it fails."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.files.storage import default_storage

from workflow.files import Checked, check, unguessable


@dataclass(frozen=True)
class Stored:
    """A file that lies in the storage and waits for its row."""

    path: str
    checked: Checked
    action_id: int | None = None

    @property
    def token(self) -> str:
        return self.path.rsplit("/", 1)[-1].split(".")[0]

    @property
    def name(self) -> str:
        return self.checked.original_name

    def read(self) -> bytes:
        with default_storage.open(self.path) as file:
            return bytes(file.read())


def store(upload: Any, *, action_id: int | None = None) -> Stored:
    """Check the upload and put it into the storage. Raises ValidationError for a file that is refused."""
    checked = check(upload)
    path = default_storage.save(unguessable("evidence", checked), upload)
    return Stored(path, checked, action_id)


def discard(files: Iterable[Stored]) -> None:
    for file in files:
        default_storage.delete(file.path)
