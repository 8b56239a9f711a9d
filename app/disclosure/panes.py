"""Panes: what an audience sees of a place, from when to when, on the axes of validity and sight.

Pure: a feature says what is to be seen at two instants; here this becomes the fewest intervals.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from typing import NamedTuple, TypeVar
from uuid import UUID

from app.disclosure.outline import Outline
from app.disclosure.tables import ALWAYS, FOREVER
from app.domain.policy import Audience

Seen = TypeVar("Seen")


class Span(NamedTuple):
    """A half-open interval of time."""

    start: datetime
    end: datetime


@dataclass(frozen=True, kw_only=True)
class View:
    """What one audience may see of a place in one state.

    Attributes:
        properties: the members of a JSON object, without its braces.
        agreement: of a corridor, where the audience may know of it.
    """

    outline: Outline
    properties: str
    agreement: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Pane:
    """A view, with the audience whose it is, while it may be seen and while it holds."""

    audience: Audience
    visible: Span
    valid: Span
    view: View


Look = Callable[[Audience, datetime, datetime], View | None]
"""Gives what an audience sees of the state at the first instant if it looks at the second."""


def panes(
    look: Look, *, boundaries: Iterable[datetime], moments: Iterable[datetime], now: datetime
) -> tuple[Pane, ...]:
    """Give all panes of a place, as few as there can be.

    Args:
        boundaries: when its state may change; it begins with the first.
        moments: when what may be seen of it changes without a write; those that have come are
            told by `now`.
    """
    valid = spans(boundaries)
    visible = spans([now, *(moment for moment in moments if moment > now)])
    return tuple(pane for audience in Audience for pane in _of(audience, look, valid, visible))


def _of(
    audience: Audience, look: Look, valid: Sequence[Span], visible: Sequence[Span]
) -> Iterator[Pane]:
    lines = [
        (sight, tuple(merged((span, look(audience, span.start, sight.start)) for span in valid)))
        for sight in visible
    ]
    for sight, line in merged(lines):
        seen = Span(ALWAYS, sight.end) if sight.start == visible[0].start else sight
        for span, view in line:
            if view is not None:
                yield Pane(audience=audience, visible=seen, valid=span, view=view)


def spans(starts: Iterable[datetime]) -> list[Span]:
    """Give the intervals between these instants, the last one without an end."""
    return [Span(*pair) for pair in pairwise([*sorted(set(starts)), FOREVER])]


def merged(line: Iterable[tuple[Span, Seen]]) -> Iterator[tuple[Span, Seen]]:
    """Join neighbours that show the same."""
    for seen, group in groupby(line, key=lambda one: one[1]):
        joined = [span for span, _ in group]
        yield Span(joined[0].start, joined[-1].end), seen


def recorded(steps: Iterable[tuple[datetime, Iterable[Seen]]]) -> list[tuple[Seen, Span]]:
    """Give what was on record from when to when, from what was on record at each instant.

    Args:
        steps: oldest first; of two at one instant the second counts.
    """
    since: dict[Seen, datetime] = {}
    found: list[tuple[Seen, Span]] = []
    for at, things in steps:
        present = dict.fromkeys(things)
        for gone in since.keys() - present.keys():
            began = since.pop(gone)
            if began < at:
                found.append((gone, Span(began, at)))
        since |= {thing: at for thing in present if thing not in since}
    return [*found, *((thing, Span(began, FOREVER)) for thing, began in since.items())]
