"""What a reader asks of history, and what it gets: pure values, no SQL."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.fact import Basis
from app.domain.json_value import Json


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The state that held at `as_of`, as the record stood at `known_at`; None means now.

    Attributes:
        upto: the last sequence to be read, to build the answer to an earlier request again.
    """

    as_of: datetime | None = None
    known_at: datetime | None = None
    upto: int | None = None


NOW = Reading()


@dataclass(frozen=True, kw_only=True)
class SubjectState:
    """A subject as the ledger keeps it now, and holds it until the transaction ends.

    Attributes:
        recorded_at: that of its last event.
        held_at: the moment, by the database's clock, from which it was held; what is recorded
            under the lock may take it for its own.
    """

    id: UUID
    kind: str
    operation: UUID | None
    version: int
    recorded_at: datetime
    held_at: datetime


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One aspect as one event set it; `value` is None where it is empty or was erased."""

    subject: UUID
    aspect: str
    value: Json
    event: UUID
    sequence: int
    effective_at: datetime
    recorded_at: datetime
    kind: str
    basis: Basis
    organisation: UUID


@dataclass(frozen=True, kw_only=True)
class Said:
    """An entry, and until when the record told it; None where it still does."""

    entry: Entry
    until: datetime | None

    def is_known(self, known_at: datetime) -> bool:
        """Whether it was recorded by then, and not taken out by then."""
        gone = self.until is not None and self.until <= known_at
        return self.entry.recorded_at <= known_at and not gone


def winners(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Give the entry of each aspect that holds: the greatest (`effective_at`, `sequence`)."""
    holding: dict[str, Entry] = {}
    for entry in entries:
        other = holding.get(entry.aspect)
        if other is None or _place(other) < _place(entry):
            holding[entry.aspect] = entry
    return holding


def _place(entry: Entry) -> tuple[datetime, int]:
    return entry.effective_at, entry.sequence
