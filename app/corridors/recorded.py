"""A corridor as the record tells it: from entries of the ledger to a value of the domain.

Aspects: `status`, `stop:<id>`, and one for each plain field.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy.orm import Session

from app.access.resource import Values
from app.domain.agreement.route import Mode
from app.domain.corridor.model import Corridor, CorridorChange, CorridorStop
from app.domain.corridor.status import CorridorStatus
from app.domain.geometry.shape import Line, from_recorded
from app.domain.window import Direction
from app.ledger import store as ledger
from app.ledger.reading import Entry, Reading, once, winners

KIND = "corridor"


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """All that the record tells of one corridor in a reading.

    Attributes:
        entries: not replaced, in the order of (`effective_at`, `sequence`).
    """

    id: UUID
    entries: Sequence[Entry]
    _told: dict[datetime, Corridor] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def agreement(self) -> UUID:
        """The agreement that it belongs to; it never changes."""
        entry = next(entry for entry in self.entries if entry.aspect == "agreement")
        return UUID(cast(str, entry.value))

    @property
    def began(self) -> datetime:
        """Since when there is a corridor."""
        return min(entry.effective_at for entry in self.entries)

    @property
    def was_in_terms(self) -> bool:
        """Whether its route is or once was part of what the parties of its agreement consent to."""
        statuses = (entry for entry in self.entries if entry.aspect == "status")
        return any(read_status(entry).to is CorridorStatus.PLANNED for entry in statuses)

    def values(self, at: datetime) -> Values:
        """Give its fields as they held at `at`."""
        in_effect = (entry for entry in self.entries if entry.effective_at <= at)
        return {name: entry.value for name, entry in winners(in_effect).items()}

    def at(self, at: datetime) -> Corridor:
        """Give the corridor as it was at `at`, with its whole status history."""
        if at not in self._told:
            self._told[at] = self._at(at)
        return self._told[at]

    def _at(self, at: datetime) -> Corridor:
        held = winners(entry for entry in self.entries if entry.effective_at <= at)
        statuses = [read_status(e) for e in self.entries if e.aspect == "status"]
        return Corridor(
            id=self.id,
            agreement=self.agreement,
            status=read_status(held["status"]),
            statuses=tuple(statuses),
            stops=tuple(
                read_stop(e) for name, e in held.items() if name.startswith("stop:") and e.value
            ),
            line=line_of(held["geometry"]),
            from_site=_id(held["from_site"]),
            to_site=_id(held["to_site"]),
            direction=Direction(cast(str, held["direction"].value)),
            mode=Mode(cast(str, held["mode"].value)) if held["mode"].value else None,
            width_m=_number(held["width_m"]),
        )


def load(db: Session, corridors: Sequence[UUID], reading: Reading) -> dict[UUID, Recorded]:
    """Read corridors from the ledger; those that do not exist in the reading are left out."""
    return told(ledger.entries(db, corridors, reading))


def told(found: Mapping[UUID, Sequence[Entry]]) -> dict[UUID, Recorded]:
    """Give corridors from their entries; those that do not exist are left out."""
    return {
        corridor: Recorded(id=corridor, entries=entries)
        for corridor, entries in found.items()
        if any(entry.sequence == 1 for entry in entries)
    }


@once
def read_status(entry: Entry) -> CorridorChange:
    """Read a status change; its grounds stay in the entry. An erased one stops."""
    value = members(entry)
    return CorridorChange(
        id=entry.event,
        to=status_in(value),
        effective_at=entry.effective_at,
        sequence=entry.sequence,
        organisation=entry.organisation,
        automatic=bool(value.get("automatic")),
    )


@once
def read_stop(entry: Entry) -> CorridorStop:
    """Read a stop that was kept as a statement only."""
    return CorridorStop(
        id=entry.event,
        to=CorridorStatus(members(entry)["to"]),
        effective_at=entry.effective_at,
        organisation=entry.organisation,
    )


def status_in(value: Mapping[str, Any] | None) -> CorridorStatus:
    """Give the status in the value of the aspect `status`; an erased one is a stop."""
    return CorridorStatus((value or {}).get("to", CorridorStatus.SUSPENDED))


def members(entry: Entry) -> dict[str, Any]:
    """Give the members of an aspect whose value is an object; none where it was erased."""
    return cast(dict[str, Any], entry.value or {})


@once
def line_of(entry: Entry) -> tuple[tuple[float, float], ...] | None:
    """Give the positions of a recorded line; None where there is none."""
    return cast(Line, from_recorded(entry.value)).positions if entry.value else None


def _id(entry: Entry) -> UUID | None:
    return UUID(entry.value) if isinstance(entry.value, str) else None


def _number(entry: Entry) -> float | None:
    return float(entry.value) if isinstance(entry.value, str) else None
