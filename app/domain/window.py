"""Windows: the half-open spans of time in which people may move."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class WindowStatus(StrEnum):
    """What became of a window."""

    SCHEDULED = "scheduled"
    OPENED = "opened"
    CLOSED_AS_PLANNED = "closed_as_planned"
    CLOSED_EARLY = "closed_early"
    NOT_OPENED = "not_opened"


class WindowOutcome(StrEnum):
    """How well a window served those who were to pass."""

    WORKED = "worked"
    PARTLY = "partly"
    DID_NOT_WORK = "did_not_work"
    UNKNOWN = "unknown"


class Direction(StrEnum):
    """Which way people or aid may pass."""

    OUT = "out"
    IN = "in"
    BOTH = "both"


NEXT_WINDOW_STATUS: dict[WindowStatus, frozenset[WindowStatus]] = {
    WindowStatus.SCHEDULED: frozenset({WindowStatus.OPENED, WindowStatus.NOT_OPENED}),
    WindowStatus.OPENED: frozenset({WindowStatus.CLOSED_AS_PLANNED, WindowStatus.CLOSED_EARLY}),
    WindowStatus.CLOSED_AS_PLANNED: frozenset(),
    WindowStatus.CLOSED_EARLY: frozenset(),
    WindowStatus.NOT_OPENED: frozenset(),
}

_USABLE = frozenset({WindowStatus.SCHEDULED, WindowStatus.OPENED})


@dataclass(frozen=True, kw_only=True)
class Window:
    """One span `[starts_at, ends_at)` of an agreement, in UTC.

    Attributes:
        tz: the IANA zone in which the span was announced.
        as_announced: the words of the announcement, such as "10:00 Moscow".
        corridor: the corridor it is for; None where it is for the whole agreement.
        since_revision: the revision of the terms that brought it.
    """

    id: UUID
    starts_at: datetime
    ends_at: datetime
    tz: str
    as_announced: str | None = None
    direction: Direction | None = None
    corridor: UUID | None = None
    status: WindowStatus = WindowStatus.SCHEDULED
    outcome: WindowOutcome | None = None
    since_revision: int = 1

    @property
    def is_usable(self) -> bool:
        """Whether it is neither closed nor reported as not opened."""
        return self.status in _USABLE

    def is_open(self, at: datetime) -> bool:
        """Whether `at` lies inside and nobody reported that it closed or never opened."""
        return self.is_usable and self.starts_at <= at < self.ends_at

    def has_begun(self, at: datetime) -> bool:
        """Whether it began by `at`; a window reported as not opened never began."""
        return self.status is not WindowStatus.NOT_OPENED and self.starts_at <= at

    def ends_after(self, at: datetime) -> bool:
        """Whether it still ends in the future of `at` and may be used until then."""
        return self.is_usable and at < self.ends_at


def next_boundary(windows: Iterable[Window], at: datetime) -> datetime | None:
    """Return the first start or end of a usable window after `at`, or None."""
    edges = (edge for w in windows if w.is_usable for edge in (w.starts_at, w.ends_at))
    return min((edge for edge in edges if edge > at), default=None)


def last_end(windows: Iterable[Window]) -> datetime | None:
    """Return the end of the window that ends last, or None where there is none."""
    return max((window.ends_at for window in windows), default=None)
