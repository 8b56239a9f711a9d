"""May the status of an agreement change? The rule behind every status change."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID, uuid4

from app.domain.agreement.authority import require_may_correct, require_may_move
from app.domain.agreement.guards import Case, Grounds, unmet_for
from app.domain.agreement.model import Agreement, Revision, StatusChange, StopStatement
from app.domain.agreement.revision import FALLS, renewed
from app.domain.agreement.status import (
    MOVES,
    OPENNESS,
    STOPS,
    TERMINAL,
    Move,
    Status,
    find_move,
    moves_from,
)
from app.domain.agreement.timeline import Timeline, fits, in_order, require_fits, status_at
from app.domain.errors import GuardsUnmet, MoveUnknown, OutOfOrder, Unacceptable
from app.domain.fact import Warned
from app.domain.instant import format_instant
from app.domain.unmet import Unmet

StateAt = Callable[[datetime], Agreement]
"""Gives the agreement as it was at an instant, as the record stands today."""


@dataclass(frozen=True, kw_only=True)
class StatusWish:
    """What somebody asks for.

    Attributes:
        id: of the change to be.
        to: the status; None takes the corrected changes out and sets none.
        effective_at: since when; None means now, or when the first corrected one was.
        corrects: the status changes and stop statements that this one replaces.
    """

    id: UUID = field(default_factory=uuid4)
    to: Status | None
    organisation: UUID
    effective_at: datetime | None = None
    corrects: tuple[UUID, ...] = ()
    grounds: Grounds = field(default_factory=Grounds)


@dataclass(frozen=True, kw_only=True)
class StatusDecision:
    """What follows from a wish.

    Attributes:
        to: the status that is set; None where none is.
        stop: a stop that is kept as a statement only, since all had stopped.
        revision: the new revision that the move brings, which voids all confirmations.
    """

    effective_at: datetime
    to: Status | None = None
    stop: Status | None = None
    revision: Revision | None = None
    warnings: tuple[Warned, ...] = ()


def require_may_change_status(wish: StatusWish, *, now: datetime, state_at: StateAt) -> None:
    """Refuse a wish of one who has no authority for it.

    A correction needs the authority of whoever recorded the entry; where it
    leaves the present more open, that of the opening move too.

    Raises:
        NotEligible: names who may.
    """
    present = state_at(now)
    entries = _entries(present)
    for entry in wish.corrects:
        if entry in entries:
            require_may_correct(entries[entry].organisation, wish.organisation)
    if wish.to is not None:
        require_may_move(present, wish.organisation, wish.to)
    opening = _opening(wish, _instant(wish, present, now), present, now)
    if opening is not None and wish.to not in STOPS:
        require_may_move(present, wish.organisation, opening)


def decide_status(wish: StatusWish, *, now: datetime, state_at: StateAt) -> StatusDecision:
    """Decide what the wish does, as the record stands today.

    Args:
        now: the instant of recording.

    Raises:
        MoveUnknown: there is no such move then, or it would leave an unlisted one behind.
        GuardsUnmet: the move exists but conditions are missing; lists all of them.
        Unacceptable: `effective_at` lies ahead, or `corrects` names what is no such entry.
    """
    present = state_at(now)
    _require_correctable(wish, present)
    if wish.to in STOPS:
        return _decide_stop(wish, present, now=now, state_at=state_at)
    at = _instant(wish, present, now)
    if at > now:
        raise Unacceptable(
            "/effective_at",
            f"{format_instant(at)} lies in the future. A status is recorded when it has come "
            "to be; plan ahead with windows.",
        )
    if wish.grounds.override and wish.to is not Status.IN_FORCE:
        raise Unacceptable(
            "/override", "An override lifts only the ceasefire report and the window of in_force."
        )
    rest = _without_corrected(wish, present)
    move = _listed_move(wish.to, rest, at, present) if wish.to is not None else None
    after = in_order((*rest, _change(wish, at))) if move else rest
    require_fits(present.statuses, after, present.laterality)
    _require_same_terms(wish.to, present, after, at)
    unmet = _unmet(move, wish, at, state_at, rest) if move else []
    _require_none(_with_opening(unmet, wish, at, now, state_at), wish.to)
    revision = renewed(present, at) if _reopens_talks(move) else None
    return StatusDecision(effective_at=at, to=wish.to, revision=revision)


def _require_same_terms(
    to: Status | None, present: Agreement, after: Timeline, at: datetime
) -> None:
    """Refuse a late status that rests on terms which changed while it would still hold.

    Whoever changed them then could not make it fall, since it was not on record.
    """
    if to is None or to not in FALLS:
        return
    ended = next((c.effective_at for c in after if c.effective_at > at), None)
    for revision in present.revisions:
        changed = revision.took_effect_at
        if revision.extends is None and at < changed and (ended is None or changed < ended):
            raise OutOfOrder(
                f"The terms changed at {format_instant(changed)} to revision {revision.number}, "
                f"while {to.value} from {format_instant(at)} would still hold on the terms before. "
                "Record it on the present terms, or not at all."
            )


def _reopens_talks(move: Move | None) -> bool:
    return move is not None and (move.start, move.to) == (Status.SUSPENDED, Status.IN_TALKS)


def _instant(wish: StatusWish, present: Agreement, now: datetime) -> datetime:
    if wish.effective_at is not None:
        return wish.effective_at
    corrected = _entries(present).get(wish.corrects[0]) if wish.corrects else None
    return corrected.effective_at if corrected else now


def _entries(present: Agreement) -> dict[UUID, StatusChange | StopStatement]:
    """Return what a correction may name, by id."""
    changes: tuple[StatusChange | StopStatement, ...] = (*present.statuses, *present.stops)
    return {change.id: change for change in changes}


def _require_correctable(wish: StatusWish, present: Agreement) -> None:
    if wish.to is None and not wish.corrects:
        raise Unacceptable("/to", "to may be null only where corrects names what is taken out.")
    entries = _entries(present)
    for index, entry in enumerate(wish.corrects):
        if entry not in entries:
            raise Unacceptable(
                f"/corrects/{index}",
                "This names no status change of this agreement that still stands. Take the id "
                "from its status-changes.",
            )
        if entry == present.statuses[0].id:
            raise Unacceptable(
                f"/corrects/{index}",
                "The first entry is the proposal itself and cannot be replaced. Withdraw the "
                "agreement and propose another one.",
            )


def _without_corrected(wish: StatusWish, present: Agreement) -> Timeline:
    return tuple(c for c in present.statuses if c.id not in wish.corrects)


def _change(wish: StatusWish, at: datetime) -> StatusChange:
    assert wish.to is not None
    return StatusChange(
        id=wish.id, to=wish.to, effective_at=at, sequence=2**62, organisation=wish.organisation
    )


def _listed_move(to: Status, rest: Timeline, at: datetime, present: Agreement) -> Move:
    held = status_at(rest, at)
    if held is None:
        first = format_instant(rest[0].effective_at)
        raise MoveUnknown(
            f"The agreement had no status at {format_instant(at)}: it begins {first}."
        )
    move = find_move(held.to, to, present.laterality)
    if move is None:
        raise MoveUnknown(_no_such_move(held.to, to, present))
    return move


def _no_such_move(start: Status, to: Status, present: Agreement) -> str:
    if start in TERMINAL:
        return f"The agreement is {start.value}, which is final. Propose a new one."
    possible = ", ".join(m.to.value for m in moves_from(start, present.laterality))
    kind = present.laterality.value
    return f"A {kind} agreement that is {start.value} cannot become {to.value}. It may become: {possible}."


def _unmet(
    move: Move, wish: StatusWish, at: datetime, state_at: StateAt, rest: Timeline
) -> list[Unmet]:
    state = state_at(at)
    stops = tuple(stop for stop in state.stops if stop.id not in wish.corrects)
    state = replace(state, statuses=rest, stops=stops)
    grounds = replace(wish.grounds, organisation=wish.organisation)
    return unmet_for(move, Case(agreement=state, at=at, grounds=grounds))


def _opening(wish: StatusWish, at: datetime, present: Agreement, now: datetime) -> Status | None:
    """Return the status that a correction would open now, where it opens more than before."""
    if not wish.corrects:
        return None
    rest = _without_corrected(wish, present)
    after = in_order((*rest, _change(wish, at))) if wish.to is not None else rest
    was, will = status_at(present.statuses, now), status_at(after, now)
    if was is None or will is None or OPENNESS[will.to] <= OPENNESS[was.to]:
        return None
    return will.to


def _with_opening(
    unmet: list[Unmet], wish: StatusWish, at: datetime, now: datetime, state_at: StateAt
) -> list[Unmet]:
    present = state_at(now)
    opening = _opening(wish, at, present, now)
    if opening is None:
        return unmet
    move = find_move(present.status.to, opening, present.laterality) or _any_move_to(
        opening, present
    )
    if move is None:
        return unmet
    more = _unmet(move, wish, now, state_at, _without_corrected(wish, present))
    return [*unmet, *(m for m in more if m not in unmet)]


def _any_move_to(to: Status, present: Agreement) -> Move | None:
    kinds = (m for m in MOVES if m.to is to and m.kinds.include(present.laterality))
    return next(kinds, None)


def _require_none(unmet: list[Unmet], to: Status | None) -> None:
    if unmet:
        what = f"cannot become {to.value} yet" if to else "cannot be corrected so"
        count = f"{len(unmet)} condition{'s are' if len(unmet) > 1 else ' is'} missing"
        raise GuardsUnmet(f"The agreement {what}: {count}.", unmet)


def _decide_stop(
    wish: StatusWish, present: Agreement, *, now: datetime, state_at: StateAt
) -> StatusDecision:
    """Decide a stop: it is never refused for its time, and takes effect at recording at the latest."""
    asked = _instant(wish, present, now)
    unmet: list[Unmet] = []
    for at in dict.fromkeys((min(asked, now), now)):
        decision = _stop_at(wish, present, at, now)
        if decision is None:
            continue
        unmet = _unmet_stop(decision, wish, present, state_at)
        if not unmet:
            return replace(decision, warnings=_told(asked, decision, present, now))
    _require_none(unmet, wish.to)
    raise MoveUnknown(_no_such_move(present.status.to, _to(wish), present))


def _stop_at(
    wish: StatusWish, present: Agreement, at: datetime, now: datetime
) -> StatusDecision | None:
    """Return what the stop does at `at`; None where it does not fit there or would open more."""
    to = _to(wish)
    rest = _without_corrected(wish, present)
    held = status_at(rest, at)
    if held is None:
        return None
    is_stopped = held.to in TERMINAL or held.to is to
    if not is_stopped and find_move(held.to, to, present.laterality) is None:
        return None
    after = rest if is_stopped else in_order((*rest, _change(wish, at)))
    opening = _opening(wish, at, present, now)
    if not fits(present.statuses, after, present.laterality) or opening not in (None, *STOPS):
        return None
    if is_stopped:
        return StatusDecision(effective_at=at, stop=to)
    return StatusDecision(effective_at=at, to=to)


def _unmet_stop(
    decision: StatusDecision, wish: StatusWish, present: Agreement, state_at: StateAt
) -> list[Unmet]:
    rest, at = _without_corrected(wish, present), decision.effective_at
    held = status_at(rest, at)
    move = find_move(held.to, decision.to, present.laterality) if held and decision.to else None
    return _unmet(move, wish, at, state_at, rest) if move else []


def _to(wish: StatusWish) -> Status:
    assert wish.to is not None
    return wish.to


def _told(
    asked: datetime, decision: StatusDecision, present: Agreement, now: datetime
) -> tuple[Warned, ...]:
    told = []
    if asked != decision.effective_at:
        told.append(
            Warned(
                code="effective_at_replaced",
                message=f"The stop could not take effect at {format_instant(asked)}; it takes "
                f"effect at its recording, {format_instant(decision.effective_at)}.",
            )
        )
    later = [c for c in present.statuses if decision.effective_at < c.effective_at <= now]
    if later and OPENNESS[later[-1].to] > OPENNESS[Status.SUSPENDED]:
        told.append(
            Warned(
                code="later_change_stands",
                message=f"Since {format_instant(later[-1].effective_at)} the agreement is "
                f"{later[-1].to.value}. To stop it now, send the stop again without effective_at.",
            )
        )
    return tuple(told)
