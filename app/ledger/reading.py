"""What a reader asks of history, and what it gets: pure values, no SQL."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from app.domain.fact import Basis
from app.domain.json_value import Json

Part = TypeVar("Part")


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
    """One aspect as one event set it; `value` is None where it is empty or was erased.

    Attributes:
        read: what was read of it before, by who read it; see `once`.
    """

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
    read: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)


def once(reader: Callable[[Entry], Part]) -> Callable[[Entry], Part]:
    """Let an entry be read once, though it holds at many instants; what is read must not change."""

    @wraps(reader)
    def read(entry: Entry) -> Part:
        if reader not in entry.read:
            entry.read[reader] = reader(entry)
        found: Part = entry.read[reader]
        return found

    return read


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
