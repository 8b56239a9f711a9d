"""What bodies and answers about corridors hold."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from app.access.resource import Correcting, WarningOut, keep
from app.agreements.schemas.common import BarOut
from app.disclosure.bodies import Override, SensitivityIn
from app.domain.agreement.route import Mode
from app.domain.corridor.model import MineClearance
from app.domain.corridor.status import CorridorStatus
from app.domain.disclosure import Sensitivity
from app.domain.laterality import ConsentBasis
from app.domain.window import Direction
from app.http.found import found
from app.http.geometry import GeoLine, GeoPoint, LineIn
from app.http.schema import Change, IdIn, InstantIn, InstantOut, ShortText, one_of, refused
from app.sources.schemas import SourcesIn

MAX_WAYPOINTS = 100
_WIDEST_M = 100_000


def _read_width(value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 < value <= _WIDEST_M:
        raise refused(f"found {found(value)}, expected metres, more than 0, {_WIDEST_M} at most")
    return float(value)


def _check_waypoints(sites: list[UUID]) -> list[UUID]:
    if len(set(sites)) < len(sites):
        raise refused("found a site twice, expected each once, in the order of the way")
    return sites


Width = Annotated[
    float,
    BeforeValidator(_read_width, json_schema_input_type=float),
    Field(json_schema_extra={"exclusiveMinimum": 0, "maximum": _WIDEST_M}),
]
DirectionIn = Annotated[Direction, one_of(Direction)]
ModeIn = Annotated[Mode, one_of(Mode)]
ClearanceIn = Annotated[MineClearance, one_of(MineClearance)]
Waypoints = Annotated[list[IdIn], Field(max_length=MAX_WAYPOINTS), AfterValidator(_check_waypoints)]

LINE: JsonValue = {
    "type": "LineString",
    "coordinates": [
        [37.5413, 47.0951],
        [37.3119, 47.0563],
        [35.7084, 47.2555],
        [35.2821, 47.4422],
        [35.3737, 47.5392],
        [35.1171, 47.8517],
    ],
}
_AGREEMENT = "4f6d9a55-0c9d-4e2f-8a4b-7f8a1c523b0e"
_FIELDS: dict[str, JsonValue] = {
    "name": "Mariupol to Zaporizhzhia",
    "direction": "out",
    "mode": "bus",
    "geometry": LINE,
    "width_m": 500,
    "sensitivity": "high",
    "mine_clearance": "unknown",
}


class NewCorridor(Change):
    """A corridor to be drawn; it begins as a draft."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"agreement": _AGREEMENT, **_FIELDS}]}
    )

    agreement: IdIn
    name: ShortText
    direction: DirectionIn = Direction.OUT
    mode: ModeIn | None = None
    geometry: LineIn | None = None
    width_m: Width | None = Field(default=None, description="in metres")
    sensitivity: SensitivityIn = Sensitivity.HIGH
    release_at: InstantIn | None = Field(
        default=None, description="from then on everybody sees it as of class low"
    )
    mine_clearance: ClearanceIn = MineClearance.UNKNOWN
    from_site: IdIn | None = None
    to_site: IdIn | None = None
    waypoints: Waypoints = Field(default=[], description="sites on the way, in its order")
    reciprocal_of: IdIn | None = Field(
        default=None, description="the corridor that leads the other way"
    )
    sources: SourcesIn = Field(default=[])
    override: Override | None = Field(
        default=None, description="why a route outside the operation's area is taken"
    )


class EditCorridor(Correcting):
    """What is to be different about a corridor; its agreement stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"mine_clearance": "known"}]})

    name: ShortText = Field(default_factory=keep)
    direction: DirectionIn = Field(default_factory=keep)
    mode: ModeIn | None = Field(default_factory=keep)
    geometry: LineIn | None = Field(default_factory=keep)
    width_m: Width | None = Field(default_factory=keep)
    sensitivity: SensitivityIn = Field(default_factory=keep)
    release_at: InstantIn | None = Field(default_factory=keep)
    mine_clearance: ClearanceIn = Field(default_factory=keep)
    from_site: IdIn | None = Field(default_factory=keep)
    to_site: IdIn | None = Field(default_factory=keep)
    waypoints: Waypoints = Field(default_factory=keep)
    reciprocal_of: IdIn | None = Field(default_factory=keep)
    sources: SourcesIn = Field(default_factory=keep)
    override: Override | None = Field(default=None)


class Corridor(BaseModel):
    """A corridor as the reader may see it.

    Where the reader may know it only to cells, `geometry` is the line of the centres of the cells
    that it passes (a point where that is one), `precision_m` their width, and what would tell more
    is left out.
    """

    id: UUID
    operation: UUID
    agreement: UUID | None
    direction: Direction
    mode: Mode | None
    consent_basis: ConsentBasis
    status: CorridorStatus
    geometry: GeoLine | GeoPoint | dict[str, JsonValue] | None
    do_not_move: BarOut
    version: int
    recorded_at: InstantOut
    name: str = ""
    width_m: float | None = None
    length_m: float | None = Field(default=None, description="geodesic, in metres")
    mine_clearance: MineClearance | None = None
    from_site: UUID | None = None
    to_site: UUID | None = None
    waypoints: list[UUID] = []
    reciprocal_of: UUID | None = None
    sources: list[UUID] | None = None
    precision_m: int | None = None
    sensitivity: Sensitivity | None = None
    release_at: datetime | None = None
    recorded_by: UUID | None = None
    attention: list[WarningOut] = Field(
        default=[], description="what a coordinator must decide; for those who know the agreement"
    )
    warnings: list[WarningOut] = []
