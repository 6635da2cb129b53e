"""Pictures on their way out: without the place and the device that a camera writes into them, and small where they are shown
small. The original stays in the storage as it came, with its hash, as proof.

What is handed out is made once, when it is first asked for, and kept beside the original.
"""

import io
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage

from lib.storage import CLEAN, SMALL

#: The longest side of a thumbnail, in pixels: twice what pages show, for dense screens.
THUMBNAIL = 480
#: Of all that a camera writes only the time of taking and how the picture is to be turned stay (tags of EXIF).
ORIENTATION, TAKEN, EXIF_IFD, TAKEN_ORIGINAL = 0x0112, 0x0132, 0x8769, 0x9003
CLEANED = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF"}


def cleaned(path: str, content_type: str) -> str:
    """The storage path of the picture without place and device; of anything else the path itself."""
    if content_type not in CLEANED:
        return path
    return _made(path + CLEAN, path, lambda image: _clean(image, CLEANED[content_type]))


def thumbnail(path: str) -> str:
    """The storage path of a small JPEG of the picture."""
    return _made(path + SMALL, path, _small)


def _made(target: str, source: str, make: Any) -> str:
    """Make `target` out of `source` unless it is there. Two who ask at once make the same bytes; one of them stays."""
    from PIL import Image

    if not default_storage.exists(target):
        with default_storage.open(source) as file, Image.open(io.BytesIO(file.read())) as image:
            content = make(image)
        _put(target, content)
    return target


def _put(target: str, content: bytes) -> None:
    """In its place only when it is whole: nobody is handed half of it, and a killed process leaves none."""
    if isinstance(default_storage, FileSystemStorage):
        saved = default_storage.save(f"{target}.new", ContentFile(content))
        Path(default_storage.path(saved)).replace(default_storage.path(target))
        return
    # A bucket shows an object once it is whole. Whoever comes second is given another name for the same bytes.
    saved = default_storage.save(target, ContentFile(content))
    if saved != target:
        default_storage.delete(saved)


def _clean(image: Any, kind: str) -> bytes:
    from PIL import Image

    kept, given = Image.Exif(), image.getexif()
    # What a camera wrote wrongly is left out: it could not be written again.
    if given.get(ORIENTATION) in range(1, 9):
        kept[ORIENTATION] = given[ORIENTATION]
    if isinstance(taken := given.get(TAKEN), str):
        kept[TAKEN] = taken
    if isinstance(taken := given.get_ifd(EXIF_IFD).get(TAKEN_ORIGINAL), str):
        kept.get_ifd(EXIF_IFD)[TAKEN_ORIGINAL] = taken
    # Words that a program wrote beside the picture may name the place too.
    for words in ("xmp", "comment", "Comment", "Description", "Author"):
        image.info.pop(words, None)
    if kind == "GIF":
        buffer = io.BytesIO()
        image.save(buffer, kind, save_all=True, comment=b"")
        return buffer.getvalue()
    options: dict[str, Any] = {"exif": kept, "icc_profile": image.info.get("icc_profile")}
    if kind == "JPEG":
        # The camera's own tables: nothing visible is lost.
        options |= {"comment": b""} | ({"quality": "keep"} if image.format == "JPEG" else {"quality": 95})
    elif kind == "WEBP":
        options |= {"quality": 95}
    if kind != "JPEG" and getattr(image, "n_frames", 1) > 1:
        options["save_all"] = True
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _small(image: Any) -> bytes:
    from PIL import ImageOps

    image.draft("RGB", (THUMBNAIL * 2, THUMBNAIL * 2))
    turned = ImageOps.exif_transpose(image).convert("RGB")
    turned.thumbnail((THUMBNAIL, THUMBNAIL))
    buffer = io.BytesIO()
    turned.save(buffer, "JPEG", quality=78)
    return buffer.getvalue()
