"""Text as an index of words can find it: Chinese in pairs of signs and single signs, everything else in words.

A Chinese word of two signs is too short for the trigrams that databases know, and nobody puts blanks between words.
"""

import re
import unicodedata

CJK = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
RUN = re.compile(rf"[{CJK}]+|[^\W_{CJK}]+")
#: So many words are looked for at most; more make no answer better.
MOST_WORDS = 12
LONGEST = 200


def normal(text: str) -> str:
    """Full-width signs as narrow ones, capitals as small letters."""
    return unicodedata.normalize("NFKC", text).lower()


def _is_hanzi(run: str) -> bool:
    return re.match(rf"[{CJK}]", run) is not None


def grams(text: str) -> str:
    """ "流挂 A12" → "流挂 流 挂 a12": what the index keeps of a text, in the order of the text."""
    found: list[str] = []
    for run in RUN.findall(normal(text)):
        if _is_hanzi(run) and len(run) > 1:
            found += [run[place : place + 2] for place in range(len(run) - 1)]
            found += run
        else:
            found.append(run)
    return " ".join(found)


def phrases(text: str) -> list[list[str]]:
    """What has to be found for a search: phrases of grams that follow each other; the last word of a phrase of letters
    is only begun ("F-2026-00" finds F-2026-0001).

    >>> phrases("上海厂 F-2026")
    [['上海', '海厂'], ['f', '2026']]
    """
    found: list[list[str]] = []
    for word in normal(text[:LONGEST]).split():
        letters: list[str] = []
        for run in RUN.findall(word):
            if not _is_hanzi(run):
                letters.append(run)
                continue
            if letters:
                found.append(letters)
                letters = []
            found.append([run[place : place + 2] for place in range(len(run) - 1)] or [run])
        if letters:
            found.append(letters)
    return found[:MOST_WORDS]


def begun(phrase: list[str]) -> bool:
    """Whether the last word of the phrase may go on: it is made of letters or figures."""
    return not _is_hanzi(phrase[-1])


def for_postgresql(text: str) -> str:
    """The search as `to_tsquery('simple', …)` reads it; "" where nothing can be looked for. Runs hold word signs only."""
    said = []
    for phrase in phrases(text):
        words = [f"'{word}'" for word in phrase]
        words[-1] += ":*" if begun(phrase) else ""
        said.append(f"({' <-> '.join(words)})")
    return " & ".join(said)


def for_sqlite(text: str) -> str:
    """The search as FTS5 reads it; "" where nothing can be looked for."""
    return " AND ".join(f'"{" ".join(phrase)}"' + (" *" if begun(phrase) else "") for phrase in phrases(text))
