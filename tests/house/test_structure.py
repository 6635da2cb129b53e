"""How the house is built: floors, one door, moves = forms = effects, no state written past the machine."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import rules
from django.conf import settings

from workflow import door

ROOT = Path(settings.BASE_DIR)
#: The longest a file may be, in lines. At 400 it wants to become two.
LONGEST = 400
#: Every app of the house; which may import which is in .importlinter.
APPS = (*settings.OWN_APPS, "demo", "config")
MACHINES = tuple(door.MACHINES.values())
TRANSITIONS = {machine.model: set(machine.moves) for machine in MACHINES}


def sources(*apps: str) -> Iterator[tuple[str, Path, ast.Module]]:
    for app in apps or APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield app, path, ast.parse(path.read_text())


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_no_signals_are_used() -> None:
    found = [str(path) for _app, path, tree in sources() for module in imported(tree) if "signals" in module]
    assert found == []


@pytest.mark.parametrize("machine", MACHINES)
def test_every_transition_is_a_move_and_every_move_a_transition(machine) -> None:
    transitions = {
        name
        for name in dir(machine.model)
        if hasattr(getattr(machine.model, name, None), "_django_fsm") and not name.startswith("_")
    }
    assert transitions == {name for name, move in machine.moves.items() if move.opens is None}


@pytest.mark.parametrize("machine", MACHINES)
def test_every_move_has_a_permission_and_no_wildcard_source(machine) -> None:
    for move in machine.moves:
        if machine.moves[move].opens is not None:
            assert rules.perm_exists(machine.moves[move].opens.permission), move
            continue
        transitions = getattr(machine.model, move)._django_fsm.transitions
        assert "*" not in transitions and "+" not in transitions, move
        assert all(callable(transition.permission) for transition in transitions.values()), move


def test_nobody_but_the_door_calls_a_transition() -> None:
    """A call like finding.issue(…) anywhere else would skip locks, permission, trail and effects."""
    by_name = {name for moves in TRANSITIONS.values() for name in moves} - {"close", "start"}
    own = {"findings/effects.py", "audits/effects.py"}
    stray = []
    for _app, path, tree in sources():
        where = str(path.relative_to(ROOT))
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            name, keywords = node.func.attr, {keyword.arg for keyword in node.keywords}
            if name in by_name | {"close", "start"} and {"by", "at"} <= keywords and where not in own:
                stray.append(f"{where}:{node.lineno} {name}")
            if (
                name in by_name
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in {"finding", "audit", "subject"}
            ):
                stray.append(f"{where}:{node.lineno} {name}")
    assert stray == []


def test_every_helper_is_tested_by_its_name() -> None:
    """`lib/` knows nothing of the product: each file of it is tested by itself."""
    helpers = {path.stem for path in (ROOT / "lib").glob("*.py")} - {"__init__"}
    tests = {path.stem.removeprefix("test_") for path in (ROOT / "tests" / "lib").glob("test_*.py")}
    assert helpers - tests == {"row_data"}  # how rows are sent: tested with the rows


def test_words_are_marked_by_names_that_are_looked_for() -> None:
    """What gettext is called otherwise than `_` or itself, the catalogue never hears of."""
    hidden = [
        f"{path.relative_to(ROOT)}: {name.asname}"
        for _app, path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for name in node.names
        if name.asname not in {None, "_"}
    ]
    assert hidden == []


def test_no_state_is_written_by_update() -> None:
    found = []
    for _app, path, tree in sources():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"update", "bulk_update"}
            ):
                named = {keyword.arg for keyword in node.keywords}
                texts = {one.value for one in ast.walk(node) if isinstance(one, ast.Constant)}
                if "state" in named or (node.func.attr == "bulk_update" and "state" in texts):
                    found.append(f"{path.name}:{node.lineno}")
    assert found == []


def test_protected_state_refuses_assignment(db) -> None:
    for machine in MACHINES:
        with pytest.raises(AttributeError):
            machine.model().state = "closed"


def test_protection_survives_a_refresh_of_a_row_that_is_gone(world) -> None:
    finding = world.finding("draft")
    finding.pk = 10**9
    with pytest.raises(type(finding).DoesNotExist):
        finding.refresh_from_db()
    with pytest.raises(AttributeError):
        finding.state = "closed"


def test_no_sentence_hides_from_the_translators() -> None:
    """What stands inside an f-string is not found by the program that collects the sentences."""
    hidden = [
        f"{path.name}:{call.lineno}"
        for _app, path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and ast.unparse(call.func) in {"_", "gettext", "gettext_lazy", "ngettext"}
    ]
    assert hidden == []


def test_only_one_module_says_which_day_it_is() -> None:
    """A day belongs to a zone: asked anywhere else, it is the server's."""
    asked = [
        f"{path.name}:{node.lineno} {ast.unparse(node)}"
        for app, path, tree in sources()
        if app != "demo" and path != ROOT / "lib" / "moment.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func)
        in {"date.today", "timezone.localdate", "datetime.now", "timezone.now", "datetime.today"}
    ]
    assert asked == []


def test_files_stay_short() -> None:
    paths = [path for _app, path, _tree in sources()] + sorted((ROOT / "tests").rglob("*.py"))
    long = [path.name for path in paths if len(path.read_text().splitlines()) > LONGEST]
    assert long == []


def test_template_lines_stay_short() -> None:
    """No tool can break them: a line that is too long holds more than one thought."""
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "templates").rglob("*.*"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > 120
    ]
    assert long == []


def test_the_state_pictures_are_up_to_date() -> None:
    from django.core.management import call_command

    call_command("graphs", "--check")
