"""Everything that is checked before the tests run: lint, types, templates, migrations, translations, deployment."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PRODUCTION = {
    "SECRET_KEY": "only-for-this-check-" + "x" * 60,
    "DATABASE_URL": "postgres://nobody@127.0.0.1:5432/none",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "ALLOWED_HOSTS": "audits.example.invalid",
    "HTTPS": "1",
    "EMAIL_HOST": "mail.example.invalid",
    "DEMO": "0",
}


def steps() -> list[tuple[str, list[str], dict[str, str]]]:
    templates = sorted(str(path) for path in (ROOT / "templates").rglob("*.html"))
    python, manage = sys.executable, [sys.executable, "manage.py"]
    return [
        ("ruff", [str(BIN / "ruff"), "check", "--no-cache", "."], {}),
        ("format", [str(BIN / "ruff"), "format", "--no-cache", "--check", "."], {}),
        ("mypy", [str(BIN / "mypy"), "."], {}),
        ("template lint", [str(BIN / "djlint"), "templates", "--lint", "--quiet"], {}),
        ("template tags", [str(BIN / "djade"), "--check", "--target-version", "5.2", *templates], {}),
        ("template indentation", [str(BIN / "djhtml"), "--check", "--tabwidth", "2", "templates"], {}),
        ("floors", [str(BIN / "lint-imports"), "--config", ".importlinter", "--no-cache"], {}),
        ("structure", [str(BIN / "pytest"), "-q", "tests/house/test_structure.py"], {}),
        ("migrations", [*manage, "makemigrations", "--check", "--dry-run"], {}),
        ("translations", [python, "scripts/translations.py"], {}),
        ("API schema", [*manage, "spectacular", "--file", os.devnull, "--validate", "--fail-on-warn"], {}),
        ("deployment", [*manage, "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
    ]


def main() -> int:
    failed = []
    with tempfile.TemporaryDirectory() as var:
        for name, command, extra in steps():
            done = subprocess.run(
                command,
                cwd=ROOT,
                env={**os.environ, "VAR_DIR": var, **extra},
                capture_output=True,
                text=True,
                check=False,
            )
            print(f"{'ok    ' if done.returncode == 0 else 'FAILED'} {name}", flush=True)
            if done.returncode:
                failed.append(name)
                print((done.stdout + done.stderr)[-6000:], flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
