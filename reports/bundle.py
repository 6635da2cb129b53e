"""A published report as one document: everything it said, in one fixed form, so that anybody can check its hash."""

import hashlib
import json
from datetime import datetime
from typing import Any

from reports.models import Publication
from reports.periods import Period

#: Figures that only those may read who keep the ledger; the document carries their hash in their place.
RESTRICTED = "ledger"


def canonical(data: Any) -> bytes:
    """The one way these data are written: sorted keys, no blanks, UTF-8."""
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def digest(data: Any) -> str:
    return hashlib.sha256(canonical(data)).hexdigest()


def restricted(figures: dict[str, Any], members: dict[str, list[int]]) -> dict[str, Any]:
    """The part about the ledger."""
    return {
        "figures": figures[RESTRICTED],
        "members": {name: ids for name, ids in members.items() if name.startswith(f"{RESTRICTED}/")},
    }


def document(
    *, period: Period, figures: dict[str, Any], members: dict[str, list[int]], words: str, by: str, at: datetime
) -> dict[str, Any]:
    """Everything that was published: figures, the rows behind them, the Leader's words, who and when."""
    return {
        **period.named(),
        "figures": {name: value for name, value in figures.items() if name != RESTRICTED},
        "members": {name: ids for name, ids in members.items() if not name.startswith(f"{RESTRICTED}/")},
        "ledger_sha256": digest(restricted(figures, members)),
        "words": words,
        "published_by": by,
        "published_at": at.isoformat(),
    }


def of(publication: Publication) -> dict[str, Any]:
    """The document of a publication as its row says it today. Comes with `published_by` loaded."""
    return document(
        period=Period.parse(publication.period),
        figures=publication.figures,
        members=publication.members,
        words=publication.words,
        by=publication.published_by.username,
        at=publication.published_at,
    )


def is_whole(publication: Publication) -> bool:
    """Whether nothing of it was changed since it was published; not even its name to something that is none."""
    try:
        return digest(of(publication)) == publication.sha256
    except ValueError:
        return False
