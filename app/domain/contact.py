"""Words and moves of contacts: talks held and planned about an agreement."""

from datetime import datetime
from enum import StrEnum

from app.domain.errors import MoveUnknown, Unacceptable


class Channel(StrEnum):
    """How organisations talked."""

    MEETING = "meeting"
    CALL = "call"
    LETTER = "letter"
    NOTE_VERBALE = "note_verbale"
    MESSAGE = "message"


class ContactStatus(StrEnum):
    """Whether talks took place."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


NEXT_CONTACT_STATUS: dict[ContactStatus, frozenset[ContactStatus]] = {
    ContactStatus.PLANNED: frozenset({ContactStatus.HELD, ContactStatus.CANCELLED}),
    ContactStatus.HELD: frozenset(),
    ContactStatus.CANCELLED: frozenset(),
}
"""What may follow what; a correction may also say that it was never so."""


def check_contact(
    status: ContactStatus, *, before: ContactStatus | None, at: datetime | None, now: datetime
) -> None:
    """Refuse talks that cannot be.

    Args:
        before: the status that held before, None where there was none or a correction takes it
            out.
        at: when the talks took or take place.

    Raises:
        MoveUnknown: what was held or cancelled stays so.
        Unacceptable: held talks have a time, and it is not in the future.
    """
    if before is not None and status is not before and status not in NEXT_CONTACT_STATUS[before]:
        raise MoveUnknown(
            f"these talks are {before}; they cannot become {status}. "
            "If that was recorded in error, correct the event that said so"
        )
    if status is not ContactStatus.HELD:
        return
    if at is None:
        raise Unacceptable("/at", "missing; expected the time at which the talks were held")
    if at > now:
        raise Unacceptable(
            "/at", "found a time in the future; talks that were held lie in the past"
        )
