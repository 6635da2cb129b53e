"""What the tests have to run through: every line and branch of what the product is trusted for, most of the rest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COVERAGE = str(Path(sys.executable).parent / "coverage")
#: The door, the clocks, the rules and the figures: complete, branches included.
COMPLETE = (
    "workflow/door.py",
    "workflow/move.py",
    "clocks/actions.py",
    "clocks/due.py",
    "clocks/kinds.py",
    "clocks/reckoning.py",
    "clocks/rules.py",
    "clocks/subjects.py",
    "clocks/sweep.py",
    "audits/clocks.py",
    "audits/clock_subject.py",
    "findings/clocks.py",
    "findings/clock_subject.py",
    "calendars/arithmetic.py",
    "audits/rules.py",
    "closure/rules.py",
    "findings/rules.py",
    "people/rules.py",
    "reports/rules.py",
    "reports/figures.py",
    "reports/look.py",
    "reports/periods.py",
    "reports/rates.py",
    "reports/rows.py",
)
OVERALL = 92


def main() -> int:
    gates = [
        ("the door, the clocks, the rules and the figures", ["--include", ",".join(COMPLETE), "--fail-under", "100"]),
        ("everything", ["--fail-under", str(OVERALL), "--format", "total"]),
    ]
    failed = 0
    for name, arguments in gates:
        done = subprocess.run([COVERAGE, "report", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
        print(f"{'ok    ' if done.returncode == 0 else 'FAILED'} coverage of {name}: {done.stdout.splitlines()[-1]}")
        if done.returncode:
            failed = 1
            print(done.stdout + done.stderr)
    return failed


if __name__ == "__main__":
    sys.exit(main())
