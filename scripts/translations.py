"""Every string is translated: fails on a missing, fuzzy or forgotten zh-hans entry. `--write` brings the catalogue up to date."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
IGNORED = (".venv", ".node", "node_modules", "var", "tests", "bench", "scripts", "demo")


def extract() -> None:
    """Let gettext write what the sources say into the catalogue."""
    ignore = [f"--ignore={name}" for name in IGNORED]
    command = [sys.executable, "manage.py", "makemessages", "-l", "zh_Hans", "--no-location", "--no-obsolete", *ignore]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def faults(catalogue: polib.POFile) -> list[str]:
    found = [f"fuzzy: {entry.msgid!r}" for entry in catalogue.fuzzy_entries()]
    found += [f"missing: {entry.msgid!r}" for entry in catalogue.untranslated_entries()]
    return found


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if not shutil.which("xgettext"):
        print("gettext is missing: install the system package gettext.")
        return 1
    before = CATALOGUE.read_text() if CATALOGUE.exists() else ""
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    extract()
    now = polib.pofile(str(CATALOGUE))
    known = {entry.msgid for entry in polib.pofile(before)} if before else set()
    found = faults(now)
    if not options.write:
        found += [f"not in the catalogue: {entry.msgid!r}" for entry in now if entry.msgid not in known]
        CATALOGUE.write_text(before)
    print("\n".join(found) or f"translations: {len(now)} strings, none missing")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
