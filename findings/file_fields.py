"""The base form of moves that bring evidence."""

from typing import Any

from lib.storage import store_all
from workflow.forms import MoveForm


class FilesMixin(MoveForm):
    """A move with evidence: the files are stored before the move and handed on as facts."""

    def facts(self) -> dict[str, Any]:
        facts = super().facts()
        facts["files"] = store_all((upload, "") for upload in facts.pop("files"))
        return facts
