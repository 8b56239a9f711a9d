"""What a party's word counts as: the difference between said, and said so that it binds.

Acknowledgement, announcement and relay are not consent. A `confirmed` counts
only if it speaks of the terms as they stand, was given by the party itself or
attested by a second person, and is still valid.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain.agreement.model import REFUSALS, Agreement, Form, Person, Position, Stance

_RANK = {
    Stance.NOT_CONTACTED: 0,
    Stance.APPROACHED: 1,
    Stance.NO_RESPONSE: 1,
    Stance.CONSIDERING: 2,
    Stance.IN_PRINCIPLE: 3,
    Stance.CONFIRMED: 4,
}

_COUNTS_AT_MOST = {
    Stance.CONDITIONAL: Stance.CONSIDERING,
    Stance.ANNOUNCED_UNILATERALLY: Stance.CONSIDERING,
}


class Doubt(StrEnum):
    """Why a `confirmed` counts for less; the value is the sentence after the party's name."""

    OTHER_TERMS = "confirmed terms other than the present revision and hash"
    TOO_EARLY = "confirmed before this revision took effect"
    VOIDED = "confirmed an earlier revision; the terms have changed since"
    LAPSED = "confirmed, but the validity of that statement is over"
    PUBLIC_ONLY = "confirmed by public statement alone"
    NOT_ATTESTED = "was recorded as confirmed, but no second person has attested it"


IGNORED = frozenset({Doubt.OTHER_TERMS, Doubt.TOO_EARLY})


@dataclass(frozen=True, kw_only=True)
class Word:
    """One organisation's word at an instant.

    Attributes:
        position: the statement that speaks for it, or None where nothing was said.
        counts: whether it counts towards `confirmed`.
        covers: the highest revision whose windows it has confirmed.
        doubt: why a `confirmed` does not count as one.
        people: who stands behind it, the recorder first.
    """

    organisation: UUID
    name: str
    position: Position | None
    counts_as: Stance
    counts: bool = False
    covers: int = 0
    doubt: Doubt | None = None
    people: tuple[Person, ...] = ()

    def is_at_least(self, stance: Stance) -> bool:
        """Whether it counts as `stance` or better; a refusal never does."""
        return self.counts_as not in REFUSALS and _RANK[self.counts_as] >= _RANK[stance]


def word_of(agreement: Agreement, organisation: UUID, at: datetime) -> Word:
    """Tell what the organisation's statements up to `at` amount to at `at`."""
    name = agreement.name(organisation)
    said = _said(agreement, organisation, at)
    if not said:
        return Word(
            organisation=organisation, name=name, position=None, counts_as=Stance.NOT_CONTACTED
        )
    confirmations = [p for p in said if p.stance is Stance.CONFIRMED]
    binding = [p for p in confirmations if doubt_about(agreement, p, at) is None]
    speaking = max(binding, key=lambda p: p.revision or 0, default=said[0])
    doubt = doubt_about(agreement, speaking, at) if speaking in confirmations else None
    return Word(
        organisation=organisation,
        name=name,
        position=speaking,
        counts_as=_counts_as(speaking, doubt, at),
        counts=bool(binding),
        covers=(speaking.revision or 0) if binding else 0,
        doubt=doubt,
        people=people_behind(agreement, speaking),
    )


def _said(agreement: Agreement, organisation: UUID, at: datetime) -> list[Position]:
    """Return the statements that still speak, newest first.

    A confirmed that never matched the terms changes nothing and is left out. Going
    back stops at the first statement other than a confirmation of the present terms,
    and at one whose validity is over: what was said before it does not outlive it.
    """
    said: list[Position] = []
    for position in reversed(agreement.positions):
        if position.organisation != organisation or position.stated_at > at:
            continue
        doubt = doubt_about(agreement, position, at)
        if doubt in IGNORED:
            continue
        if position.stance is not Stance.CONFIRMED or doubt is Doubt.VOIDED:
            return said or [position]
        said.append(position)
        if doubt is Doubt.LAPSED:
            return said
    return said


def doubt_about(agreement: Agreement, position: Position, at: datetime) -> Doubt | None:
    """Return why a `confirmed` does not count at `at`, or None (also for other stances)."""
    if position.stance is not Stance.CONFIRMED:
        return None
    return _doubt_about_terms(agreement, position) or _doubt_about_form(agreement, position, at)


def _doubt_about_terms(agreement: Agreement, position: Position) -> Doubt | None:
    named = next((r for r in agreement.revisions if r.number == position.revision), None)
    if named is None or named.terms_hash != position.terms_hash:
        return Doubt.OTHER_TERMS
    if position.stated_at < named.took_effect_at:
        return Doubt.TOO_EARLY
    if named.number in agreement.revisions_in_chain():
        return None
    was_present = agreement.revisions_in_chain(agreement.revision_at(position.stated_at))
    return Doubt.VOIDED if named.number in was_present else Doubt.OTHER_TERMS


def _doubt_about_form(agreement: Agreement, position: Position, at: datetime) -> Doubt | None:
    if position.is_lapsed(at):
        return Doubt.LAPSED
    if position.form is Form.PUBLIC_STATEMENT:
        return Doubt.PUBLIC_ONLY
    if position.needs_attestation and not attesters(agreement, position):
        return Doubt.NOT_ATTESTED
    return None


def _counts_as(position: Position, doubt: Doubt | None, at: datetime) -> Stance:
    if position.stance in REFUSALS:
        return position.stance
    if position.is_lapsed(at) and _RANK.get(position.stance, 0) > _RANK[Stance.CONSIDERING]:
        return Stance.CONSIDERING
    if doubt is not None:
        return Stance.IN_PRINCIPLE
    return _COUNTS_AT_MOST.get(position.stance, position.stance)


def attesters(agreement: Agreement, position: Position) -> tuple[Person, ...]:
    """Return who attested this position, oldest first."""
    return tuple(a.by for a in agreement.attestations if a.position == position.id)


def people_behind(agreement: Agreement, position: Position) -> tuple[Person, ...]:
    """Return who recorded the position and who attested it."""
    return (position.recorded_by, *attesters(agreement, position))


def are_two_of_two(people: Iterable[Person]) -> bool:
    """Whether two different persons of two different organisations are among them."""
    known = list(people)
    return any(
        not one.is_same_as(other) and one.organisation != other.organisation
        for one in known
        for other in known
    )
