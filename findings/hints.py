"""Weak causes and weak actions (domain §3.3): hints that ask the next why, never a block."""

from typing import Any

from django.utils.translation import gettext as _

from findings.states import Step

WEAK_CAUSES = (
    "人为疏忽",
    "员工疏忽",
    "责任心不强",
    "意识不足",
    "意识不强",
    "未按SOP作业",
    "培训不到位",
    "新员工",
    "管理不到位",
    "监督不力",
    "human error",
    "operator error",
    "not followed",
    "carelessness",
)
WEAK_ACTIONS = (
    "加强培训",
    "加强管理",
    "加强巡检",
    "加强宣导",
    "已口头教育",
    "已提醒",
    "要求员工",
    "杜绝",
    "下次注意",
    "宣导",
    "train the operator",
    "remind",
    "pay attention",
    "strengthen",
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


#: Shorter, without a figure in it, and a reader learns nothing.
SHORTEST = 4


def is_short(text: str) -> bool:
    """Whether the text says next to nothing: a word or less, and no figure."""
    stripped = text.strip()
    return bool(stripped) and len(stripped) < SHORTEST and not any(sign.isdigit() for sign in stripped)


def of_answer(submission: Any) -> list[str]:
    """What to ask about a whole answer: one-word texts, a scope of which nothing applies."""
    found = []
    data = submission.data
    texts = [str(value) for value in data.values() if isinstance(value, str)]
    if submission.step == Step.ANALYSE:
        texts += [part for why in submission.whys.all() for part in (why.question, why.because)]
        texts += [root.statement for root in submission.roots.all()]
    short = sorted({text.strip() for text in texts if is_short(text)})
    if short:
        found.append(
            _("“%(texts)s”: too short to be understood by somebody who was not there.")
            % {"texts": "、".join(short[:5])}
        )
    scope = data.get("scope") or []
    if scope and not any(row.get("applies") for row in scope):
        found.append(_nothing_applies())
    return found


def _nothing_applies() -> str:
    return _("No place is said to be affected: has stock, transit and the customer really been looked at?")


def for_script() -> dict[str, Any]:
    """The words and sentences for hints while somebody writes."""
    return {
        "causes": [word.lower() for word in WEAK_CAUSES],
        "actions": [word.lower() for word in WEAK_ACTIONS],
        "say_causes": _("“%(words)s”: why did the process allow it? Ask once more.") % {"words": "%s"},
        "say_actions": _("“%(words)s” alone does not last: what makes the error impossible?") % {"words": "%s"},
        "say_short": _("A word explains nothing to somebody who was not there."),
        "say_scope": _nothing_applies(),
    }
