"""Positions and attestations: who may state what, and what is missing of a statement."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from app.domain.agreement.counting import IGNORED, Word, doubt_about, word_of
from app.domain.agreement.model import (
    REFUSALS,
    Agreement,
    Form,
    Person,
    Position,
    Stance,
)
from app.domain.agreement.party import FACILITATING
from app.domain.errors import NotEligible, Unacceptable
from app.domain.fact import Basis, Warned
from app.domain.instant import format_instant
from app.domain.organisation import Organisation


@dataclass(frozen=True, kw_only=True)
class Stated:
    """A position as it is kept, with what its author should know about it."""

    position: Position
    incomplete: tuple[str, ...] = ()
    warnings: tuple[Warned, ...] = ()


def require_may_state(position: Position) -> None:
    """Refuse a position recorded for another organisation that does not say who relayed it.

    Raises:
        NotEligible: the caller is not the organisation's own principal.
    """
    if position.is_relayed and position.relayed_by is None:
        raise NotEligible(
            "Only an organisation's own principal states its position. To record what it said "
            "through somebody else, name who relayed it in relayed_by, with a source."
        )


def require_may_correct_position(
    agreement: Agreement, wish: Position, corrected: Collection[UUID], *, now: datetime
) -> None:
    """Refuse a correction that opens more by one who could not open it.

    What makes a party's word count for more is for that party itself, or for a
    coordinator of a facilitator, guarantor or executor.

    Raises:
        NotEligible: says who may.
    """
    kept = tuple(p for p in agreement.positions if p.id not in corrected)
    placed = sorted((*kept, wish), key=lambda p: p.stated_at)
    was = word_of(agreement, wish.organisation, now)
    will = word_of(replace(agreement, positions=tuple(placed)), wish.organisation, now)
    opens = _weight(will) > _weight(was)
    if (
        opens
        and wish.is_relayed
        and not (agreement.roles_of(wish.recorded_by.organisation) & FACILITATING)
    ):
        raise NotEligible(
            f"This correction would let the word of {was.name} count for more. That is for "
            "its own coordinators, or for those of a facilitator, guarantor or executor."
        )


_LADDER = (Stance.APPROACHED, Stance.CONSIDERING, Stance.IN_PRINCIPLE, Stance.CONFIRMED)


def _weight(word: Word) -> tuple[bool, int]:
    return word.counts, sum(word.is_at_least(step) for step in _LADDER)


def decide_position(
    agreement: Agreement, wish: Position, *, now: datetime, corrects: bool = False
) -> Stated:
    """Decide how a position is kept. What stops is taken even where something is missing.

    Args:
        agreement: as it is now.
        now: the instant of recording.
        corrects: whether it takes the place of others.

    Raises:
        Unacceptable: names the member and what was expected of it.
    """
    if not agreement.roles_of(wish.organisation):
        raise Unacceptable(
            "/organisation", "This organisation is no party of the agreement. Add it as one first."
        )
    if wish.stance in REFUSALS:
        return _stop(wish, now)
    _require_complete(wish, now)
    if corrects and doubt_about(agreement, wish, now) in IGNORED:
        raise Unacceptable(
            "/terms_hash",
            "A correction takes the place of what was said; this one names terms that it does "
            "not confirm, so that nothing would stand in that place.",
        )
    return Stated(position=wish, warnings=_without_effect(agreement, wish, now))


def _stop(wish: Position, now: datetime) -> Stated:
    warnings = []
    position = wish
    if wish.stated_at > now:
        position = replace(wish, stated_at=now)
        warnings.append(
            Warned(
                code="effective_at_replaced",
                message=f"{format_instant(wish.stated_at)} lies in the future; the position takes "
                f"effect at its recording, {format_instant(now)}.",
            )
        )
    if position.valid_until is not None and position.valid_until <= position.stated_at:
        position = replace(position, valid_until=None)
        warnings.append(
            Warned(code="valid_until_dropped", message="valid_until is not after stated_at.")
        )
    incomplete = ("sources",) if position.is_relayed and not position.sources else ()
    if incomplete:
        warnings.append(
            Warned(code="incomplete", message="Taken without a source; add one when it is known.")
        )
    return Stated(position=position, incomplete=incomplete, warnings=tuple(warnings))


def _require_complete(wish: Position, now: datetime) -> None:
    if wish.stated_at > now:
        raise Unacceptable(
            "/stated_at",
            f"{format_instant(wish.stated_at)} lies in the future; nobody said it yet.",
        )
    if wish.valid_until is not None and wish.valid_until <= wish.stated_at:
        raise Unacceptable("/valid_until", "valid_until must be later than stated_at.")
    if wish.is_relayed and not wish.sources:
        raise Unacceptable("/sources", "A relayed position needs a source. Record it and name it.")
    if wish.stance is Stance.CONDITIONAL and not wish.conditions:
        raise Unacceptable("/conditions", "A conditional position must say its conditions.")
    if wish.form is Form.NOT_KNOWN and wish.basis is not Basis.INFERRED:
        raise Unacceptable("/form", "not_known is only for a position with basis inferred.")
    if wish.stance is Stance.CONFIRMED:
        _require_names_terms(wish)


def _require_names_terms(wish: Position) -> None:
    if wish.revision is None:
        raise Unacceptable("/revision", "A confirmed position must name the revision it confirms.")
    if wish.terms_hash is None:
        raise Unacceptable(
            "/terms_hash", "A confirmed position must name the terms_hash it confirms."
        )
    if wish.form is None:
        raise Unacceptable("/form", "A confirmed position must say in which form it was given.")


def _without_effect(agreement: Agreement, wish: Position, now: datetime) -> tuple[Warned, ...]:
    doubt = doubt_about(agreement, wish, now)
    if doubt is None:
        return ()
    code = "position_without_effect" if doubt in IGNORED else "position_counts_for_less"
    return (Warned(code=code, message=f"{agreement.name(wish.organisation)} {doubt.value}."),)


def words_spoken(agreement: Agreement, at: datetime) -> dict[UUID, Word]:
    """Return the word of each organisation by the position that speaks for it.

    A position that is not among them changes nothing at `at`.
    """
    whose = dict.fromkeys(p.organisation for p in agreement.positions)
    words = (word_of(agreement, organisation, at) for organisation in whose)
    return {word.position.id: word for word in words if word.position is not None}


def require_may_attest(
    agreement: Agreement,
    position: Position,
    by: Person,
    organisations: Mapping[UUID, Organisation],
) -> None:
    """Refuse an attestation that would not be a second, independent voice.

    Args:
        by: who attests.
        organisations: the recorder's, the attester's and the position's own.

    Raises:
        NotEligible: says which condition fails. No role passes these rules.
    """
    recorder = position.recorded_by
    if by.is_same_as(recorder):
        raise NotEligible("Whoever recorded a position cannot attest it; a second person must.")
    own, other = organisations[by.organisation], organisations[recorder.organisation]
    if own.shares_ancestor(other):
        raise NotEligible(
            f"{own.short_name} and {other.short_name} are one organisation or have a common "
            "parent. Somebody of an independent organisation must attest."
        )
    about = organisations[position.organisation]
    for speaker in (own, other):
        if speaker.is_belligerent and about.is_belligerent and speaker.id != about.id:
            raise NotEligible(
                f"{speaker.short_name} is a belligerent, or stands below one, and cannot speak for another one, "
                f"{about.short_name}."
            )
    roles = agreement.roles_of(own.id) | agreement.roles_of(other.id)
    if own.id != about.id and not roles & FACILITATING:
        raise NotEligible(
            "Recorder or attester must be a facilitator, guarantor or executor of this agreement."
        )
