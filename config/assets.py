"""Front-end packages: published from node_modules through a list of names, never copied into the repository."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage as BaseStorage
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

NODE_MODULES = Path(settings.BASE_DIR) / "node_modules"
FILES = {
    "vendor/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "vendor/tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "vendor/icons/bootstrap-icons.min.css": "bootstrap-icons/font/bootstrap-icons.min.css",
    "vendor/icons/fonts/bootstrap-icons.woff2": "bootstrap-icons/font/fonts/bootstrap-icons.woff2",
    "vendor/icons/fonts/bootstrap-icons.woff": "bootstrap-icons/font/fonts/bootstrap-icons.woff",
    "vendor/tom-select.min.css": "tom-select/dist/css/tom-select.bootstrap5.min.css",
    "vendor/tabler-vendors.min.css": "@tabler/core/dist/css/tabler-vendors.min.css",
    "vendor/tom-select.min.js": "tom-select/dist/js/tom-select.complete.min.js",
}


class _OneFile(FileSystemStorage):
    """A storage of exactly one file, whatever the name asked for."""

    def __init__(self, source: Path) -> None:
        super().__init__(location=str(source.parent))
        self._source = source

    def path(self, name: str) -> str:
        return str(self._source)


class NpmFinder(BaseFinder):
    """Finds the files listed above."""

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        source = NODE_MODULES / FILES[path] if path in FILES else None
        if source is None or not source.is_file():
            return []
        return [str(source)] if find_all else str(source)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, BaseStorage]]:
        for name, source in FILES.items():
            if (NODE_MODULES / source).is_file():
                yield name, _OneFile(NODE_MODULES / source)


class Storage(CompressedManifestStaticFilesStorage):
    """Hashed and gzipped. Source maps are not published, so the comments that name them are left alone."""

    patterns = tuple(
        (
            glob,
            tuple(p for p in rules if "sourceMappingURL" not in (p if isinstance(p, str) else p[0])),
        )
        for glob, rules in CompressedManifestStaticFilesStorage.patterns
    )

    def create_compressor(self, **kwargs: Any) -> Compressor:
        return Compressor(use_brotli=False, **kwargs)
