"""Why a witness does not cosign; each message says what was found and what to do next."""

WHAT_NEXT = (
    "Keep that folder, tell the auditors and the other witnesses of this log, and compare with "
    "what they hold. Once all of you know what happened, move it away and start again"
)


class Contradicted(Exception):
    """The log signed what cannot both be true, or cannot show that it only grew.

    Attributes:
        shown: what it showed in its defence, a text to be kept beside the two notes.
    """

    def __init__(self, message: str, shown: str = "") -> None:
        super().__init__(message)
        self.shown = shown


class NotTheLog(Exception):
    """What came is not signed by the log, so it says nothing about the log."""


class Unreached(Exception):
    """The service could not be asked, or gave no answer that can be read; try again later."""


class Unusable(Exception):
    """The witness itself cannot begin: its folder, its key or what it was told is not right."""
