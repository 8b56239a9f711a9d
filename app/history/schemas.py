"""What answers about history hold."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from app.access.resource import WarningOut
from app.domain.fact import Basis
from app.http.schema import Body, FreeText, InstantOut, refused

SALT = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
ORGANISATION = "5b0c2f0e-6a3f-4a53-9a0b-3d0f3f5f3c11"
EXAMPLE: dict[str, JsonValue] = {
    "id": "b7d9f1a3-5c7e-4a9b-8d1f-3c5e7a9b1d3f",
    "subject": {"kind": "source", "id": "a1e3c5d7-0b2d-4f6a-8c1e-3a5b7c9d1e2f"},
    "operation": "0f7f4a0e-8d49-4f5e-9d0e-2b9a4c1d7e10",
    "sequence": 2,
    "kind": "edited",
    "effective_at": "2022-04-26T16:00:00.000000Z",
    "recorded_at": "2022-04-26T16:00:00.000000Z",
    "basis": "stated",
    "actor": {
        "principal": "c2a0b8c4-4f0e-4d0a-8a0d-7f3b9d1e2a55",
        "holder": "ocha-night-desk",
        "organisation": ORGANISATION,
        "role": "coordinator",
    },
    "organisation": ORGANISATION,
    "reason": None,
    "sources": [],
    "warnings": [],
    "replaces": [],
    "aspects": {"credibility": 1},
    "record": '{"basis":"stated","effective_at":"2022-04-26T16:00:00.000000Z", …}',
    "openings": {"aspect/credibility": {"salt": SALT, "value": 1}},
    "redacted": {},
}


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

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [EXAMPLE]})

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
