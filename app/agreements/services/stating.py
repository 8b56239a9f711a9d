"""Stating positions, and attesting what others recorded."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid4

from app.agreements import aspects
from app.agreements.held import Done, Held
from app.agreements.schemas.common import dropped_warnings, left_out
from app.agreements.schemas.position import AttestationIn, PositionIn
from app.agreements.services import referring
from app.domain.agreement.authority import require_may_correct
from app.domain.agreement.model import REFUSALS, Position
from app.domain.agreement.statement import (
    Stated,
    decide_position,
    require_may_attest,
    require_may_correct_position,
    require_may_state,
)
from app.domain.errors import NotEligible, Unacceptable
from app.domain.fact import Event, Replaced, Warned
from app.domain.instant import format_instant
from app.domain.json_value import Json
from app.organisations import service as organisations
from app.sources import service as sources


def state_position(held: Held, body: PositionIn) -> Done:
    """Record what a party said. A refusal is taken even where something is missing."""
    wish, told = _wish(held, body)
    corrects = _correctable(held, body, wish)

    def authority() -> None:
        require_may_state(wish)
        if body.position not in REFUSALS:
            _require_may_correct(held, wish, corrects)

    def change() -> Event:
        cited, more = _sources(held, body)
        return _record(held, body, replace(wish, sources=cited), corrects, (*told, *more))

    return held.once(authority=authority, needs_version=False, change=change)


def _require_may_correct(held: Held, wish: Position, corrects: Sequence[UUID]) -> None:
    known = {p.id: p for p in held.present.positions}
    for entry in held.recorded.entries:
        if entry.event in corrects:
            about = known[entry.event].organisation if entry.event in known else None
            require_may_correct(entry.organisation, held.organisation, about)
    if corrects:
        require_may_correct_position(held.present, wish, corrects, now=held.now)


def _correctable(held: Held, body: PositionIn, wish: Position) -> tuple[UUID, ...]:
    """Return what is corrected; of a refusal only what the caller may correct."""
    if body.position not in REFUSALS:
        return tuple(body.corrects)
    known = {p.id for p in held.present.positions}
    found = tuple(event for event in body.corrects if event in known)
    try:
        _require_may_correct(held, wish, found)
    except NotEligible:
        return ()
    return found


def _wish(held: Held, body: PositionIn) -> tuple[Position, tuple[Warned, ...]]:
    db = held.write.db
    organisation = referring.organisation(db, body.organisation, "/organisation")
    stated = body.stated_at or body.effective_at
    relayed_by, told = _relayed_by(held, body)
    wish = Position(
        id=uuid4(),
        organisation=organisation,
        stance=body.position,
        stated_at=stated or referring.instant(held, None, body.corrects),
        recorded_by=held.person,
        revision=body.revision,
        terms_hash=body.terms_hash,
        authority_level=body.authority_level,
        form=body.form,
        valid_until=body.valid_until,
        relayed_by=relayed_by,
        conditions=body.conditions,
        sources=tuple(body.sources),
        basis=body.basis,
    )
    return wish, told


def _relayed_by(held: Held, body: PositionIn) -> tuple[UUID | None, tuple[Warned, ...]]:
    """Return who relayed it; of a refusal the recorder where the one that is named is unknown."""
    try:
        found = referring.optional_organisation(held.write.db, body.relayed_by, "/relayed_by")
    except Unacceptable:
        if body.position not in REFUSALS:
            raise
        message = "Who relayed it is not known here; your own organisation stands in its place."
        return held.organisation, (Warned(code="relayed_by_dropped", message=message),)
    return found, ()


def _sources(held: Held, body: PositionIn) -> tuple[tuple[UUID, ...], tuple[Warned, ...]]:
    write, operation = held.write, held.recorded.operation
    if body.position in REFUSALS:
        return referring.cited_by_stop(write.db, write.caller, operation, body.sources)
    return sources.cited(write.db, write.caller, operation, body.sources), ()


def _record(
    held: Held,
    body: PositionIn,
    wish: Position,
    corrects: Sequence[UUID],
    warnings: tuple[Warned, ...],
) -> Event:
    _require_one_time(body)
    replaces = _replaced(held, corrects)
    stated = decide_position(held.present, wish, now=held.now, corrects=bool(corrects))
    position = stated.position
    return held.record(
        "position_stated",
        {f"position:{position.id}": _aspect(held, body, stated, corrects)},
        at=position.stated_at,
        basis=body.basis,
        sources=wish.sources,
        warnings=(
            *dropped_warnings(body.dropped),
            *left_out(body.corrects, corrects),
            *warnings,
            *stated.warnings,
        ),
        replaces=replaces,
        event=position.id,
    )


def _require_one_time(body: PositionIn) -> None:
    given = {at for at in (body.stated_at, body.effective_at) if at is not None}
    if len(given) > 1 and body.position not in REFUSALS:
        raise Unacceptable(
            "/effective_at", "The effective_at of a position is its stated_at; give one of them."
        )


def _aspect(held: Held, body: PositionIn, stated: Stated, corrects: Sequence[UUID]) -> Json:
    more = {
        "received_at": format_instant(body.received_at) if body.received_at else None,
        "note": body.note,
        "incomplete": list(stated.incomplete),
        "corrects": [str(event) for event in corrects],
    }
    return aspects.position(stated.position, actor=held.write.caller.actor, more=more)


def _replaced(held: Held, corrects: Sequence[UUID]) -> tuple[Replaced, ...]:
    """Return the positions that this one takes the place of."""
    known = {p.id for p in held.present.positions}
    for index, event in enumerate(corrects):
        if event not in known:
            raise Unacceptable(
                f"/corrects/{index}",
                "This names no position of this agreement that still stands. Take the id from its "
                "positions.",
            )
    return tuple(Replaced(event=event, aspects=(f"position:{event}",)) for event in corrects)


def attest(held: Held, position: Position, body: AttestationIn) -> Done:
    """Stand behind a position that somebody else recorded; it takes effect with that position."""

    def authority() -> None:
        people = {position.organisation, position.recorded_by.organisation, held.organisation}
        known = organisations.many(held.write.db, sorted(people))
        require_may_attest(held.present, position, held.person, known)

    def change() -> Event:
        given = body.effective_at
        if given is not None and given != position.stated_at:
            raise Unacceptable(
                "/effective_at",
                "An attestation takes effect with the position that it attests, at "
                f"{format_instant(position.stated_at)}. Leave it out.",
            )
        attestation = uuid4()
        actor = held.write.caller.actor
        return held.record(
            "position_attested",
            {f"attestation:{attestation}": aspects.attestation(position.id, actor, body.note)},
            at=position.stated_at,
            basis=body.basis,
            event=attestation,
        )

    return held.once(authority=authority, needs_version=False, change=change)
