"""A wish for a status that is no stop: whether there is such a move, and what it still lacks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic

from app.domain.errors import GuardsUnmet, MoveUnknown, Unacceptable
from app.domain.instant import format_instant
from app.domain.machine.asked import Asked, entries, instant, opening, rest, with_wished
from app.domain.machine.table import G, Move, S
from app.domain.machine.timeline import Timeline, require_fits, status_at
from app.domain.unmet import Unmet


@dataclass(frozen=True, kw_only=True)
class Placed(Generic[S, G]):
    """Where a wish finds its place in the history.

    Attributes:
        move: None where the wish only takes entries out.
        after: the history as it would be.
    """

    at: datetime
    move: Move[S, G] | None
    after: Timeline[S]


def require_correctable(asked: Asked[S, G]) -> None:
    """Refuse to correct what is no entry of this history, or the first one.

    Raises:
        Unacceptable: at the entry, or at `/to` where nothing is wished for.
    """
    wish, words = asked.wish, asked.machine.words
    if wish.to is None and not wish.corrects:
        raise Unacceptable("/to", "to may be null only where corrects names what is taken out.")
    known = entries(asked)
    for index, entry in enumerate(wish.corrects):
        if entry not in known:
            raise Unacceptable(
                f"/corrects/{index}",
                f"This names no status change of this {words.noun} that still stands. Take the id "
                "from its status-changes.",
            )
        if entry == asked.statuses[0].id:
            raise Unacceptable(f"/corrects/{index}", words.first)


def place(asked: Asked[S, G]) -> Placed[S, G]:
    """Find the place of the wish in the history.

    Raises:
        Unacceptable: `effective_at` lies ahead.
        MoveUnknown: there is no such move then, or it would leave an unlisted one behind.
    """
    at, to = instant(asked), asked.wish.to
    if at > asked.now:
        raise Unacceptable(
            "/effective_at",
            f"{format_instant(at)} lies in the future. A status is recorded when it has come "
            "to be; plan ahead with windows.",
        )
    held = status_at(rest(asked), at)
    if held is None:
        raise MoveUnknown(_not_there_yet(asked, at))
    move = _listed_move(asked, held.to, to) if to is not None else None
    after = with_wished(asked, at)
    require_fits(asked.statuses, after, asked.is_listed)
    return Placed(at=at, move=move, after=after)


def _not_there_yet(asked: Asked[S, G], at: datetime) -> str:
    first = format_instant(rest(asked)[0].effective_at)
    return (
        f"The {asked.machine.words.noun} had no status at {format_instant(at)}: it begins {first}."
    )


def _listed_move(asked: Asked[S, G], held: S, to: S) -> Move[S, G]:
    move = asked.find_move(held, to)
    if move is None:
        raise MoveUnknown(no_such_move(asked, held, to))
    return move


def no_such_move(asked: Asked[S, G], start: S, to: S) -> str:
    """Say that there is no such move, and which ones there are."""
    machine, kind = asked.machine, asked.laterality
    words = machine.words
    if start in machine.terminal:
        return f"The {words.noun} is {start.value}, which is final. {words.anew}"
    possible = ", ".join(m.to.value for m in machine.moves_from(start, kind))
    that_is = words.that_is.format(kind=kind.value, start=start.value)
    return f"{that_is} cannot become {to.value}. It may become: {possible}."


def require_guards(asked: Asked[S, G], placed: Placed[S, G]) -> None:
    """Refuse a wish whose conditions are missing.

    Each is judged at the wish's own instant. Where a correction leaves the present
    more open, the conditions of that opening are judged now too.

    Raises:
        GuardsUnmet: lists every one of them.
    """
    unmet = asked.unmet(placed.move, placed.at) if placed.move else []
    require_none(asked, [*unmet, *(u for u in _unmet_to_open(asked, placed) if u not in unmet)])


def _unmet_to_open(asked: Asked[S, G], placed: Placed[S, G]) -> list[Unmet]:
    opened = opening(asked, placed.at)
    was = status_at(asked.statuses, asked.now)
    if opened is None or was is None:
        return []
    listed = asked.find_move(was.to, opened)
    move = listed or asked.machine.strictest_move_to(opened, asked.laterality)
    return asked.unmet(move, asked.now) if move else []


def require_none(asked: Asked[S, G], unmet: list[Unmet]) -> None:
    """Refuse the wish where anything is missing.

    Raises:
        GuardsUnmet: lists all that is.
    """
    if unmet:
        to = asked.wish.to
        what = f"cannot become {to.value} yet" if to else "cannot be corrected so"
        count = f"{len(unmet)} condition{'s are' if len(unmet) > 1 else ' is'} missing"
        raise GuardsUnmet(f"The {asked.machine.words.noun} {what}: {count}.", unmet)
