"""The statuses of a corridor and the moves between them, as data.

This table is what a lawyer reads, what the docs draw and what the tests walk.
A move that is not here does not exist.
"""

from enum import StrEnum
from typing import TypeAlias

from app.domain.laterality import Kinds
from app.domain.machine import table
from app.domain.machine.table import Machine, Who, Words


class CorridorStatus(StrEnum):
    """Where a corridor stands between a first drawing and its end."""

    DRAFT = "draft"
    PLANNED = "planned"
    AGREED = "agreed"
    DECLARED = "declared"
    OPEN = "open"
    RESTRICTED = "restricted"
    SUSPENDED = "suspended"
    BLOCKED = "blocked"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class CorridorGuard(StrEnum):
    """A condition of a move; the value is the sentence that the docs show."""

    MUTUAL = "its agreement rests on the consent of both sides"
    CONFIRMED = "its agreement is confirmed or in force"
    DECLARED = "its agreement is declared, in force or suspended"
    IN_FORCE = "its agreement is in force"
    STANDS = "its agreement stands at that instant"
    WINDOW_OPEN = "one of its windows is open"
    ROUTE_VALID = "its route is a line of two points or more"
    ENDS_KNOWN = "the sites at both its ends are named"
    IN_TERMS = "its route is in the terms, as it is drawn"
    SOURCE = "a source for what was said is named"


CorridorMove: TypeAlias = table.Move[CorridorStatus, CorridorGuard]

S = CorridorStatus
G = CorridorGuard

TERMINAL = frozenset({S.CLOSED, S.CANCELLED})
STOPS = frozenset({S.SUSPENDED, S.BLOCKED, S.CLOSED})
PASSABLE = frozenset({S.OPEN, S.RESTRICTED})
"""The statuses in which people may move, where nothing else bars them."""

_TO_OPEN = (G.IN_FORCE, G.STANDS, G.WINDOW_OPEN, G.ROUTE_VALID, G.ENDS_KNOWN, G.IN_TERMS)


def _mutual(start: CorridorStatus, to: CorridorStatus, *guards: CorridorGuard) -> CorridorMove:
    who = Who.ANY_PARTY if to in STOPS else Who.FACILITATING
    return CorridorMove(start=start, to=to, guards=guards, who=who, kinds=Kinds.MUTUAL)


def _declared(start: CorridorStatus, to: CorridorStatus, *guards: CorridorGuard) -> CorridorMove:
    """A move under what one side announced by itself: it records what was said."""
    asked = guards if to in STOPS else (*guards, G.SOURCE)
    return CorridorMove(start=start, to=to, guards=asked, who=Who.OPERATION, kinds=Kinds.DECLARED)


def _either(
    start: CorridorStatus, to: CorridorStatus, *guards: CorridorGuard
) -> tuple[CorridorMove, CorridorMove]:
    return _mutual(start, to, *guards), _declared(start, to, *guards)


MOVES: tuple[CorridorMove, ...] = (
    *_either(S.DRAFT, S.PLANNED),
    _mutual(S.PLANNED, S.AGREED, G.CONFIRMED),
    _declared(S.PLANNED, S.AGREED, G.MUTUAL, G.CONFIRMED),
    _declared(S.PLANNED, S.DECLARED, G.DECLARED),
    _mutual(S.AGREED, S.OPEN, *_TO_OPEN),
    _declared(S.DECLARED, S.OPEN, *_TO_OPEN),
    *_either(S.OPEN, S.RESTRICTED),
    *_either(S.RESTRICTED, S.OPEN, *_TO_OPEN),
    *_either(S.OPEN, S.SUSPENDED),
    *_either(S.RESTRICTED, S.SUSPENDED),
    *_either(S.SUSPENDED, S.OPEN, *_TO_OPEN),
    *_either(S.SUSPENDED, S.RESTRICTED, *_TO_OPEN),
    *(
        move(start, to)
        for to in (S.BLOCKED, S.CLOSED)
        for move, start in ((_mutual, S.AGREED), (_declared, S.DECLARED))
    ),
    *(
        move
        for to in (S.BLOCKED, S.CLOSED)
        for start in (S.OPEN, S.RESTRICTED, S.SUSPENDED)
        for move in _either(start, to)
    ),
    *_either(S.BLOCKED, S.SUSPENDED),
    *_either(S.BLOCKED, S.CLOSED),
    *_either(S.DRAFT, S.CANCELLED),
    *_either(S.PLANNED, S.CANCELLED),
    _mutual(S.AGREED, S.CANCELLED),
)

MACHINE = Machine(
    moves=MOVES,
    terminal=TERMINAL,
    stops=STOPS,
    openness=(
        dict.fromkeys(TERMINAL, 0)
        | {S.BLOCKED: 1, S.DRAFT: 2, S.SUSPENDED: 2, S.PLANNED: 3}
        | {S.AGREED: 4, S.DECLARED: 4, S.RESTRICTED: 5, S.OPEN: 6}
    ),
    words=Words(
        noun="corridor",
        that_is="Under an agreement that is {kind}, a corridor that is {start}",
        anew="Draw a new one.",
        first="The first entry is the draft itself and cannot be replaced. Cancel the corridor "
        "and draw another one.",
    ),
)
