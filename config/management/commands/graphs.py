"""`manage.py graphs`: the state pictures of docs/states.md, drawn from the machines themselves."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django_fsm import RETURN_VALUE

from audits.actions import MACHINE as AUDITS
from findings.actions import MACHINE as FINDINGS
from workflow.door import CHILDREN, Machine

PAGE = Path(settings.BASE_DIR) / "docs" / "states.md"


def edges(machine: Machine[Any]) -> list[tuple[str, str, str]]:
    """(from, to, move) for every transition; a move that keeps the state points back at it."""
    found = []
    for move in (name for name, one in machine.moves.items() if one.opens is None):
        for source, transition in getattr(machine.model, move)._django_fsm.transitions.items():
            target = transition.target
            targets = target.allowed_states if isinstance(target, RETURN_VALUE) else [target or source]
            found += [(str(source), str(to), move) for to in targets]
    return found


def picture(machine: Machine[Any]) -> str:
    """A Mermaid state diagram; moves between the same two states share an arrow."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for source, target, move in edges(machine):
        arrows.setdefault((source, target), []).append(move)
    lines = [f"    {source} --> {target}: {', '.join(moves)}" for (source, target), moves in sorted(arrows.items())]
    return "\n".join(["```mermaid", "stateDiagram-v2", "    direction LR", *lines, "```"])


def text() -> str:
    beside = [
        f"## {child.model.__name__}, beside a {machine.model.__name__.lower()}\n\n{picture(child)}\n"
        for machine in (AUDITS, FINDINGS)
        for child in CHILDREN.get(machine.model, [])
    ]
    return (
        "# The state machines\n\nDrawn by `manage.py graphs` from the models of `audits/` and "
        "`findings/`; a test fails when this page is behind.\nA move that points back at its own state keeps it.\n\n"
        f"## Audit\n\n{picture(AUDITS)}\n\n## Finding\n\n{picture(FINDINGS)}\n\n" + "\n".join(beside)
    )


class Command(BaseCommand):
    help = "Write docs/states.md from the state machines."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only say whether the page is up to date")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            if not PAGE.exists() or PAGE.read_text() != text():
                raise CommandError("docs/states.md is behind: run manage.py graphs")
            return
        PAGE.write_text(text())
