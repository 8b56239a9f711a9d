"""Status changes, readiness and transitions of corridors."""

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.access.resource import WarningOut
from app.agreements.schemas.common import (
    Answer,
    CorrectsIn,
    PersonOut,
    UnmetOut,
)
from app.agreements.schemas.status import ReasonIn
from app.agreements.schemas.stopping import Stopping
from app.domain.corridor.status import STOPS, CorridorStatus
from app.domain.fact import Basis
from app.http.schema import FreeText, InstantOut, one_of
from app.sources.schemas import SourcesIn


class CorridorReadiness(Answer):
    """May a convoy leave? Only where nothing is unmet, read before `until`."""

    ready: bool
    unmet: list[WarningOut] = Field(description="the reasons of `do_not_move`")
    until: InstantOut | None = Field(description="when this may change next, as far as is known")


_DROPPABLE = frozenset({"basis", "corrects", "effective_at", "note", "reason", "sources"})


class CorridorStatusChangeIn(Stopping):
    """What is asked for. A stop is never refused for its text, its sources or its time."""

    stops = STOPS
    droppable = _DROPPABLE
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"to": "open", "reason": "window_begun"},
                {"to": "suspended", "reason": "shelling_reported"},
            ]
        }
    )

    to: Annotated[CorridorStatus, one_of(CorridorStatus)] | None = Field(
        description="null only with `corrects`: the named changes are taken out"
    )
    reason: ReasonIn | None = None
    note: FreeText | None = None
    sources: SourcesIn = Field(default_factory=list)
    corrects: CorrectsIn = Field(default_factory=list)


class CorridorStatusChangeOut(Answer):
    """One entry of the status history of a corridor."""

    id: UUID
    from_: CorridorStatus | None = Field(
        serialization_alias="from", description="null for the first"
    )
    to: CorridorStatus | None = Field(description="null where earlier changes were taken out")
    changes_status: bool = Field(
        description="false for a stop that was stated while all had stopped, and where changes "
        "were taken out"
    )
    automatic: bool = Field(description="whether it followed from the agreement")
    effective_at: InstantOut
    recorded_at: InstantOut
    actor: PersonOut
    organisation: UUID
    reason: str | None
    note: str | None
    sources: list[UUID]
    basis: Basis
    override: None = None
    corrects: list[UUID]
    incomplete: list[str]
    lasted_s: float | None = Field(description="seconds; null while it lasts")
    warnings: list[WarningOut] = Field(default_factory=list)


class CorridorMoveOut(Answer):
    """A status that may follow, and what is missing for it."""

    to: CorridorStatus
    ready: bool
    unmet: list[UnmetOut]
    who: str = Field(description="whose coordinators may set it")
    allowed: bool = Field(description="whether you may")


class CorridorTransitions(Answer):
    """The status and what may follow it."""

    status: CorridorStatus
    moves: list[CorridorMoveOut]
    judged_at: InstantOut
