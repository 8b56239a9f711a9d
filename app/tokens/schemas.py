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

EXAMPLE: dict[str, JsonValue] = {
    "organisation": "UN OCHA",
    "role": "coordinator",
    "operations": ["mariupol-2022"],
    "holder": "ocha-night-desk",
}


class NewToken(Change):
    """A token to be issued."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

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

    organisation: UUID
    role: Role
    operations: list[UUID]
    audience: Audience | None
    holder: str
    revoked: bool


class IssuedToken(Token):
    """A token just issued."""

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

    model_config = ConfigDict(frozen=True)

    id: UUID
    organisation: UUID
    role: Role
    audience: Audience | None
    holder: str
    issued_at: InstantOut
    issued_by: Issuer
    revoked_at: InstantOut | None
    revoked_by: Issuer | None
