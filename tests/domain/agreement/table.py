"""What the table of moves has to say, by hand from the rules: shared by all tests that walk it.

`LISTED` holds every move that exists. For each guard `MEETS` makes it hold and
`BREAKS` makes just it fail, with the codes that must then be named.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product
from uuid import UUID

from app.domain.agreement.guards import Grounds
from app.domain.agreement.model import Agreement, Stance
from app.domain.agreement.moves import StatusDecision
from app.domain.agreement.status import MOVES, Guard, Laterality, Status
from app.domain.agreement.terms import Term, TermKey, TermState
from tests.domain.agreement.given import (
    AGAIN_AT,
    CONFIRMATIONS,
    GROUNDS,
    ICRC,
    LATER_TODAY,
    MAY_DAY,
    MOD,
    NOON,
    OCHA,
    OVER_AT,
    UKRAINE,
    WINDOW,
    YESTERDAY,
    decided,
    given_agreement,
    given_confirmed,
    given_declaration,
    given_position,
    given_relayed,
    saying,
)

S = Status
G = Guard

_DRAFTS = (S.PROPOSED, S.IN_TALKS, S.AGREED_IN_PRINCIPLE)
_FOR_ALL = {
    (S.PROPOSED, S.IN_TALKS): {G.PARTY_APPROACHED},
    (S.PROPOSED, S.AGREED_IN_PRINCIPLE): {G.ALL_IN_PRINCIPLE},
    (S.IN_TALKS, S.AGREED_IN_PRINCIPLE): {G.ALL_IN_PRINCIPLE},
    **{(start, S.REJECTED): {G.PARTY_REJECTED} for start in _DRAFTS},
    **{(start, S.WITHDRAWN): {G.PROPOSER_WITHDREW} for start in _DRAFTS},
}
_DONE = {G.OVER_OR_PURPOSE_MET, G.MOVEMENTS_STATED, G.COUNTS_STATED}
_ENDS = {G.WITHDRAWAL_OR_FACILITATOR}
_TO_FORCE = {G.STANDS, G.WINDOW_BEGUN, G.CEASEFIRE_REPORTED}

LISTED: Mapping[bool, Mapping[tuple[Status, Status], set[Guard]]] = {
    True: {
        **_FOR_ALL,
        (S.AGREED_IN_PRINCIPLE, S.CONFIRMED): {G.STANDS},
        (S.CONFIRMED, S.AGREED_IN_PRINCIPLE): {G.CONFIRMATION_LOST},
        (S.CONFIRMED, S.IN_FORCE): _TO_FORCE,
        (S.IN_FORCE, S.SUSPENDED): set(),
        (S.SUSPENDED, S.IN_FORCE): {G.STANDS, G.SUSPENDER_CONFIRMED},
        (S.SUSPENDED, S.IN_TALKS): set(),
        (S.CONFIRMED, S.COLLAPSED): _ENDS,
        (S.IN_FORCE, S.COLLAPSED): _ENDS,
        (S.SUSPENDED, S.COLLAPSED): _ENDS,
        (S.CONFIRMED, S.EXPIRED): {G.WINDOWS_OVER},
        (S.IN_FORCE, S.COMPLETED): _DONE,
        (S.SUSPENDED, S.COMPLETED): _DONE,
        **{
            (start, S.SUPERSEDED): {G.SUCCESSOR_NAMED}
            for start in (*_DRAFTS, S.CONFIRMED, S.IN_FORCE, S.SUSPENDED)
        },
    },
    False: {
        **_FOR_ALL,
        (S.PROPOSED, S.DECLARED): {G.DECLARED_BY, G.SOURCE},
        (S.DECLARED, S.IN_FORCE): {*_TO_FORCE, G.SOURCE},
        (S.IN_FORCE, S.SUSPENDED): set(),
        (S.SUSPENDED, S.IN_FORCE): {G.STANDS, G.SOURCE},
        (S.DECLARED, S.EXPIRED): {G.WINDOWS_OVER, G.SOURCE},
        (S.DECLARED, S.COLLAPSED): set(),
        (S.IN_FORCE, S.COLLAPSED): set(),
        (S.SUSPENDED, S.COLLAPSED): set(),
        (S.IN_FORCE, S.COMPLETED): {*_DONE, G.SOURCE},
        (S.SUSPENDED, S.COMPLETED): {*_DONE, G.SOURCE},
        **{
            (start, S.SUPERSEDED): {G.SUCCESSOR_NAMED, G.SOURCE}
            for start in (*_DRAFTS, S.DECLARED, S.IN_FORCE, S.SUSPENDED)
        },
    },
}
"""Every move by whether the agreement is mutual, with its guards."""


@dataclass(frozen=True, kw_only=True)
class Situation:
    """An agreement at `NOON`, and what somebody asks for."""

    agreement: Agreement
    to: Status
    by: UUID = OCHA
    grounds: Grounds = GROUNDS

    def decide(self) -> StatusDecision:
        """Decide the wish."""
        return decided(self.agreement, self.to, by=self.by, grounds=self.grounds)


Change = Callable[[Situation], Situation]


def _with(situation: Situation, **fields: object) -> Situation:
    """Build the agreement anew with other fields and the same history."""
    agreement = replace(situation.agreement, **fields)  # type: ignore[arg-type]
    return replace(situation, agreement=agreement)


def _saying(stance: Stance, organisation: UUID = MOD, **fields: object) -> Change:
    def say(situation: Situation) -> Situation:
        position = given_position(organisation, stance, at=OVER_AT, **fields)  # type: ignore[arg-type]
        return replace(situation, agreement=saying(situation.agreement, position))

    return say


def _having(**fields: object) -> Change:
    return lambda situation: _with(situation, **fields)


def _bringing(**fields: object) -> Change:
    return lambda s: replace(s, grounds=replace(s.grounds, **fields))  # type: ignore[arg-type]


def _asked_by(organisation: UUID) -> Change:
    return lambda situation: replace(situation, by=organisation)


def _as_it_is(situation: Situation) -> Situation:
    return situation


def _without_words_of(organisation: UUID, since_again: bool = False) -> Change:
    def drop(situation: Situation) -> Situation:
        kept = tuple(
            p
            for p in situation.agreement.positions
            if p.organisation != organisation or (since_again and p.stated_at < AGAIN_AT)
        )
        return _with(situation, positions=kept)

    return drop


def _settling(key: TermKey, term: Term) -> Change:
    """Change a term without a change of the hash that all have confirmed."""
    return lambda s: _with(s, terms={**s.agreement.terms, key: term})


def _all_recorded_by_one(situation: Situation) -> Situation:
    one = CONFIRMATIONS[0].recorded_by
    agreement = situation.agreement
    own = (replace(p.recorded_by, holder=one.holder) for p in agreement.positions)
    told = (
        replace(p, recorded_by=person) for p, person in zip(agreement.positions, own, strict=True)
    )
    return _with(situation, positions=tuple(told))


def _relayed_and_unattested(situation: Situation) -> Situation:
    told = _without_words_of(UKRAINE)(situation)
    return replace(told, agreement=saying(told.agreement, given_relayed(UKRAINE)))


def _without_source(situation: Situation) -> Situation:
    override = "field report to follow" if situation.to is Status.IN_FORCE else None
    grounds = replace(situation.grounds, sources=(), override=override)
    return replace(situation, grounds=grounds)


MEETS: Mapping[Guard, Change] = dict.fromkeys(Guard, _as_it_is) | {
    G.CONFIRMATION_LOST: _saying(Stance.CONSIDERING),
    G.WINDOWS_OVER: _having(windows=(YESTERDAY,)),
    G.PARTY_REJECTED: _saying(Stance.REJECTED),
}
"""How each guard comes to hold where the agreement that is ready for everything lacks it."""


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


_MONITORING = TermKey.MONITORING_AND_CONTACT
_FREE_CHOICE = TermKey.DESTINATIONS_AND_FREE_CHOICE
_AGREED = Term(state=TermState.AGREED)

BREAKS: Mapping[Guard, tuple[Break, ...]] = {
    G.PARTY_APPROACHED: (
        Break(
            says="nobody was approached",
            change=_having(positions=()),
            codes=("party_not_approached", "party_not_approached"),
            mutual=True,
        ),
        Break(
            says="the one that declares was not approached",
            change=_having(positions=()),
            codes=("party_not_approached",),
            mutual=False,
        ),
    ),
    G.ALL_IN_PRINCIPLE: (
        Break(
            says="a party considers",
            change=_saying(Stance.CONSIDERING),
            codes=("party_not_in_principle",),
        ),
        Break(
            says="a party announced by itself",
            change=_saying(Stance.ANNOUNCED_UNILATERALLY),
            codes=("party_not_in_principle",),
        ),
        Break(
            says="a party has rejected",
            change=_saying(Stance.REJECTED),
            codes=("party_not_in_principle",),
        ),
        Break(
            says="a party's word has no source",
            change=_saying(Stance.IN_PRINCIPLE, sources=()),
            codes=("party_not_in_principle",),
        ),
    ),
    G.STANDS: (
        Break(
            says="a term is open",
            change=_settling(_MONITORING, Term()),
            codes=("term_not_agreed",),
            mutual=True,
        ),
        Break(
            says="a term is only proposed",
            change=_settling(_MONITORING, Term(state=TermState.PROPOSED)),
            codes=("term_not_agreed",),
            mutual=True,
        ),
        Break(
            says="nothing says that leaving is voluntary",
            change=_settling(_FREE_CHOICE, _AGREED),
            codes=("voluntariness_not_stated",),
            mutual=True,
        ),
        Break(
            says="leaving is voluntary only in a word that is not true",
            change=_settling(_FREE_CHOICE, replace(_AGREED, details={"voluntary": 1})),
            codes=("voluntariness_not_stated",),
            mutual=True,
        ),
        Break(
            says="where people go is open too",
            change=_settling(_FREE_CHOICE, Term()),
            codes=("term_not_agreed", "voluntariness_not_stated"),
            mutual=True,
        ),
        Break(
            says="a required party only considers",
            change=_saying(Stance.CONSIDERING, UKRAINE),
            codes=("party_not_confirmed",),
            mutual=True,
        ),
        Break(
            says="the executor has not confirmed",
            change=_without_words_of(ICRC),
            codes=("executor_not_confirmed",),
            mutual=True,
        ),
        Break(
            says="a relayed confirmation is not attested",
            change=_relayed_and_unattested,
            codes=("position_not_attested",),
            mutual=True,
        ),
        Break(
            says="one person recorded all",
            change=_all_recorded_by_one,
            codes=("two_persons_missing",),
            mutual=True,
        ),
        Break(
            says="the last window is over",
            change=_having(windows=(YESTERDAY,)),
            codes=("window_over",),
        ),
        Break(
            says="nobody is named as having declared it",
            change=_having(declared_by=None),
            codes=("declared_by_missing",),
            mutual=False,
        ),
    ),
    G.DECLARED_BY: (
        Break(
            says="nobody is named as having declared it",
            change=_having(declared_by=None),
            codes=("declared_by_missing",),
        ),
        Break(says="there is no window", change=_having(windows=()), codes=("no_window",)),
    ),
    G.SOURCE: (
        Break(says="no source is named", change=_without_source, codes=("source_missing",)),
    ),
    G.WINDOW_BEGUN: (
        Break(
            says="the first window begins in an hour",
            change=_having(windows=(LATER_TODAY, MAY_DAY)),
            codes=("window_not_begun",),
        ),
    ),
    G.CEASEFIRE_REPORTED: (
        Break(
            says="nobody reported the ceasefire",
            change=_bringing(ceasefire_effective_at=None),
            codes=("ceasefire_not_reported",),
        ),
        Break(
            says="the ceasefire is to begin later",
            change=_bringing(ceasefire_effective_at=NOON + timedelta(minutes=1)),
            codes=("ceasefire_not_reported",),
        ),
        Break(
            says="the report has no source",
            change=_bringing(sources=()),
            codes=("ceasefire_not_reported",),
            mutual=True,
        ),
    ),
    G.SUSPENDER_CONFIRMED: (
        Break(
            says="the party that suspended has not confirmed again",
            change=_without_words_of(MOD, since_again=True),
            codes=("suspending_party_not_confirmed",),
        ),
    ),
    G.CONFIRMATION_LOST: (
        Break(
            says="every confirmation counts",
            change=_having(positions=given_agreement().positions),
            codes=("confirmations_still_count",),
        ),
    ),
    G.WITHDRAWAL_OR_FACILITATOR: (
        Break(
            says="nobody withdrew and the executor asks",
            change=_asked_by(ICRC),
            codes=("party_not_withdrawn",),
        ),
    ),
    G.WINDOWS_OVER: (
        Break(
            says="a window is open", change=_having(windows=(WINDOW,)), codes=("window_not_over",)
        ),
        Break(
            says="a window is to come",
            change=_having(windows=(YESTERDAY, MAY_DAY)),
            codes=("window_not_over",),
        ),
    ),
    G.OVER_OR_PURPOSE_MET: (
        Break(
            says="a window is open and more is to do",
            change=_bringing(purpose_met=False),
            codes=("purpose_not_met",),
        ),
    ),
    G.MOVEMENTS_STATED: (
        Break(
            says="nothing is said of the movements",
            change=_bringing(movements_statement=None),
            codes=("movements_statement_missing",),
        ),
    ),
    G.COUNTS_STATED: (
        Break(
            says="nothing is said of the counts",
            change=_bringing(counts_statement=None),
            codes=("counts_statement_missing",),
        ),
    ),
    G.PARTY_REJECTED: (
        Break(
            says="nobody rejected",
            change=_having(positions=()),
            codes=("party_not_rejected",),
        ),
    ),
    G.PROPOSER_WITHDREW: (
        Break(
            says="the facilitator asks and the proposer has not withdrawn",
            change=_having(proposer=MOD),
            codes=("proposer_not_withdrawn",),
        ),
    ),
    G.SUCCESSOR_NAMED: (
        Break(
            says="no successor is named",
            change=_bringing(successor=None),
            codes=("successor_missing",),
        ),
    ),
}


def given_ready(start: Status, to: Status, guards: set[Guard], laterality: Laterality) -> Situation:
    """Build a situation in which every guard of the move holds."""
    agreement = _ready(start, laterality)
    situation = Situation(agreement=agreement, to=to)
    for guard in Guard:
        if guard in guards:
            situation = MEETS[guard](situation)
    return situation


def _ready(start: Status, laterality: Laterality) -> Agreement:
    if not laterality.is_mutual:
        declared = given_declaration(start, positions=(given_confirmed(MOD),))
        return replace(declared, laterality=laterality)
    agreement = replace(given_agreement(start), laterality=laterality)
    if start is Status.SUSPENDED:
        return saying(agreement, given_confirmed(MOD, at=AGAIN_AT))
    return agreement


def in_code(laterality: Laterality) -> dict[tuple[Status, Status], set[Guard]]:
    """Return the moves as the code lists them."""
    return {(m.start, m.to): set(m.guards) for m in MOVES if m.kinds.include(laterality)}


def _is_stop_of_the_stopped(start: Status, to: Status) -> bool:
    """Whether the wish is kept as a statement instead of being refused."""
    stopped = {S.COMPLETED, S.REJECTED, S.WITHDRAWN, S.EXPIRED, S.COLLAPSED, S.SUPERSEDED, to}
    return to in (S.SUSPENDED, S.COLLAPSED) and start in stopped


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
    for start, to in product(Status, Status)
    if (start, to) not in LISTED[laterality.is_mutual] and not _is_stop_of_the_stopped(start, to)
)
"""Every pair of statuses that is no move."""
