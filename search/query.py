"""Looking things up in the index: which records, in which order, with which words of theirs."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from search import index
from search.grams import for_postgresql, for_sqlite, normal, phrases
from search.models import Entry
from search.sources import SOURCES, Source

#: The newest so many that fit are put in order by how well they fit; nobody reads further.
RANKED = 500
#: A word of a title counts so many times one of the text.
TITLE = 10
EXCERPT = 90
LOOKED_THROUGH = 4000


def found_by(rows: "QuerySet[Any]", kind: str, text: str) -> "QuerySet[Any]":
    """The rows of this kind in which everything of `text` is found: what a list's box for words narrows by. Signs alone,
    in which there is nothing to look for, are found nowhere.
    """
    index.catch_up()
    keys = _keys(kind, text)
    return rows.none() if keys is None else rows.filter(pk__in=keys)


def _asked(text: str) -> str:
    return for_postgresql(text) if connection.vendor == "postgresql" else for_sqlite(text)


def _keys(kind: str, text: str) -> RawSQL | None:
    """The keys of the records that fit, as a subquery; None where there is nothing to look for.

    The index comes first and the entries are read by its rows: left to itself, SQLite goes through all pairs of what fits and what
    one may see.
    """
    asked = _asked(text)
    if not asked:
        return None
    if connection.vendor == "postgresql":
        sql = "SELECT object_id FROM search_entry WHERE kind = %s AND words @@ to_tsquery('simple', %s)"
        return RawSQL(sql, [kind, asked])
    sql = """SELECT entry.object_id FROM search_words CROSS JOIN search_entry AS entry ON entry.id = search_words.rowid
             WHERE search_words MATCH %s AND entry.kind = %s"""
    return RawSQL(sql, [asked, kind])


@dataclass(frozen=True)
class Hit:
    """One record that was found."""

    key: int
    title: str
    excerpt: SafeString
    url: str
    about: str


@dataclass(frozen=True)
class Group:
    """What was found of one kind: the best, and how many there are (at most RANKED + 1 are counted)."""

    source: Source
    hits: list[Hit]
    total: int

    @property
    def many(self) -> bool:
        return self.total > RANKED


def search(user: Any, text: str, *, kinds: tuple[str, ...] = (), most: int = 8) -> list[Group]:
    """What the person may see in which everything of `text` is found, by kind, the best first; a constant number of statements."""
    index.catch_up()
    groups = []
    for source in SOURCES.values():
        if kinds and source.kind not in kinds:
            continue
        keys = _keys(source.kind, text)
        if keys is None:
            return []
        seen = source.visible(user).filter(pk__in=keys)
        newest = list(seen.order_by("-pk").values_list("pk", flat=True)[: RANKED + 1])
        if newest:
            groups.append(Group(source, _hits(source, newest[:RANKED], text, most), len(newest)))
    return groups


def _hits(source: Source, keys: list[int], text: str, most: int) -> list[Hit]:
    best = _ranked(source.kind, keys, text)[:most]
    entries = {entry.object_id: entry for entry in Entry.objects.filter(kind=source.kind, object_id__in=best)}
    rows = {row.pk: row for row in source.shown(best)}
    return [
        Hit(key, entry.title, excerpt(entry.plain, text), source.link(rows[key]), source.about(rows[key]))
        for key in best
        if key in rows and (entry := entries.get(key)) is not None
    ]


def _ranked(kind: str, keys: list[int], text: str) -> list[int]:
    """The keys by how well their records fit, of equals the newest first."""
    rows = Entry.objects.filter(kind=kind, object_id__in=keys)
    if connection.vendor == "postgresql":
        rank = RawSQL("ts_rank(words, to_tsquery('simple', %s))", [_asked(text)])
        return list(
            rows.annotate(rank=rank).order_by(F("rank").desc(), "-object_id").values_list("object_id", flat=True)
        )
    with connection.cursor() as cursor:
        # The smaller the better; a function of the index's own query only.
        cursor.execute(
            f"SELECT rowid, bm25(search_words, {TITLE}, 1) FROM search_words WHERE search_words MATCH %s",
            [_asked(text)],
        )
        ranks = dict(cursor.fetchall())
    pairs = rows.values_list("pk", "object_id")
    return [-key for _rank, key in sorted((ranks.get(pk, 0), -key) for pk, key in pairs)]


def excerpt(plain: str, text: str) -> SafeString:
    """The part of the text in which most of the words stand, with the words marked."""
    words, plain = _words(text), plain[:LOOKED_THROUGH]
    folded = _folded(plain)
    places = sorted(place for word in words if (place := _begins(folded, word, 0)) >= 0)
    start = max(0, (places[0] if places else 0) - 20)
    shown = plain[start : start + EXCERPT].replace("\n", " · ")
    return _marked(("…" if start else "") + shown + ("…" if start + EXCERPT < len(plain) else ""), words)


def _folded(text: str) -> str:
    """The text as it is compared, sign by sign: of the same length, whatever some signs would become ("…" is no "...")."""
    return "".join(other if len(other := normal(sign)) == 1 else sign for sign in text)


def _words(text: str) -> list[str]:
    """The words as they stand in a text, the longest first: those that go with each other in Chinese as one."""
    found = {
        "".join(sign[0] for sign in phrase) + phrase[-1][1:] if _pairs(phrase) else "-".join(phrase)
        for phrase in phrases(text)
    }
    return sorted(found, key=len, reverse=True)


def _pairs(phrase: list[str]) -> bool:
    return not phrase[-1].isascii() and len(phrase[-1]) <= 2


def _begins(text: str, word: str, at: int) -> int:
    """Where the word stands from there on; one of letters only where a word begins."""
    place = text.find(word, at)
    while place > 0 and word[0].isascii() and text[place - 1].isascii() and text[place - 1].isalnum():
        place = text.find(word, place + 1)
    return place


def _marked(text: str, words: list[str]) -> SafeString:
    """The text with every word in <mark>; where two overlap, the one that begins first."""
    folded, parts, at = _folded(text), [], 0
    while True:
        places = [(place, -len(word), word) for word in words if word and (place := _begins(folded, word, at)) >= 0]
        if not places:
            break
        place, _length, word = min(places)
        parts += [(False, text[at:place]), (True, text[place : place + len(word)])]
        at = place + len(word)
    parts.append((False, text[at:]))
    return SafeString(
        "".join(
            f"<mark>{conditional_escape(part)}</mark>" if marked else conditional_escape(part) for marked, part in parts
        )
    )
