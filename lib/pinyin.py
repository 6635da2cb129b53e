"""How a Chinese name is typed by somebody who looks for it: its pinyin and its initials."""

from pypinyin import Style, lazy_pinyin

#: Surnames that a dictionary of words reads otherwise (单 is "shan" in a name, "dan" in "单位"). Both readings are kept.
SURNAMES = {
    "单": "shan",
    "曾": "zeng",
    "解": "xie",
    "仇": "qiu",
    "查": "zha",
    "盖": "ge",
    "区": "ou",
    "朴": "piao",
    "任": "ren",
    "华": "hua",
    "翟": "zhai",
    "缪": "miao",
    "乐": "yue",
    "冼": "xian",
    "覃": "qin",
    "燕": "yan",
    "召": "shao",
    "黑": "he",
    "尹": "yin",
    "折": "she",
    "员": "yun",
    "种": "chong",
    "晟": "cheng",
    "宁": "ning",
    "尉": "yu",
}
LONGEST = 200


def readings(name: str) -> str:
    """ "单伟" → "danwei dw shanwei sw": whole and by initials, once more with the surname's own reading; "" without hanzi."""
    if name.isascii():
        return ""
    syllables = lazy_pinyin(name)
    initials = lazy_pinyin(name, style=Style.FIRST_LETTER)
    words = ["".join(syllables), "".join(initials)]
    own = SURNAMES.get(name[0])
    if own is not None and own != syllables[0]:
        words += ["".join([own, *syllables[1:]]), "".join([own[0], *initials[1:]])]
    return " ".join(words).lower()[:LONGEST]
