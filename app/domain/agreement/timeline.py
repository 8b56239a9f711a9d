"""The status history as a line: what held when, and whether a late change fits in."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from app.domain.agreement.model import StatusChange
from app.domain.agreement.status import STOPS, Laterality, Status, find_move
from app.domain.errors import MoveUnknown
from app.domain.instant import format_instant

Timeline = tuple[StatusChange, ...]


def in_order(changes: Iterable[StatusChange]) -> Timeline:
    """Sort by effect; of two at one instant the later recorded one is the last."""
    return tuple(sorted(changes, key=lambda c: (c.effective_at, c.sequence)))


def status_at(timeline: Sequence[StatusChange], at: datetime) -> StatusChange | None:
    """Return the change in effect at `at`, or None before the first one."""
    return next((c for c in reversed(timeline) if c.effective_at <= at), None)


def is_listed(start: Status, to: Status, laterality: Laterality) -> bool:
    """Whether one status may follow the other in the record.

    A stop may stand beside the same stop: two parties may each report it.
    """
    same_stop = start is to and to in STOPS
    return same_stop or find_move(start, to, laterality) is not None


def require_fits(before: Timeline, after: Timeline, laterality: Laterality) -> None:
    """Refuse a timeline in which a new neighbourhood is an unlisted move.

    Neighbours that stood side by side in `before` are not judged again.

    Raises:
        MoveUnknown: names the later change that would no longer follow.
    """
    for one, two in _misfits(before, after, laterality):
        raise MoveUnknown(
            f"The change to {two.to.value} at {format_instant(two.effective_at)} would then "
            f"follow {one.to.value}, which is no listed move. Correct that change in the same "
            "request, or give another effective_at."
        )


def fits(before: Timeline, after: Timeline, laterality: Laterality) -> bool:
    """Whether `require_fits` would let the timeline pass."""
    return not any(_misfits(before, after, laterality))


def _misfits(
    before: Timeline, after: Timeline, laterality: Laterality
) -> Iterator[tuple[StatusChange, StatusChange]]:
    known = {(one.id, two.id) for one, two in pairwise(before)}
    for one, two in pairwise(after):
        if (one.id, two.id) not in known and not is_listed(one.to, two.to, laterality):
            yield one, two
