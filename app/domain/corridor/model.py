"""A corridor at one instant: everything that its rules look at."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.domain.agreement.route import Line, Mode
from app.domain.corridor.status import PASSABLE, CorridorStatus
from app.domain.machine.timeline import Change, Stop
from app.domain.window import Direction


class MineClearance(StrEnum):
    """Whether it is known that the way was cleared of mines."""

    KNOWN = "known"
    UNKNOWN = "unknown"


class CorridorChange(Change[CorridorStatus]):
    """One entry of the status history of a corridor; automatic where it followed the agreement."""


class CorridorStop(Stop[CorridorStatus]):
    """A stop of a corridor that had stopped already."""


@dataclass(frozen=True, kw_only=True)
class Corridor:
    """What a corridor was at one instant, as far as the record told.

    Attributes:
        status: the last status change in effect at that instant.
        statuses: the whole status history by effect, later changes included.
        line: its route in OGC CRS84, longitude first; None where none is drawn.
        width_m: in metres.
    """

    id: UUID
    agreement: UUID
    status: CorridorChange
    statuses: tuple[CorridorChange, ...] = ()
    stops: tuple[CorridorStop, ...] = ()
    line: Line | None = None
    from_site: UUID | None = None
    to_site: UUID | None = None
    direction: Direction | None = None
    mode: Mode | None = None
    width_m: float | None = None

    @property
    def is_passable(self) -> bool:
        """Whether it is open or restricted."""
        return self.status.to in PASSABLE
