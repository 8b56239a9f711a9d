"""What bodies and answers about contacts hold."""

import re
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from app.access.resource import Correcting, Recorded, keep
from app.domain.contact import Channel, ContactStatus
from app.http.schema import (
    Body,
    Change,
    FreeText,
    InstantIn,
    InstantOut,
    ShortText,
    Tz,
    one_of,
    refused,
)

_WORD = re.compile(r"[a-z][a-z0-9_]{0,59}")
MAX_PARTICIPANTS = 50
MAX_FOLLOW_UPS = 100
LEVELS = (
    "head_of_state, minister, senior_official, military_command, field_command, "
    "local_authority or working_level; other words in lower_snake_case are taken"
)


def _check_level(text: str) -> str:
    if not _WORD.fullmatch(text):
        raise refused(f"expected a level such as {LEVELS}")
    return text


class ParticipantIn(Body):
    """An organisation that took or takes part, and at which level."""

    organisation: ShortText = Field(description="by id or short name")
    level: Annotated[str, AfterValidator(_check_level)] | None = Field(
        default=None, description=LEVELS
    )


class FollowUpIn(Body):
    """What is to be done after talks, by whom and until when."""

    what: FreeText
    by: ShortText | None = Field(default=None, description="organisation, by id or short name")
    due_at: InstantIn | None = None
    done_at: InstantIn | None = None


ChannelIn = Annotated[Channel, one_of(Channel)]
StatusIn = Annotated[ContactStatus, one_of(ContactStatus)]
Participants = Annotated[list[ParticipantIn], Field(min_length=1, max_length=MAX_PARTICIPANTS)]
FollowUps = Annotated[list[FollowUpIn], Field(max_length=MAX_FOLLOW_UPS)]

NEW_EXAMPLE: dict[str, JsonValue] = {
    "participants": [
        {"organisation": "UN OCHA", "level": "senior_official"},
        {"organisation": "Russian MoD", "level": "military_command"},
    ],
    "channel": "meeting",
    "status": "planned",
    "summary": "Further discussions between OCHA and the Ministry of Defence on the evacuation",
    "follow_ups": [
        {"what": "Name the assembly point", "by": "UN OCHA", "due_at": "2022-04-28T09:00:00Z"}
    ],
    "basis": "inferred",
}


class NewContact(Change):
    """Talks to be put on record, held or planned."""

    model_config = ConfigDict(json_schema_extra={"examples": [NEW_EXAMPLE]})

    participants: Participants
    channel: ChannelIn
    status: StatusIn = ContactStatus.PLANNED
    at: InstantIn | None = Field(
        default=None, description="when they took or take place; needed once they were held"
    )
    at_tz: Tz | None = None
    at_as_announced: ShortText | None = None
    summary: FreeText | None = None
    outcome: FreeText | None = None
    follow_ups: FollowUps = Field(default=[])


class EditContact(Correcting):
    """What is to be different about talks."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "held",
                    "at": "2022-04-27T08:00:00Z",
                    "outcome": "Routes and assembly points were discussed",
                }
            ]
        }
    )

    participants: Participants = Field(default_factory=keep)
    channel: ChannelIn = Field(default_factory=keep)
    status: StatusIn = Field(default_factory=keep)
    at: InstantIn | None = Field(default_factory=keep)
    at_tz: Tz | None = Field(default_factory=keep)
    at_as_announced: ShortText | None = Field(default_factory=keep)
    summary: FreeText | None = Field(default_factory=keep)
    outcome: FreeText | None = Field(default_factory=keep)
    follow_ups: FollowUps = Field(default_factory=keep)


class Participant(BaseModel):
    """An organisation that took or takes part, and at which level."""

    model_config = ConfigDict(frozen=True)

    organisation: UUID
    level: str | None


class FollowUp(BaseModel):
    """What is to be done after talks, by whom and until when."""

    model_config = ConfigDict(frozen=True)

    what: str
    by: UUID | None
    due_at: InstantOut | None
    done_at: InstantOut | None


class Contact(Recorded):
    """Talks about an agreement."""

    agreement: UUID
    participants: list[Participant]
    channel: Channel
    status: ContactStatus
    at: InstantOut | None
    at_tz: str | None
    at_as_announced: str | None
    summary: str | None
    outcome: str | None
    follow_ups: list[FollowUp]
