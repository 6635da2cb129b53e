"""Every notice that can be owed has its words, and no words lie about unused."""

import ast
import inspect
from pathlib import Path
from types import ModuleType

import pytest
from django.conf import settings
from django.template.loader import get_template

from audits import actions as audit_actions, effects as of_audits
from clocks import sweep
from closure import weekly
from findings import dispute_moves, exemption_moves, read_across_moves, telling
from findings.moves import MOVES
from people import actions as people_actions, admin as people_admin, leaving
from questions import actions as questions_actions

NAMED_AFTER_THE_MOVE = {telling.tell_owner, telling.tell_lead_escort}
MODULES = (
    of_audits,
    audit_actions,
    telling,
    dispute_moves,
    exemption_moves,
    read_across_moves,
    sweep,
    weekly,
    people_actions,
    people_admin,
    leaving,
    questions_actions,
)


def _literal(module: ModuleType) -> set[str]:
    """The kinds that a module names in words: second argument of whatever tells somebody, or of `Owed`."""
    calls = (node for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.Call))
    second = (
        call.args[1].value
        for call in calls
        if ast.unparse(call.func).rsplit(".", 1)[-1] in {"_tell", "tell", "tell_of", "Owed"}
        and len(call.args) > 1
        and isinstance(call.args[1], ast.Constant)
    )
    return {kind for kind in second if isinstance(kind, str)}


def kinds() -> set[str]:
    moves = {f"finding_{move}" for move in MOVES if NAMED_AFTER_THE_MOVE & set(MOVES[move].tells)}
    return moves.union(*(_literal(module) for module in MODULES))


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_the_notice_has_words(kind: str) -> None:
    assert get_template(f"notices/{kind}.txt")


def test_no_words_without_a_notice() -> None:
    written = {path.stem for path in (Path(settings.BASE_DIR) / "templates" / "notices").glob("[!_]*.txt")}
    assert written == kinds()
