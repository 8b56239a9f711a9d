"""A status history as a line: what held when, and whether a late change fits in."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Generic, TypeAlias, TypeVar
from uuid import UUID

from app.domain.errors import MoveUnknown
from app.domain.instant import format_instant
from app.domain.machine.table import S


@dataclass(frozen=True, kw_only=True)
class Change(Generic[S]):
    """One entry of a status history.

    Attributes:
        automatic: whether it followed from something else than a wish for this status.
    """

    id: UUID
    to: S
    effective_at: datetime
    sequence: int
    organisation: UUID
    automatic: bool = False


@dataclass(frozen=True, kw_only=True)
class Stop(Generic[S]):
    """A stop stated while everything had stopped already: kept, and changes nothing."""

    id: UUID
    to: S
    effective_at: datetime
    organisation: UUID


Entry = TypeVar("Entry", bound=Change[Any])
Timeline: TypeAlias = tuple[Change[S], ...]
Listing: TypeAlias = Callable[[S, S], bool]
"""Whether one status may follow the other in the record."""


def in_order(changes: Iterable[Entry]) -> tuple[Entry, ...]:
    """Sort by effect; of two at one instant the later recorded one is the last."""
    return tuple(sorted(changes, key=lambda c: (c.effective_at, c.sequence)))


def status_at(timeline: Sequence[Entry], at: datetime) -> Entry | None:
    """Return the change in effect at `at`, or None before the first one."""
    return next((c for c in reversed(timeline) if c.effective_at <= at), None)


def require_fits(before: Timeline[S], after: Timeline[S], is_listed: Listing[S]) -> None:
    """Refuse a timeline in which a new neighbourhood is an unlisted move.

    Neighbours that stood side by side in `before` are not judged again.

    Raises:
        MoveUnknown: names the later change that would no longer follow.
    """
    for one, two in _misfits(before, after, is_listed):
        raise MoveUnknown(
            f"The change to {two.to.value} at {format_instant(two.effective_at)} would then "
            f"follow {one.to.value}, which is no listed move. Correct that change in the same "
            "request, or give another effective_at."
        )


def fits(before: Timeline[S], after: Timeline[S], is_listed: Listing[S]) -> bool:
    """Whether `require_fits` would let the timeline pass."""
    return not any(_misfits(before, after, is_listed))


def _misfits(
    before: Timeline[S], after: Timeline[S], is_listed: Listing[S]
) -> Iterator[tuple[Change[S], Change[S]]]:
    known = {(one.id, two.id) for one, two in pairwise(before)}
    for one, two in pairwise(after):
        if (one.id, two.id) not in known and not is_listed(one.to, two.to):
            yield one, two
