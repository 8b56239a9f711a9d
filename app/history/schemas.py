"""What answers about history hold."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from app.access.resource import WarningOut
from app.domain.fact import Basis
from app.http.schema import Body, FreeText, InstantOut, refused

MAX_FIELDS = 100
_LONGEST_FIELD = 200


def _check_fields(names: list[str]) -> list[str]:
    if len(set(names)) < len(names):
        raise refused("found a field twice, expected each once")
    if any(len(name) > _LONGEST_FIELD for name in names):
        raise refused(f"found a longer name, expected {_LONGEST_FIELD} characters at most")
    return names


Fields = Annotated[
    list[str], Field(min_length=1, max_length=MAX_FIELDS), AfterValidator(_check_fields)
]


class RedactionIn(Body):
    """What is to be erased of an event."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"fields": ["aspect/summary"], "reason": "The text names a person in hiding."}
            ]
        }
    )

    fields: Fields = Field(
        description="names of fields of its record, such as `actor`, `reason`, `aspect/summary`"
    )
    reason: FreeText = Field(description="why; it stays on record for good, so it names nobody")


class SubjectOut(BaseModel):
    """What an event is about."""

    model_config = ConfigDict(frozen=True)

    kind: str
    id: UUID


class ActorOut(BaseModel):
    """Who acted: a token, the person behind it by pseudonym, and for whom."""

    model_config = ConfigDict(frozen=True)

    principal: UUID
    holder: str
    organisation: UUID
    role: str


class ReplacedOut(BaseModel):
    """What of an earlier event later readings leave out."""

    model_config = ConfigDict(frozen=True)

    event: UUID
    aspects: list[str]


class Opening(BaseModel):
    """What opens one commitment of the record: its salt in hexadecimal, and its value."""

    model_config = ConfigDict(frozen=True)

    salt: str
    value: JsonValue


class EventOut(BaseModel):
    """One event: who changed what, since when, recorded when, with the bytes of its record."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    subject: SubjectOut
    operation: UUID | None
    sequence: int = Field(description="1, 2, 3 … within the subject, without gaps")
    kind: str
    effective_at: InstantOut
    recorded_at: InstantOut
    basis: Basis
    actor: ActorOut | None = Field(description="null once it has been erased")
    organisation: UUID = Field(description="for which the actor acted")
    reason: str | None
    sources: list[UUID]
    warnings: list[WarningOut]
    replaces: list[ReplacedOut]
    aspects: dict[str, JsonValue] = Field(description="what the event sets, each value whole")
    record: str = Field(description="the exact text whose UTF-8 bytes are the record (RFC 8785)")
    openings: dict[str, Opening] = Field(
        description="by field of the record: what its commitment was made from"
    )
    redacted: dict[str, UUID] = Field(
        description="by field of the record: the event that erased it; such a field is not opened"
    )
