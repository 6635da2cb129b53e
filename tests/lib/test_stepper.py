"""The path of a record as steps: done, now, ahead; what was passed over is not shown as done."""

import pytest

from findings.states import FindingState as S
from lib.stepper import stepper

PATH = (S.DRAFT, S.ISSUED, S.CONTAINED, S.ANALYSED, S.CLOSED)


def kinds(state: str, *reached: str) -> list[str]:
    return [step["kind"] for step in stepper(PATH, state, reached)]


def test_what_lies_behind_is_done_and_what_lies_before_is_ahead() -> None:
    assert kinds("contained", "draft", "issued", "contained") == ["done", "done", "now", "ahead", "ahead"]
    assert kinds("draft") == ["now", "ahead", "ahead", "ahead", "ahead"]
    assert kinds("closed", *(one.value for one in PATH)) == ["done"] * 4 + ["now"]


def test_a_step_that_was_passed_over_is_left_out() -> None:
    shown = stepper(PATH, "analysed", ["draft", "issued", "analysed"])
    assert [step["label"] for step in shown] == [str(one.label) for one in (S.DRAFT, S.ISSUED, S.ANALYSED, S.CLOSED)]


def test_what_was_reached_before_it_was_sent_back_is_ahead_again() -> None:
    assert kinds("issued", "draft", "issued", "contained", "issued") == ["done", "now", "ahead", "ahead", "ahead"]


@pytest.mark.parametrize("reached", [("draft", "issued"), ("draft", "issued", "contained")])
def test_beside_the_path_there_is_no_now(reached: tuple[str, ...]) -> None:
    found = kinds("withdrawn", *reached)
    assert "now" not in found and "done" not in found[len(reached) :]
