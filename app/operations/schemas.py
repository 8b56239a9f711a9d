"""What bodies and answers about operations hold."""

import re
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
)

from app.access.resource import Correcting, Recorded, keep
from app.domain.policy import Audience
from app.http.schema import (
    UUID_TEXT,
    Body,
    Change,
    CountryCode,
    DayIn,
    ShortText,
    Tz,
    one_of,
    refused,
)
from app.operations.area import Area, AreaIn

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_GLIDE = re.compile(r"[A-Z]{2}-[0-9]{4}-[0-9]{6}-[A-Z]{3}")
MAX_COUNTRIES = 50
MAX_MEMBERS = 500


def _check_slug(text: str) -> str:
    if not _SLUG.fullmatch(text) or len(text) > 60 or UUID_TEXT.fullmatch(text):
        raise refused(
            "expected 1 to 60 lower-case letters and digits, with single hyphens between them, "
            "such as mariupol-2022"
        )
    return text


def _check_glide(text: str) -> str:
    if not _GLIDE.fullmatch(text):
        raise refused("expected a GLIDE number such as CE-2022-000156-UKR")
    return text


def _check_countries(codes: list[str]) -> list[str]:
    if len(set(codes)) < len(codes):
        raise refused("found a country twice, expected each once")
    return codes


def _read_member(value: Any) -> Any:
    return {"organisation": value} if isinstance(value, str) else value


def _check_audiences(audiences: list[Audience]) -> list[Audience]:
    if sorted(audiences) != sorted(Audience):
        raise refused("expected public, partner and operational, each once: every operation has "
                      "these three audiences")  # fmt: skip
    return list(Audience)


AudienceIn = Annotated[Audience, one_of(Audience)]
Slug = Annotated[str, AfterValidator(_check_slug)]
"""The name by which bodies, filters and the command line may refer to an operation."""
Glide = Annotated[str, AfterValidator(_check_glide)]
"""A GLIDE number: hazard, year, serial number, country."""
Countries = Annotated[
    list[CountryCode],
    Field(min_length=1, max_length=MAX_COUNTRIES),
    AfterValidator(_check_countries),
]
Audiences = Annotated[
    list[AudienceIn], Field(max_length=len(Audience)), AfterValidator(_check_audiences)
]


class MemberIn(Body):
    """An organisation that becomes a member, by id or short name."""

    organisation: ShortText
    audience: AudienceIn | None = Field(
        default=None,
        description="how much its tokens see; without it belligerents see as partners, "
        "others as the operational audience",
    )


Members = Annotated[
    list[Annotated[MemberIn, BeforeValidator(_read_member, json_schema_input_type=str | MemberIn)]],
    Field(max_length=MAX_MEMBERS),
]


class DisclosureIn(Body):
    """Rules of disclosure beyond those of the service; none can be set yet."""


EXAMPLE: dict[str, JsonValue] = {
    "slug": "mariupol-2022",
    "name": "Mariupol 2022",
    "countries": ["UKR"],
    "started_on": "2022-02-24",
    "tz": "Europe/Kyiv",
    "members": [
        "UN OCHA",
        "ICRC",
        "Russian MoD",
        {"organisation": "Government of Ukraine", "audience": "partner"},
    ],
}


class NewOperation(Change):
    """An operation to be set up."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    slug: Slug
    name: ShortText
    countries: Countries
    glide: Glide | None = None
    started_on: DayIn | None = None
    tz: Tz
    area: AreaIn | None = None
    members: Members = Field(default=[])
    disclosure: DisclosureIn = Field(default=DisclosureIn())
    audiences: Audiences = Field(default=list(Audience))


class EditOperation(Correcting):
    """What is to be different about an operation; `members` replaces the whole list."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"glide": "CE-2022-000156-UKR"}]})

    slug: Slug = Field(default_factory=keep)
    name: ShortText = Field(default_factory=keep)
    countries: Countries = Field(default_factory=keep)
    glide: Glide | None = Field(default_factory=keep)
    started_on: DayIn | None = Field(default_factory=keep)
    tz: Tz = Field(default_factory=keep)
    area: AreaIn | None = Field(default_factory=keep)
    members: Members = Field(default_factory=keep)
    disclosure: DisclosureIn = Field(default_factory=keep)
    audiences: Audiences = Field(default_factory=keep)


class Member(BaseModel):
    """A member of an operation; without an audience of its own the usual one holds."""

    model_config = ConfigDict(frozen=True)

    organisation: UUID
    audience: Audience | None


class Operation(Recorded):
    """An operation; `members` is there only for its own token holders and administrators."""

    slug: str
    name: str
    countries: list[str]
    glide: str | None
    started_on: date | None
    tz: str
    area: Area | None
    disclosure: dict[str, JsonValue]
    audiences: list[Audience]
    members: list[Member] = Field(default=[])
