"""Words and moves of contacts: talks held and planned about an agreement."""

from enum import StrEnum


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


class Level(StrEnum):
    """At which level an organisation took part in talks."""

    HEAD_OF_STATE = "head_of_state"
    MINISTER = "minister"
    SENIOR_OFFICIAL = "senior_official"
    MILITARY_COMMAND = "military_command"
    FIELD_COMMAND = "field_command"
    LOCAL_AUTHORITY = "local_authority"
    WORKING_LEVEL = "working_level"


NEXT_CONTACT_STATUS: dict[ContactStatus, frozenset[ContactStatus]] = {
    ContactStatus.PLANNED: frozenset({ContactStatus.HELD, ContactStatus.CANCELLED}),
    ContactStatus.HELD: frozenset(),
    ContactStatus.CANCELLED: frozenset(),
}
"""What may follow what; a correction may also say that it was never so."""
