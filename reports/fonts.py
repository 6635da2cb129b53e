"""Where the Chinese glyphs of the PDF come from, and whether the PDF libraries are there."""

import ctypes
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

LIBRARIES = (
    "libgobject-2.0.so.0",
    "libpango-1.0.so.0",
    "libharfbuzz.so.0",
    "libfontconfig.so.1",
    "libpangoft2-1.0.so.0",
)
PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
TEMPLATE = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
{folders}
<alias><family>sans-serif</family><prefer><family>Noto Sans SC</family><family>Noto Emoji</family></prefer></alias>
<cachedir>{cache}</cachedir>
</fontconfig>
"""


def write_conf() -> Path:
    """Write var/fonts.conf: one complete font in two weights, so that every glyph is right. Returns its path."""
    noto = Path(settings.BASE_DIR) / "node_modules" / "@expo-google-fonts" / "noto-sans-sc"
    emoji = noto.parent / "noto-emoji" / "400Regular"
    folders = [noto / "400Regular", noto / "700Bold", emoji, Path("/usr/share/fonts")]
    lines = "\n".join(f"<dir>{folder}</dir>" for folder in folders)
    path = Path(settings.FONTS_CONF)
    text = TEMPLATE.format(folders=lines, cache=path.parent / "fccache")
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
    return path


def missing_libraries() -> list[str]:
    missing = []
    for name in LIBRARIES:
        try:
            ctypes.CDLL(name)
        except OSError:
            missing.append(name)
    return missing


def hint() -> str:
    """One sentence when PDFs cannot be made here, else ""."""
    if not missing_libraries():
        return ""
    return _("PDF is not available: install the system packages %(packages)s.") % {"packages": PACKAGES}
