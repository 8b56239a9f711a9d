"""The moves of a state machine, as data: what may follow what, on which conditions, by whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from app.domain.laterality import Kinds, Laterality

S = TypeVar("S", bound=StrEnum)
"""The statuses of one machine."""
G = TypeVar("G", bound=StrEnum)
"""The guards of one machine; the value of each is the sentence that the docs show."""


class Who(StrEnum):
    """Whose coordinators may make a move; the value is the sentence that the docs show."""

    FACILITATING = "a facilitator, guarantor or executor"
    ANY_PARTY = "any party"
    FACILITATING_OR_REJECTING_PARTY = "a facilitator, guarantor or executor, or that party"
    FACILITATING_OR_PROPOSER = "a facilitator, guarantor or executor, or the proposer"
    OPERATION = "any coordinator of the operation, with a source"


@dataclass(frozen=True, kw_only=True)
class Move(Generic[S, G]):
    """One arrow of a state machine."""

    start: S
    to: S
    guards: tuple[G, ...]
    who: Who
    kinds: Kinds = Kinds.ANY


@dataclass(frozen=True, kw_only=True)
class Words:
    """How refusals speak of what the machine is about.

    Attributes:
        noun: such as "agreement".
        that_is: its beginning with `{kind}`, the laterality, and `{start}`, the status.
        anew: what to do where the status is final.
        first: why the first entry cannot be replaced, and what to do instead.
    """

    noun: str
    that_is: str
    anew: str
    first: str


@dataclass(frozen=True, kw_only=True)
class Machine(Generic[S, G]):
    """The statuses of one kind of thing and the moves between them; no others exist.

    Attributes:
        openness: how near a status is to people moving; a correction that raises it is judged
            as an opening.
    """

    moves: tuple[Move[S, G], ...]
    terminal: frozenset[S]
    stops: frozenset[S]
    openness: Mapping[S, int]
    words: Words

    def moves_from(self, start: S, laterality: Laterality) -> tuple[Move[S, G], ...]:
        """Return every listed move from `start`, in the table's order."""
        return tuple(m for m in self.moves if m.start is start and m.kinds.include(laterality))

    def find_move(self, start: S, to: S, laterality: Laterality) -> Move[S, G] | None:
        """Return the move under an agreement of that laterality, or None where there is none."""
        return next((m for m in self.moves_from(start, laterality) if m.to is to), None)

    def strictest_move_to(self, to: S, laterality: Laterality) -> Move[S, G] | None:
        """Return the listed move to a status that asks for most, from wherever it starts.

        None where there is no such move. All moves to one status are for the same to make.
        """
        listed = (m for m in self.moves if m.to is to and m.kinds.include(laterality))
        return max(listed, key=lambda move: len(move.guards), default=None)

    def is_listed(self, start: S, to: S, laterality: Laterality) -> bool:
        """Whether one status may follow the other in the record.

        A stop may stand beside the same stop: two parties may each report it.
        """
        same_stop = start is to and to in self.stops
        return same_stop or self.find_move(start, to, laterality) is not None
