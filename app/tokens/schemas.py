"""What bodies and answers about tokens hold."""

import unicodedata
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from app.access.resource import Recorded
from app.domain.policy import Audience, Role
from app.http.schema import Change, InstantOut, ShortText, one_of, refused

MAX_HOLDER = 80
MAX_OPERATIONS = 100


def _check_holder(text: str) -> str:
    if len(text) > MAX_HOLDER or text != text.strip():
        raise refused(f"expected 1 to {MAX_HOLDER} characters, without blanks around them")
    hidden = next((c for c in text if unicodedata.category(c) == "Cf"), None)
    if hidden is not None:
        raise refused(f"found U+{ord(hidden):04X}, which nobody sees; expected visible characters")
    return text


Holder = Annotated[ShortText, AfterValidator(_check_holder)]
"""A pseudonym: two tokens of one holder are one person."""
Operations = Annotated[list[ShortText], Field(max_length=MAX_OPERATIONS)]

NEW_EXAMPLE: dict[str, JsonValue] = {
    "organisation": "UN OCHA",
    "role": "coordinator",
    "operations": ["mariupol-2022"],
    "holder": "ocha-night-desk",
}
EXAMPLE: dict[str, JsonValue] = {
    "id": "c2a0b8c4-4f0e-4d0a-8a0d-7f3b9d1e2a55",
    "organisation": "5b0c2f0e-6a3f-4a53-9a0b-3d0f3f5f3c11",
    "role": "coordinator",
    "operations": ["0f7f4a0e-8d49-4f5e-9d0e-2b9a4c1d7e10"],
    "audience": None,
    "holder": "ocha-night-desk",
    "revoked": False,
    "version": 1,
    "recorded_at": "2022-04-25T12:00:00.000000Z",
    "recorded_by": "5b0c2f0e-6a3f-4a53-9a0b-3d0f3f5f3c11",
}


class NewToken(Change):
    """A token to be issued."""

    model_config = ConfigDict(json_schema_extra={"examples": [NEW_EXAMPLE]})

    organisation: ShortText = Field(description="by id or short name")
    role: Annotated[Role, one_of(Role)]
    operations: Operations = Field(
        default=[], description="by id or slug; a token of an administrator or witness names none"
    )
    audience: Annotated[Audience, one_of(Audience)] | None = Field(
        default=None, description="narrows what the organisation's membership gives, never widens"
    )
    holder: Holder = Field(
        description="a pseudonym, never a name; two tokens of one holder are one person"
    )


class Token(Recorded):
    """A token as it may be shown at any time: without the token itself."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    organisation: UUID
    role: Role
    operations: list[UUID]
    audience: Audience | None
    holder: str
    revoked: bool


class IssuedToken(Token):
    """A token just issued."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{**EXAMPLE, "token": "the token itself, to be kept like a key"}]
        }
    )

    token: str = Field(description="to be sent as Authorization: Bearer; shown here only")


class Issuer(BaseModel):
    """Who issued or revoked a token."""

    model_config = ConfigDict(frozen=True)

    principal: UUID
    holder: str
    organisation: UUID
    role: str


class Principal(BaseModel):
    """A token that names the operation, as all of its parties see it."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "c2a0b8c4-4f0e-4d0a-8a0d-7f3b9d1e2a55",
                    "organisation": "5b0c2f0e-6a3f-4a53-9a0b-3d0f3f5f3c11",
                    "role": "coordinator",
                    "audience": None,
                    "holder": "ocha-night-desk",
                    "issued_at": "2022-04-25T12:00:00.000000Z",
                    "issued_by": {
                        "principal": "6f1d0a57-93b4-4a3f-8e53-5f4f0a4c9b01",
                        "holder": "command line",
                        "organisation": "5b0c2f0e-6a3f-4a53-9a0b-3d0f3f5f3c11",
                        "role": "operator",
                    },
                    "revoked_at": None,
                    "revoked_by": None,
                }
            ]
        },
    )

    id: UUID
    organisation: UUID
    role: Role
    audience: Audience | None
    holder: str
    issued_at: InstantOut
    issued_by: Issuer
    revoked_at: InstantOut | None
    revoked_by: Issuer | None
