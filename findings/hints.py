"""Weak causes and weak actions (domain §3.3): hints that ask the next why, never a block."""

from django.utils.translation import gettext as _

WEAK_CAUSES = (
    "人为疏忽", "员工疏忽", "责任心不强", "意识不足", "意识不强", "未按SOP作业", "培训不到位", "新员工", "管理不到位", "监督不力",
    "human error", "operator error", "not followed", "carelessness",
)
WEAK_ACTIONS = (
    "加强培训", "加强管理", "加强巡检", "加强宣导", "已口头教育", "已提醒", "要求员工", "杜绝", "下次注意", "宣导",
    "train the operator", "remind", "pay attention", "strengthen",
)


def _found(words: tuple[str, ...], text: str) -> list[str]:
    lowered = text.lower()
    return [word for word in words if word in lowered]


def cause(text: str) -> str:
    """A question for a cause that stops at a person, or ""."""
    found = _found(WEAK_CAUSES, text)
    if not found:
        return ""
    return _("“%(words)s”: why did the process allow it? Ask once more.") % {"words": "、".join(found)}


def action(text: str) -> str:
    """A question for an action that binds nobody, or ""."""
    found = _found(WEAK_ACTIONS, text)
    if not found:
        return ""
    return _("“%(words)s” alone does not last: what makes the error impossible?") % {"words": "、".join(found)}
