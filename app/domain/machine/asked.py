"""A wish for a status, laid beside the record: what it would take out, put in and open."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic
from uuid import UUID, uuid4

from app.domain.fact import Warned
from app.domain.laterality import Laterality
from app.domain.machine.table import G, Machine, Move, S
from app.domain.machine.timeline import Change, Stop, Timeline, in_order, status_at
from app.domain.unmet import Unmet


@dataclass(frozen=True, kw_only=True)
class Wish(Generic[S]):
    """What somebody asks for.

    Attributes:
        id: of the change to be.
        to: the status; None takes the corrected changes out and sets none.
        effective_at: since when; None means now, or when the first corrected one was.
        corrects: the status changes and stop statements that this one replaces.
    """

    id: UUID = field(default_factory=uuid4)
    to: S | None
    organisation: UUID
    effective_at: datetime | None = None
    corrects: tuple[UUID, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Decision(Generic[S]):
    """What follows from a wish.

    Attributes:
        to: the status that is set; None where none is.
        stop: a stop that is kept as a statement only, since all had stopped.
    """

    effective_at: datetime
    to: S | None = None
    stop: S | None = None
    warnings: tuple[Warned, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Asked(Generic[S, G]):
    """A wish beside the record as it stands.

    Attributes:
        statuses: the whole history by effect, with what the wish corrects.
        now: the instant of recording.
        unmet: lists what is missing for a move at an instant, judged without what is corrected.
    """

    machine: Machine[S, G]
    laterality: Laterality
    statuses: Timeline[S]
    stops: tuple[Stop[S], ...]
    wish: Wish[S]
    now: datetime
    unmet: Callable[[Move[S, G], datetime], list[Unmet]]

    def is_listed(self, start: S, to: S) -> bool:
        """Whether one status may follow the other under this agreement."""
        return self.machine.is_listed(start, to, self.laterality)

    def find_move(self, start: S, to: S) -> Move[S, G] | None:
        """Return the move under this agreement, or None where there is none."""
        return self.machine.find_move(start, to, self.laterality)


def entries(asked: Asked[S, G]) -> dict[UUID, Change[S] | Stop[S]]:
    """Return what a correction may name, by id."""
    changes: tuple[Change[S] | Stop[S], ...] = (*asked.statuses, *asked.stops)
    return {change.id: change for change in changes}


def instant(asked: Asked[S, G]) -> datetime:
    """Return since when the wish is to hold: as given, as the first corrected one, or now."""
    wish = asked.wish
    if wish.effective_at is not None:
        return wish.effective_at
    corrected = entries(asked).get(wish.corrects[0]) if wish.corrects else None
    return corrected.effective_at if corrected else asked.now


def rest(asked: Asked[S, G]) -> Timeline[S]:
    """Return the history without what the wish corrects."""
    return tuple(c for c in asked.statuses if c.id not in asked.wish.corrects)


def with_wished(asked: Asked[S, G], at: datetime) -> Timeline[S]:
    """Return the history with the wish in it from `at` on, and without what it corrects."""
    wish = asked.wish
    if wish.to is None:
        return rest(asked)
    change = Change(
        id=wish.id, to=wish.to, effective_at=at, sequence=2**62, organisation=wish.organisation
    )
    return in_order((*rest(asked), change))


def opening(asked: Asked[S, G], at: datetime) -> S | None:
    """Return the status that a correction would open now, where it opens more than before.

    Args:
        at: since when the wish would hold.
    """
    if not asked.wish.corrects:
        return None
    was = status_at(asked.statuses, asked.now)
    will = status_at(with_wished(asked, at), asked.now)
    openness = asked.machine.openness
    if was is None or will is None or openness[will.to] <= openness[was.to]:
        return None
    return will.to
