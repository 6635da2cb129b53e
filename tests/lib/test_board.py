"""A list as a board."""

from typing import Any

from findings.models import Finding
from lib.board import SHOWN, board


def test_each_column_has_its_newest_and_its_true_number(world: Any) -> None:
    drafts = [world.draft() for _n in range(3)]
    world.issue(drafts[0])
    columns = board(Finding.objects.all(), "state", [("draft", "草稿"), ("issued", "已发出"), ("closed", "关闭")])
    assert [(column.label, column.total, column.more) for column in columns] == [
        ("草稿", 2, 0),
        ("已发出", 1, 0),
        ("关闭", 0, 0),
    ]
    assert [row.pk for row in columns[0].rows] == [drafts[2].pk, drafts[1].pk]


def test_more_than_a_column_shows_are_counted(world: Any) -> None:
    audit = world.audit()
    for _n in range(SHOWN + 2):
        world.draft(audit)
    [column] = board(Finding.objects.all(), "state", [("draft", "草稿")])
    assert (len(column.rows), column.total, column.more) == (SHOWN, SHOWN + 2, 2)
