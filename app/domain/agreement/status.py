"""The statuses of an agreement and the moves between them, as data.

This table is what a lawyer reads, what the docs draw and what the tests walk.
A move that is not here does not exist.
"""

from enum import StrEnum
from typing import TypeAlias

from app.domain.laterality import Kinds as Kinds
from app.domain.laterality import Laterality as Laterality
from app.domain.machine import table
from app.domain.machine.table import Machine, Words
from app.domain.machine.table import Who as Who


class Status(StrEnum):
    """Where an agreement stands between a proposal and its end."""

    PROPOSED = "proposed"
    IN_TALKS = "in_talks"
    AGREED_IN_PRINCIPLE = "agreed_in_principle"
    CONFIRMED = "confirmed"
    DECLARED = "declared"
    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    COMPLETED = "completed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    COLLAPSED = "collapsed"
    SUPERSEDED = "superseded"


class Guard(StrEnum):
    """A condition of a move; the value is the sentence that the docs show."""

    PARTY_APPROACHED = "a required party other than the proposer was at least approached"
    ALL_IN_PRINCIPLE = "every required party is in principle or better, each with a source"
    STANDS = "it stands at that instant"
    DECLARED_BY = "who declared it is named, and for which window"
    SOURCE = "a source for what was said is named"
    WINDOW_BEGUN = "a window has begun, or an override says why not"
    CEASEFIRE_REPORTED = "the ceasefire's start is reported with a source, or overridden"
    SUSPENDER_CONFIRMED = "whoever suspended it has confirmed again since"
    CONFIRMATION_LOST = "a confirmation no longer counts"
    WITHDRAWAL_OR_FACILITATOR = "a required party has withdrawn, or a facilitator ends it"
    WINDOWS_OVER = "the last window is over"
    OVER_OR_PURPOSE_MET = "the last window is over, or the purpose is met"
    MOVEMENTS_STATED = "a statement on the movements is given (it may say unknown)"
    COUNTS_STATED = "a statement on the counts is given (it may say unknown)"
    PARTY_REJECTED = "a party has stated that it rejects"
    PROPOSER_WITHDREW = "the proposer has stated that it withdraws"
    SUCCESSOR_NAMED = "the agreement that follows it is named"


Move: TypeAlias = table.Move[Status, Guard]

S = Status
G = Guard
_TO_FORCE = (G.WINDOW_BEGUN, G.CEASEFIRE_REPORTED)
_OVER = (G.OVER_OR_PURPOSE_MET, G.MOVEMENTS_STATED, G.COUNTS_STATED)


def _mutual(start: Status, to: Status, *guards: Guard, who: Who = Who.FACILITATING) -> Move:
    return Move(start=start, to=to, guards=guards, who=who, kinds=Kinds.MUTUAL)


def _declared(start: Status, to: Status, *guards: Guard) -> Move:
    """A move of what one side announced by itself: it records what was said."""
    return Move(start=start, to=to, guards=guards, who=Who.OPERATION, kinds=Kinds.DECLARED)


def _either(start: Status, to: Status, *guards: Guard, who: Who = Who.FACILITATING) -> Move:
    return Move(start=start, to=to, guards=guards, who=who)


_DRAFTS = (S.PROPOSED, S.IN_TALKS, S.AGREED_IN_PRINCIPLE)
_LIVE = (*_DRAFTS, S.CONFIRMED, S.DECLARED, S.IN_FORCE, S.SUSPENDED)

