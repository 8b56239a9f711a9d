"""Instants and intervals as OGC APIs name them in `datetime` (OGC API – Features, 7.15.4)."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.instant import parse_instant

_OPEN = {"", ".."}
_EXPECTED = (
    "expected an instant like 2022-04-26T15:00:00Z or an interval of two with / between; one end "
    "may be open, written .."
)


@dataclass(frozen=True)
class Interval:
    """From start to end, both included; None is an open end, and an instant ends as it starts."""

    start: datetime | None
    end: datetime | None

    @property
    def is_instant(self) -> bool:
        """Whether it has no length."""
        return self.start is not None and self.start == self.end


def read_interval(text: str) -> Interval:
    """Read an instant, `start/end`, `start/..` or `../end`; an open end may also be left empty.

    Raises:
        ValueError: what was found and what was expected. Refused are intervals without any end and
            those that end before they start, and instants that `parse_instant` refuses.
    """
    words = text.split("/")
    if len(words) == 1:
        at = parse_instant(text)
        return Interval(at, at)
    if len(words) != 2:
        raise ValueError(f"found {len(words)} parts; {_EXPECTED}")
    start, end = (None if word in _OPEN else parse_instant(word) for word in words)
    if start is None and end is None:
        raise ValueError(f"found no end; {_EXPECTED}")
    if start is not None and end is not None and end < start:
        raise ValueError("found an interval that ends before it starts; expected its start first")
    return Interval(start, end)
