"""What bodies and answers about sources hold."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, JsonValue

from app.access.resource import Correcting, Recorded, keep
from app.domain.source import Reliability, SourceKind
from app.http.schema import (
    Change,
    IdIn,
    InstantIn,
    InstantOut,
    Sha256,
    ShortText,
    Tz,
    WebAddress,
    one_of,
    refused,
)


def _check_credibility(number: int) -> int:
    if not 1 <= number <= 6:
        raise refused(f"found {number}, expected 1 (confirmed) to 6 (cannot be judged)")
    return number


KindIn = Annotated[SourceKind, one_of(SourceKind)]
ReliabilityIn = Annotated[Reliability, one_of(Reliability)]
Credibility = Annotated[
    int, AfterValidator(_check_credibility), Field(json_schema_extra={"minimum": 1, "maximum": 6})
]

SourcesIn = Annotated[
    list[IdIn], Field(max_length=100, description="ids of sources of the same operation")
]
"""What a body rests on."""

FIELDS: dict[str, JsonValue] = {
    "publisher": "United Nations",
    "title": "Readout of the Secretary-General's meeting with the President of the Russian "
    "Federation",
    "kind": "un",
    "published_at": "2022-04-26T15:00:00.000000Z",
    "published_at_tz": "Europe/Moscow",
    "published_at_as_announced": "26 April 2022",
    "address": "https://www.un.org/sg/en",
    "sha256": None,
    "reliability": "A",
    "credibility": 2,
}


class NewSource(Change):
    """A piece of evidence to be put on record."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"operation": "mariupol-2022", **FIELDS}]}
    )

    operation: ShortText = Field(description="by id or slug")
    publisher: ShortText
    title: ShortText
    kind: KindIn
    published_at: InstantIn | None = None
    published_at_tz: Tz | None = None
    published_at_as_announced: ShortText | None = Field(
        default=None, description="the time in the words of the publisher"
    )
    address: WebAddress | None = None
    sha256: Sha256 | None = Field(default=None, description="of the stored file")
    reliability: ReliabilityIn | None = None
    credibility: Credibility | None = None


class EditSource(Correcting):
    """What is to be different about a source; its operation stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"credibility": 1}]})

    publisher: ShortText = Field(default_factory=keep)
    title: ShortText = Field(default_factory=keep)
    kind: KindIn = Field(default_factory=keep)
    published_at: InstantIn | None = Field(default_factory=keep)
    published_at_tz: Tz | None = Field(default_factory=keep)
    published_at_as_announced: ShortText | None = Field(default_factory=keep)
    address: WebAddress | None = Field(default_factory=keep)
    sha256: Sha256 | None = Field(default_factory=keep)
    reliability: ReliabilityIn | None = Field(default_factory=keep)
    credibility: Credibility | None = Field(default_factory=keep)


class Source(Recorded):
    """A piece of evidence."""

    operation: UUID
    publisher: str
    title: str
    kind: SourceKind
    published_at: InstantOut | None
    published_at_tz: str | None
    published_at_as_announced: str | None
    address: str | None
    sha256: str | None
    reliability: Reliability | None
    credibility: int | None
