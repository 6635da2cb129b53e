"""Files people hand in: what they are is decided by their content, never by their name."""

import hashlib
import re
import secrets
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _, gettext_lazy

ALLOWED_WORDS = gettext_lazy("photos (JPEG, PNG, WebP, GIF), PDF, Excel, Word, PowerPoint or plain text")
OFFICE = {
    "xl/workbook.xml": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "word/document.xml": ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "ppt/presentation.xml": ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
}
IMAGES = {
    "JPEG": ("jpg", "image/jpeg"),
    "PNG": ("png", "image/png"),
    "WEBP": ("webp", "image/webp"),
    "GIF": ("gif", "image/gif"),
}
PDF_HEAD = re.compile(rb"%PDF-[12]\.\d[\r\n \t%]")
PDF_TAIL = 4096
#: A page that begins with a PDF's first line is a page.
MARKUP = re.compile(rb"<\s*(!doctype|html|head|body|script|svg|iframe)\b", re.IGNORECASE)
#: Plain text that keeps the ending it came with; everything else that is text is handed out as .txt.
TEXT_ENDINGS = {"txt", "csv", "log", "md"}
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 150
MAX_PIXELS = 100_000_000
_STRICT = threading.Lock()


@dataclass(frozen=True)
class Checked:
    """What a file turned out to be."""

    extension: str
    content_type: str
    size: int
    sha256: str
    original_name: str

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")


def _refuse(sentence: str) -> ValidationError:
    return ValidationError(sentence, code="file")


def check(upload: Any) -> Checked:
    """Say what the uploaded file is, or raise ValidationError with a sentence why it is refused."""
    name = get_valid_filename(str(upload.name or "file"))[-120:]
    if not upload.size:
        raise _refuse(_("“%(name)s” is empty.") % {"name": name})
    if upload.size > settings.EVIDENCE_MAX_BYTES:
        limit = settings.EVIDENCE_MAX_BYTES // 1024 // 1024
        raise _refuse(
            _("“%(name)s” is larger than %(limit)s MB. Reduce the photo or split the document.")
            % {"name": name, "limit": limit}
        )
    upload.seek(0)
    content = upload.read()
    upload.seek(0)
    extension, content_type = _sniff(content, name)
    return Checked(extension, content_type, len(content), hashlib.sha256(content).hexdigest(), name)


def _sniff(content: bytes, name: str) -> tuple[str, str]:
    if content.startswith(b"%PDF-"):
        return _pdf(content, name)
    if content.startswith(b"PK\x03\x04"):
        return _office(content, name)
    found = _image(content, name) or _text(content)
    if found is None:
        raise _refuse(
            _("“%(name)s” is not a kind of file that is accepted here: give %(allowed)s.")
            % {"name": name, "allowed": ALLOWED_WORDS}
        )
    return found


def _pdf(content: bytes, name: str) -> tuple[str, str]:
    """A PDF has a version in its first line, objects, a table of them, and its end mark near the end of the file."""
    tail = content[-PDF_TAIL:]
    if (
        MARKUP.search(content[:2048])
        or not PDF_HEAD.match(content)
        or b" obj" not in content
        or b"startxref" not in tail
        or b"%%EOF" not in tail
    ):
        raise _refuse(
            _("“%(name)s” begins like a PDF but is none, or was cut off: open it, save it anew and try again.")
            % {"name": name}
        )
    return "pdf", "application/pdf"


def _office(content: bytes, name: str) -> tuple[str, str]:
    broken = _refuse(
        _("“%(name)s” is an archive, or a damaged document; only Office documents are accepted.") % {"name": name}
    )
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise broken from error
    unpacked = sum(info.file_size for info in infos)
    if unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * len(content) or len(infos) > 5000:
        raise _refuse(_("“%(name)s” unpacks to far more than it seems and is refused.") % {"name": name})
    names = {info.filename for info in infos}
    if any(entry.lower().endswith("vbaproject.bin") for entry in names):
        raise _refuse(_("“%(name)s” contains macros; save it without them first.") % {"name": name})
    for marker, kind in OFFICE.items():
        if marker in names:
            return kind
    raise broken


@contextmanager
def _whole_pictures_only() -> Iterator[None]:
    """The library that renders PDFs lets the whole process accept half pictures; here they are looked for."""
    from PIL import ImageFile

    with _STRICT:
        before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before


def _image(content: bytes, name: str) -> tuple[str, str] | None:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(content), formats=list(IMAGES)) as image:
            width, height = image.size
            # A camera's JPEG with a preview behind it calls itself MPO; the first picture is the photo.
            kind = IMAGES.get("JPEG" if image.format == "MPO" else image.format or "")
            image.verify()
    except UnidentifiedImageError:
        return None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise _refuse(_("“%(name)s” is a damaged picture.") % {"name": name}) from error
    if width * height > MAX_PIXELS:
        raise _refuse(_("“%(name)s” has too many pixels.") % {"name": name})
    try:
        # Half a JPEG passes `verify`: only reading all of it shows that it ends too early.
        with _whole_pictures_only(), Image.open(BytesIO(content), formats=list(IMAGES)) as image:
            image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise _refuse(_("“%(name)s” is a damaged picture.") % {"name": name}) from error
    return kind


def _text(content: bytes) -> tuple[str, str] | None:
    """Plain text only: no control characters, nothing that a browser or a shell would take for a program."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if any(ord(sign) < 32 and sign not in "\t\r\n\f" for sign in text):
        return None
    start = text.lstrip()[:400].lower()
    if start.startswith(("<", "#!", "@echo")) or "<svg" in start or "<script" in start:
        return None
    return "txt", "text/plain"


def download_name(name: str, extension: str) -> str:
    """The name a file is handed out under: its own stem, and the ending of what it is ("run.bat" goes out as "run.txt")."""
    stem, _dot, ending = name.rpartition(".")
    if extension == "txt" and ending.lower() in TEXT_ENDINGS:
        return name
    return f"{stem or ending}.{extension}"


def unguessable(folder: str, checked: Checked) -> str:
    """A storage name that says nothing and cannot be guessed."""
    token = secrets.token_urlsafe(24)
    return f"{folder}/{token[:2]}/{token}.{checked.extension}"
