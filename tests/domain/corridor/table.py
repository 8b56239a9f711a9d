"""What the table of a corridor's moves has to say, by hand from the rules.

`LISTED` holds every move that exists. For each guard `BREAKS` makes just it fail,
with the codes that must then be named.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from uuid import UUID

from app.domain.agreement.model import Agreement, Stance
from app.domain.agreement.status import Status
from app.domain.agreement.terms import Term, TermKey
from app.domain.corridor.model import Corridor
from app.domain.corridor.moves import CorridorDecision
from app.domain.corridor.status import MOVES, CorridorGuard, CorridorStatus
from app.domain.laterality import Laterality
from app.domain.window import WindowStatus
from tests.domain.agreement.given import (
    LATER_TODAY,
    MAY_DAY,
    OCHA,
    OVER_AT,
    UKRAINE,
    WINDOW,
    YESTERDAY,
    given_position,
    given_window,
    saying,
)
from tests.domain.corridor.given import (
    LINE,
    OTHER,
    SOURCES,
    decided,
    given_agreement,
    given_corridor,
    given_declaration,
    given_under,
    naming,
)

S = CorridorStatus
G = CorridorGuard

_OPENING = {G.IN_FORCE, G.STANDS, G.WINDOW_OPEN, G.ROUTE_VALID, G.ENDS_KNOWN, G.IN_TERMS}
_FOR_ALL: Mapping[tuple[CorridorStatus, CorridorStatus], set[CorridorGuard]] = {
    (S.DRAFT, S.PLANNED): set(),
    (S.OPEN, S.RESTRICTED): set(),
    (S.RESTRICTED, S.OPEN): _OPENING,
    (S.SUSPENDED, S.OPEN): _OPENING,
    (S.SUSPENDED, S.RESTRICTED): _OPENING,
    (S.DRAFT, S.CANCELLED): set(),
    (S.PLANNED, S.CANCELLED): set(),
}
_STOPS: Mapping[tuple[CorridorStatus, CorridorStatus], set[CorridorGuard]] = {
    (S.OPEN, S.SUSPENDED): set(),
    (S.RESTRICTED, S.SUSPENDED): set(),
    (S.BLOCKED, S.SUSPENDED): set(),
    (S.BLOCKED, S.CLOSED): set(),
    **{
        (start, to): set()
        for start in (S.OPEN, S.RESTRICTED, S.SUSPENDED)
        for to in (S.BLOCKED, S.CLOSED)
    },
}

LISTED: Mapping[bool, Mapping[tuple[CorridorStatus, CorridorStatus], set[CorridorGuard]]] = {
    True: {
        **_FOR_ALL,
        **_STOPS,
        (S.PLANNED, S.AGREED): {G.CONFIRMED},
        (S.AGREED, S.OPEN): _OPENING,
        (S.AGREED, S.BLOCKED): set(),
        (S.AGREED, S.CLOSED): set(),
        (S.AGREED, S.CANCELLED): set(),
    },
    False: {
        **{pair: {*guards, G.SOURCE} for pair, guards in _FOR_ALL.items()},
        **_STOPS,
        (S.PLANNED, S.AGREED): {G.MUTUAL, G.CONFIRMED, G.SOURCE},
        (S.PLANNED, S.DECLARED): {G.DECLARED, G.SOURCE},
        (S.DECLARED, S.OPEN): {*_OPENING, G.SOURCE},
        (S.DECLARED, S.BLOCKED): set(),
        (S.DECLARED, S.CLOSED): set(),
    },
}
"""Every move by whether the agreement is mutual, with its guards."""


@dataclass(frozen=True, kw_only=True)
class Situation:
    """A corridor and its agreement at `NOON`, and what somebody asks for."""

    corridor: Corridor
    agreement: Agreement
    to: CorridorStatus
    by: UUID = OCHA
    sources: tuple[UUID, ...] = SOURCES

    def decide(self) -> CorridorDecision:
        """Decide the wish."""
        return decided(
            self.corridor, self.to, agreement=self.agreement, by=self.by, sources=self.sources
        )


Change = Callable[[Situation], Situation]


def _of_corridor(**fields: object) -> Change:
    return lambda s: replace(s, corridor=replace(s.corridor, **fields))  # type: ignore[arg-type]


def _of_agreement(**fields: object) -> Change:
    return lambda s: replace(s, agreement=replace(s.agreement, **fields))  # type: ignore[arg-type]


def _under(status: Status) -> Change:
    def move(situation: Situation) -> Situation:
        kind = situation.agreement.laterality
        other = given_agreement(status) if kind.is_mutual else given_declaration(status)
        return replace(situation, agreement=replace(other, laterality=kind))

    return move


def _considering(situation: Situation) -> Situation:
    word = given_position(UKRAINE, Stance.CONSIDERING, at=OVER_AT)
    return replace(situation, agreement=saying(situation.agreement, word))


def _term_open(situation: Situation) -> Situation:
    terms = {**situation.agreement.terms, TermKey.CHECKS: Term()}
    return _of_agreement(terms=terms)(situation)


def _without_sources(situation: Situation) -> Situation:
    return replace(situation, sources=())


@dataclass(frozen=True, kw_only=True)
class Break:
    """A way to make one guard fail.

    Attributes:
        codes: what must be named, in any order.
        mutual: whether it is about mutual or declared agreements; None: both.
    """

    says: str
    change: Change
    codes: tuple[str, ...]
    mutual: bool | None = None


def _not_in_force(status: Status, mutual: bool | None = None) -> Break:
    return Break(
        says=f"the agreement is {status}",
        change=_under(status),
        codes=("agreement_not_in_force",),
        mutual=mutual,
    )


BREAKS: Mapping[CorridorGuard, tuple[Break, ...]] = {
    G.MUTUAL: (
        Break(
            says="one side alone declared it",
            change=lambda situation: situation,
            codes=(),
            mutual=False,
        ),
    ),
    G.CONFIRMED: (
        _not_in_force(Status.AGREED_IN_PRINCIPLE, mutual=True),
        _not_in_force(Status.SUSPENDED),
        _not_in_force(Status.COMPLETED),
    ),
    G.DECLARED: (
        Break(
            says="nobody has declared it yet",
            change=_under(Status.PROPOSED),
            codes=("agreement_not_declared",),
        ),
        Break(
            says="the declaration is over",
            change=_under(Status.COMPLETED),
            codes=("agreement_not_declared",),
        ),
    ),
    G.IN_FORCE: (
        _not_in_force(Status.CONFIRMED, mutual=True),
        _not_in_force(Status.DECLARED, mutual=False),
        _not_in_force(Status.SUSPENDED),
    ),
    G.STANDS: (
        Break(says="a term is open", change=_term_open, codes=("term_not_agreed",), mutual=True),
        Break(
            says="a party only considers",
            change=_considering,
            codes=("party_not_confirmed",),
            mutual=True,
        ),
        Break(
            says="nobody is named as having declared it",
            change=_of_agreement(declared_by=None),
            codes=("declared_by_missing",),
            mutual=False,
        ),
    ),
    G.WINDOW_OPEN: (
        Break(
            says="there is no window",
            change=_of_agreement(windows=()),
            codes=("no_window",),
        ),
        Break(
            says="its window begins later",
            change=_of_agreement(windows=(LATER_TODAY,)),
            codes=("window_not_begun",),
        ),
        Break(
            says="it is between two windows",
            change=_of_agreement(windows=(YESTERDAY, MAY_DAY)),
            codes=("window_not_begun",),
        ),
        Break(
            says="its window is over",
            change=_of_agreement(windows=(YESTERDAY,)),
            codes=("window_over",),
        ),
        Break(
            says="its window was closed early",
            change=_of_agreement(windows=(given_window(status=WindowStatus.CLOSED_EARLY),)),
            codes=("window_over",),
        ),
        Break(
            says="its own window is over though another of the agreement is open",
            change=_of_agreement(windows=(WINDOW, naming(YESTERDAY))),
            codes=("window_over",),
        ),
        Break(
            says="the only window is that of another corridor",
            change=_of_agreement(windows=(naming(WINDOW, OTHER),)),
            codes=("no_window",),
        ),
    ),
    G.ROUTE_VALID: (
        Break(says="no route is drawn", change=_of_corridor(line=None), codes=("route_invalid",)),
        Break(
            says="the route is one point",
            change=_of_corridor(line=LINE[:1]),
            codes=("route_invalid",),
        ),
        Break(
            says="the route stays where it begins",
            change=_of_corridor(line=(LINE[0], LINE[0])),
            codes=("route_invalid",),
        ),
    ),
    G.IN_TERMS: (
        Break(
            says="its route is in none of the terms",
            change=_of_agreement(routes=()),
            codes=("route_not_in_terms",),
        ),
        Break(
            says="it is drawn otherwise than it was agreed",
            change=_of_corridor(width_m=50.0),
            codes=("route_not_in_terms",),
        ),
    ),
    G.ENDS_KNOWN: (
        Break(
            says="where it begins is not known",
            change=_of_corridor(from_site=None),
            codes=("ends_unknown",),
        ),
        Break(
            says="where it leads is not known",
            change=_of_corridor(to_site=None),
            codes=("ends_unknown",),
        ),
        Break(
            says="neither end is known",
            change=_of_corridor(from_site=None, to_site=None),
            codes=("ends_unknown",),
        ),
    ),
    G.SOURCE: (
        Break(says="no source is named", change=_without_sources, codes=("source_missing",)),
    ),
}

NEVER = {(False, S.PLANNED, S.AGREED): ("consent_not_mutual",)}
"""What a move always lacks: what one side declared is never agreed."""


def given_ready(start: CorridorStatus, to: CorridorStatus, laterality: Laterality) -> Situation:
    """Build a situation in which every guard of the move holds, where it ever can."""
    corridor = given_corridor(start, laterality=laterality)
    return Situation(corridor=corridor, agreement=given_under(laterality), to=to)


def in_code(laterality: Laterality) -> dict[tuple[CorridorStatus, CorridorStatus], set[G]]:
    """Return the moves as the code lists them."""
    return {(m.start, m.to): set(m.guards) for m in MOVES if m.kinds.include(laterality)}


def _is_stop_of_the_stopped(start: CorridorStatus, to: CorridorStatus) -> bool:
    """Whether the wish is kept as a statement instead of being refused."""
    return to in (S.SUSPENDED, S.BLOCKED, S.CLOSED) and start in (S.CLOSED, S.CANCELLED, to)


EVERY_MOVE = tuple(
    (laterality, start, to)
    for laterality in Laterality
    for start, to in LISTED[laterality.is_mutual]
)
"""Every listed move of every laterality."""

EVERY_BREAK = tuple(
    (laterality, start, to, way)
    for laterality, start, to in EVERY_MOVE
    for guard in sorted(LISTED[laterality.is_mutual][start, to])
    for way in BREAKS[guard]
    if way.mutual in (None, laterality.is_mutual)
)
"""Every way in which a guard of a listed move fails."""

UNLISTED = tuple(
    (laterality, start, to)
    for laterality in Laterality
    for start, to in product(CorridorStatus, CorridorStatus)
    if (start, to) not in LISTED[laterality.is_mutual] and not _is_stop_of_the_stopped(start, to)
)
"""Every pair of statuses that is no move."""
