"""What a move may answer instead of being done."""

from django.utils.translation import gettext as _


class StaleState(Exception):
    """The record is no longer where the person saw it (HTTP 409); `message` says what to do next."""

    def __init__(self, message: str = "") -> None:
        self.message = message or _("Someone else has moved this on meanwhile. Look at it again before you go on.")
        super().__init__(self.message)


class GateClosed(Exception):
    """Something the procedure demands is missing (HTTP 400); `missing` holds one sentence per thing."""

    def __init__(self, missing: list[str]) -> None:
        self.missing = missing
        super().__init__(" ".join(missing))


class Missing(str):
    """A sentence about something missing, and the address of the field where it can be put right ("" for none)."""

    url: str

    def __new__(cls, sentence: str, url: str = "") -> "Missing":
        made = super().__new__(cls, sentence)
        made.url = url
        return made