MOVES: tuple[Move, ...] = (
    _either(S.PROPOSED, S.IN_TALKS, G.PARTY_APPROACHED),
    _either(S.PROPOSED, S.AGREED_IN_PRINCIPLE, G.ALL_IN_PRINCIPLE),
    _either(S.IN_TALKS, S.AGREED_IN_PRINCIPLE, G.ALL_IN_PRINCIPLE),
    _mutual(S.AGREED_IN_PRINCIPLE, S.CONFIRMED, G.STANDS),
    _mutual(S.CONFIRMED, S.AGREED_IN_PRINCIPLE, G.CONFIRMATION_LOST),
    _mutual(S.CONFIRMED, S.IN_FORCE, G.STANDS, *_TO_FORCE),
    _mutual(S.SUSPENDED, S.IN_FORCE, G.STANDS, G.SUSPENDER_CONFIRMED),
    _mutual(S.SUSPENDED, S.IN_TALKS),
    _mutual(S.IN_FORCE, S.SUSPENDED, who=Who.ANY_PARTY),
    *(
        _mutual(start, S.COLLAPSED, G.WITHDRAWAL_OR_FACILITATOR, who=Who.ANY_PARTY)
        for start in (S.CONFIRMED, S.IN_FORCE, S.SUSPENDED)
    ),
    _mutual(S.CONFIRMED, S.EXPIRED, G.WINDOWS_OVER),
    *(_mutual(start, S.COMPLETED, *_OVER) for start in (S.IN_FORCE, S.SUSPENDED)),
    _declared(S.PROPOSED, S.DECLARED, G.DECLARED_BY, G.SOURCE),
    _declared(S.DECLARED, S.IN_FORCE, G.STANDS, *_TO_FORCE, G.SOURCE),
    _declared(S.IN_FORCE, S.SUSPENDED),
    _declared(S.SUSPENDED, S.IN_FORCE, G.STANDS, G.SOURCE),
    _declared(S.DECLARED, S.EXPIRED, G.WINDOWS_OVER, G.SOURCE),
    *(_declared(start, S.COLLAPSED) for start in (S.DECLARED, S.IN_FORCE, S.SUSPENDED)),
    *(_declared(start, S.COMPLETED, *_OVER, G.SOURCE) for start in (S.IN_FORCE, S.SUSPENDED)),
    *(
        _either(start, S.REJECTED, G.PARTY_REJECTED, who=Who.FACILITATING_OR_REJECTING_PARTY)
        for start in _DRAFTS
    ),
    *(
        _either(start, S.WITHDRAWN, G.PROPOSER_WITHDREW, who=Who.FACILITATING_OR_PROPOSER)
        for start in _DRAFTS
    ),
    *(_mutual(start, S.SUPERSEDED, G.SUCCESSOR_NAMED) for start in _LIVE if start != S.DECLARED),
    *(
        _declared(start, S.SUPERSEDED, G.SUCCESSOR_NAMED, G.SOURCE)
        for start in _LIVE
        if start != S.CONFIRMED
    ),
)

TERMINAL = frozenset(Status) - frozenset(_LIVE)
STOPS = frozenset({S.SUSPENDED, S.COLLAPSED})
PROMISING = frozenset({S.CONFIRMED, S.DECLARED, S.IN_FORCE})

OPENNESS: dict[Status, int] = (
    dict.fromkeys(TERMINAL, 0)
    | {S.SUSPENDED: 1, S.PROPOSED: 1, S.IN_TALKS: 2, S.AGREED_IN_PRINCIPLE: 3}
    | {S.CONFIRMED: 4, S.DECLARED: 4, S.IN_FORCE: 5}
)
"""How near a status is to people moving; a correction that raises it is judged as an opening."""


MACHINE = Machine(
    moves=MOVES,
    terminal=TERMINAL,
    stops=STOPS,
    openness=OPENNESS,
    words=Words(
        noun="agreement",
        that_is="A {kind} agreement that is {start}",
        anew="Propose a new one.",
        first="The first entry is the proposal itself and cannot be replaced. Withdraw the "
        "agreement and propose another one.",
    ),
)


def moves_from(start: Status, laterality: Laterality) -> tuple[Move, ...]:
    """Return every listed move from `start`, in the table's order."""
    return MACHINE.moves_from(start, laterality)
