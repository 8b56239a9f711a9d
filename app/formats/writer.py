"""What a writer of files is told, and what it does: features go in one by one, bytes come out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any, Protocol, TypeAlias

Feature: TypeAlias = Mapping[str, Any]
"""A feature of GeoJSON in OGC CRS84, as its reader may see it."""


class Kind(Enum):
    """What a column holds."""

    TEXT = auto()
    NUMBER = auto()
    INTEGER = auto()
    INSTANT = auto()
    NESTED = auto()


@dataclass(frozen=True, kw_only=True)
class Column:
    """One property; whether a feature has it or not, its column is there."""

    name: str
    kind: Kind


@dataclass(frozen=True, kw_only=True)
class About:
    """What a file is about.

    Attributes:
        columns: of the properties that this reader may be shown of some feature, in fixed order.
        read_at: when it is read.
        stands_since: since when nothing has moved of what its reader sees.
        is_present: whether the present is asked about, as it is known now.
        is_list: whether it holds a list; one feature alone may be more exact, and stays in memory.
    """

    collection: str
    title: str
    description: str
    columns: Sequence[Column]
    read_at: datetime
    stands_since: datetime
    is_present: bool
    is_list: bool


class Writer(Protocol):
    """Writes one file. Whoever uses it closes it, whatever happens."""

    def begin(self) -> bytes:
        """Give what comes before the first feature."""

    def add(self, feature: Feature) -> bytes:
        """Take a feature and give what can be sent so far."""

    def end(self) -> Iterator[bytes]:
        """Give the rest."""

    def close(self) -> None:
        """Let go of what is held outside of memory."""


def whole(writer: Writer, features: Iterable[Feature]) -> bytes:
    """Write a file in one piece."""
    try:
        pieces = [writer.begin(), *(writer.add(feature) for feature in features), *writer.end()]
    finally:
        writer.close()
    return b"".join(pieces)
