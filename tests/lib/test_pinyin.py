"""Names as they are typed by who looks for them."""

import pytest

from lib.pinyin import LONGEST, readings


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("张伟", "zhangwei"),
        ("张伟", "zw"),
        ("吕梁", "lvliang"),
        ("单伟", "shanwei"),
        ("单伟", "sw"),
        ("单伟", "danwei"),
        ("曾志强", "zengzhiqiang"),
        ("重庆一厂", "chongqingyichang"),
        ("澄光Auto", "chengguangauto"),
    ],
)
def test_a_name_is_found_by_its_pinyin_and_its_initials(name: str, typed: str) -> None:
    assert typed in readings(name).split()


def test_a_name_without_hanzi_has_none() -> None:
    assert readings("Smith") == "" and readings("") == ""


def test_a_name_however_long_fits_its_column() -> None:
    assert len(readings("长" * 120)) == LONGEST
