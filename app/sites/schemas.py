"""What bodies and answers about sites hold."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from app.access.resource import Correcting, WarningOut, keep
from app.disclosure.bodies import Override, SensitivityIn
from app.domain.disclosure import Sensitivity
from app.domain.site import SiteKind, SiteStatus
from app.http.geometry import AreaIn, GeoArea, GeoLine, GeoPoint, PointIn
from app.http.schema import Change, InstantIn, InstantOut, ShortText, one_of, refused
from app.http.text import check_readable
from app.sources.schemas import SourcesIn

MAX_NAMES = 50
_LONGEST_CHANNEL = 300
_MOST = 10_000_000


def _check_channel(text: str) -> str:
    if not text.strip() or len(text) > _LONGEST_CHANNEL:
        raise refused(f"expected 1 to {_LONGEST_CHANNEL} characters")
    return check_readable(text)


def _check_count(number: int) -> int:
    if not 0 <= number <= _MOST:
        raise refused(f"found {number}, expected a whole number from 0 to {_MOST}")
    return number


KindIn = Annotated[SiteKind, one_of(SiteKind)]
StatusIn = Annotated[SiteStatus, one_of(SiteStatus)]
Count = Annotated[
    int, AfterValidator(_check_count), Field(json_schema_extra={"minimum": 0, "maximum": _MOST})
]
Channel = Annotated[str, AfterValidator(_check_channel)]
"""How to reach a duty desk; the one field that may hold a telephone number."""
Names = Annotated[list[ShortText], Field(max_length=MAX_NAMES)]

FIELDS: dict[str, JsonValue] = {
    "name": "Azovstal steelworks",
    "other_names": ["Азовсталь"],
    "kind": "besieged_site",
    "geometry": {"type": "Point", "coordinates": [37.608, 47.097]},
    "area": None,
    "status": "planned",
    "capacity": None,
    "p_code": None,
    "precision_m": 1000,
    "controlled_by": None,
    "sensitivity": "high",
    "release_at": None,
    "contact_channel": None,
}


class NewSite(Change):
    """A site to be put on record."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"operation": "mariupol-2022", **FIELDS}]}
    )

    operation: ShortText = Field(description="by id or slug")
    name: ShortText
    other_names: Names = Field(default=[])
    kind: KindIn
    geometry: PointIn
    area: AreaIn | None = None
    status: StatusIn = SiteStatus.PLANNED
    capacity: Count | None = Field(default=None, description="people at a time")
    p_code: ShortText | None = Field(default=None, description="OCHA's place code")
    precision_m: Count | None = Field(
        default=None, description="how far from the point the place may be, in metres"
    )
    controlled_by: ShortText | None = Field(
        default=None, description="organisation, by id or short name"
    )
    sensitivity: SensitivityIn = Sensitivity.HIGH
    release_at: InstantIn | None = Field(
        default=None, description="from then on everybody sees it as of class low"
    )
    contact_channel: Channel | None = Field(
        default=None, description="of a duty desk; for the operational audience only"
    )
    sources: SourcesIn = Field(default=[])
    override: Override | None = Field(
        default=None, description="why a place outside the operation's area is taken"
    )


class EditSite(Correcting):
    """What is to be different about a site; its operation stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "open"}]})

    name: ShortText = Field(default_factory=keep)
    other_names: Names = Field(default_factory=keep)
    kind: KindIn = Field(default_factory=keep)
    geometry: PointIn = Field(default_factory=keep)
    area: AreaIn | None = Field(default_factory=keep)
    status: StatusIn = Field(default_factory=keep)
    capacity: Count | None = Field(default_factory=keep)
    p_code: ShortText | None = Field(default_factory=keep)
    precision_m: Count | None = Field(default_factory=keep)
    controlled_by: ShortText | None = Field(default_factory=keep)
    sensitivity: SensitivityIn = Field(default_factory=keep)
    release_at: InstantIn | None = Field(default_factory=keep)
    contact_channel: Channel | None = Field(default_factory=keep)
    sources: SourcesIn = Field(default_factory=keep)
    override: Override | None = Field(default=None)


class Site(BaseModel):
    """A site as the reader may see it.

    Where the reader may know it only to a cell, `geometry` is the centre of that cell,
    `precision_m` its width, and what would tell more is left out.
    """

    id: UUID
    operation: UUID
    kind: SiteKind
    status: SiteStatus
    precision_m: int | None
    geometry: GeoPoint | GeoLine
    version: int
    recorded_at: InstantOut
    name: str = ""
    other_names: list[str] = []
    area: GeoArea | None = None
    capacity: int | None = None
    p_code: str | None = None
    controlled_by: UUID | None = None
    sensitivity: Sensitivity | None = None
    release_at: datetime | None = None
    contact_channel: str | None = None
    sources: list[UUID] | None = None
    recorded_by: UUID | None = None
    warnings: list[WarningOut] = []
