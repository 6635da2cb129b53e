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


def matching(kind: str, text: str) -> "QuerySet[Any] | None":
    """The keys of the records of this kind in which everything of `text` is found, to be used as `pk__in`; None where
    `text` holds nothing that can be looked for.
    """
    index.catch_up()
    found = _fitting(text)
    return None if found is None else found.filter(kind=kind).values("object_id")


def found_by(rows: "QuerySet[Any]", kind: str, text: str) -> "QuerySet[Any]":
    """The rows of this kind in which everything of `text` is found: what a list's box for words narrows by. Signs alone,
    in which there is nothing to look for, are found nowhere.
    """
    keys = matching(kind, text)
    return rows.none() if keys is None else rows.filter(pk__in=keys)


def _fitting(text: str) -> "QuerySet[Entry] | None":
    if connection.vendor == "postgresql":
        asked = for_postgresql(text)
        sql = "SELECT id FROM search_entry WHERE words @@ to_tsquery('simple', %s)"
    else:
        asked = for_sqlite(text)
        sql = "SELECT rowid FROM search_words WHERE search_words MATCH %s"
    return Entry.objects.filter(pk__in=RawSQL(sql, [asked])) if asked else None


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
        found = _fitting(text)
        if found is None:
            return []
        seen = found.filter(kind=source.kind, object_id__in=source.visible(user).order_by().values("pk"))
        newest = list(seen.order_by("-object_id").values_list("pk", flat=True)[: RANKED + 1])
        if newest:
            groups.append(Group(source, _hits(source, newest[:RANKED], text, most), len(newest)))
    return groups


def _hits(source: Source, keys: list[int], text: str, most: int) -> list[Hit]:
    ranked = _ranked(keys, text)[:most]
    objects = [entry.object_id for entry in ranked]
    links, about = source.links(objects), source.about(objects)
    return [
        Hit(
            entry.object_id,
            entry.title,
            excerpt(entry.plain, text),
            links[entry.object_id],
            about.get(entry.object_id, ""),
        )
        for entry in ranked
        if entry.object_id in links
    ]


def _ranked(keys: list[int], text: str) -> list[Entry]:
    rows = Entry.objects.filter(pk__in=keys)
    if connection.vendor == "postgresql":
        rank = RawSQL("ts_rank(words, to_tsquery('simple', %s))", [for_postgresql(text)])
        return list(rows.annotate(rank=rank).order_by(F("rank").desc(), "-object_id")[:RANKED])
    # FTS5 ranks by a function of its own query; the smaller the better.
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT rowid, bm25(search_words, {TITLE}, 1) FROM search_words WHERE search_words MATCH %s",
            [for_sqlite(text)],
        )
        ranks = dict(cursor.fetchall())
    return sorted(rows, key=lambda entry: (ranks.get(entry.pk, 0), -entry.object_id))


def excerpt(plain: str, text: str) -> SafeString:
    """The part of the text in which most of the words stand, with the words marked."""
    words, plain = _words(text), plain[:LOOKED_THROUGH]
    folded = _folded(plain)
    places = sorted(place for word in words if (place := folded.find(word)) >= 0)
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


def _marked(text: str, words: list[str]) -> SafeString:
    """The text with every word in <mark>; where two overlap, the one that begins first."""
    folded, parts, at = _folded(text), [], 0
    while True:
        places = [(place, -len(word), word) for word in words if word and (place := folded.find(word, at)) >= 0]
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
