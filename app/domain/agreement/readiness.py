"""What is still missing between where an agreement is and where it may go."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic
from uuid import UUID

from app.domain.agreement.authority import is_among
from app.domain.agreement.bar import do_not_move
from app.domain.agreement.counting import Word, word_of
from app.domain.agreement.guards import Case, Grounds, unmet_for
from app.domain.agreement.model import Agreement
from app.domain.agreement.party import PartyRole
from app.domain.agreement.standing import unmet_to_stand
from app.domain.agreement.status import Status, moves_from
from app.domain.agreement.terms import Term, TermKey, TermState
from app.domain.machine.table import G, Move, S, Who
from app.domain.unmet import Unmet


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """How far the parties have settled and consented at one instant.

    Attributes:
        words: one for each party and role, in the order of the parties.
        unmet: what keeps it from standing; a declared one never has mutual consent.
    """

    terms: tuple[tuple[TermKey, TermState], ...]
    words: tuple[tuple[PartyRole, Word], ...]
    unmet: tuple[Unmet, ...]

    @property
    def terms_agreed(self) -> int:
        """How many of the ten terms are agreed."""
        return sum(state is TermState.AGREED for _, state in self.terms)


@dataclass(frozen=True, kw_only=True)
class PossibleMove(Generic[S]):
    """A move that is listed from the present status, and what is missing for it."""

    to: S
    who: Who
    allowed: bool
    unmet: tuple[Unmet, ...]


def readiness(agreement: Agreement, at: datetime) -> Readiness:
    """Tell what is settled and what is missing for the agreement to stand at `at`."""
    consent = [r for r in do_not_move(agreement, at).reasons if r.code == "consent_not_mutual"]
    return Readiness(
        terms=tuple((key, agreement.terms.get(key, Term()).state) for key in TermKey),
        words=tuple((p.role, word_of(agreement, p.organisation, at)) for p in agreement.parties),
        unmet=(*consent, *unmet_to_stand(agreement, at)),
    )


def transitions(
    agreement: Agreement, at: datetime, organisation: UUID | None
) -> tuple[PossibleMove[Status], ...]:
    """List every move from the present status with what is missing for it at `at`.

    Args:
        organisation: the reader's, to tell which moves its coordinators may make.
    """
    case = Case(agreement=agreement, at=at, grounds=Grounds(organisation=organisation))
    listed = moves_from(agreement.status.to, agreement.laterality)
    return possible(listed, agreement, organisation, lambda move: unmet_for(move, case))


def possible(
    listed: Iterable[Move[S, G]],
    agreement: Agreement,
    organisation: UUID | None,
    unmet: Callable[[Move[S, G]], Iterable[Unmet]],
) -> tuple[PossibleMove[S], ...]:
    """Tell of each listed move whether that organisation may make it, and what is missing."""
    return tuple(
        PossibleMove(
            to=move.to,
            who=move.who,
            allowed=organisation is not None and is_among(agreement, organisation, move.who),
            unmet=tuple(unmet(move)),
        )
        for move in listed
    )
