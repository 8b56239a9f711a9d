"""What a filter says, once it was read: every name is known, and both sides are of one kind.

A predicate about something that is null is unknown, and so is what is made of it by the rules of
three-valued logic. What is unknown of a feature does not pick it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias


class Kind(StrEnum):
    """What a value is; only values of one kind are compared."""

    TEXT = "text"
    NUMBER = "a number"
    BOOLEAN = "true or false"
    INSTANT = "an instant"
    DATE = "a date"
    PLACE = "a geometry"


@dataclass(frozen=True)
class Property:
    """A property of a feature, as its reader is shown it."""

    name: str
    kind: Kind


@dataclass(frozen=True)
class Value:
    """A value that the filter names; a geometry is well-known binary in OGC CRS84, a date text."""

    kind: Kind
    value: str | float | bool | datetime | bytes


@dataclass(frozen=True)
class Slot:
    """Where a value, or a list of many, stood before `taken_apart` took it out."""

    number: int
    kind: Kind
    many: bool = False


Operand: TypeAlias = Property | Value | Slot


class Order(StrEnum):
    """How two values are compared; text by code point."""

    EQUAL = "="
    UNEQUAL = "<>"
    LESS = "<"
    GREATER = ">"
    AT_MOST = "<="
    AT_LEAST = ">="


@dataclass(frozen=True)
class Compared:
    """One value compared with another of its kind."""

    order: Order
    left: Operand
    right: Operand


@dataclass(frozen=True)
class Like:
    """Text that fits a pattern: % stands for any text, _ for one character, after a backslash for itself."""

    subject: Operand
    pattern: Operand


@dataclass(frozen=True)
class Between:
    """A value from low to high, both included."""

    subject: Operand
    low: Operand
    high: Operand


@dataclass(frozen=True)
class Among:
    """A value that is one of several."""

    subject: Operand
    values: tuple[Operand, ...]


@dataclass(frozen=True)
class IsNull:
    """A property that has no value, or that the reader does not see; never unknown."""

    subject: Property


class Relation(StrEnum):
    """How two geometries lie to each other (OGC 06-103r4)."""

    INTERSECTS = "s_intersects"
    DISJOINT = "s_disjoint"
    EQUALS = "s_equals"
    TOUCHES = "s_touches"
    CROSSES = "s_crosses"
    WITHIN = "s_within"
    CONTAINS = "s_contains"
    OVERLAPS = "s_overlaps"


@dataclass(frozen=True)
class Placed:
    """Two geometries of which the first lies to the second in this relation."""

    relation: Relation
    left: Operand
    right: Operand


class Timing(StrEnum):
    """How two times lie to each other (OGC 21-065r2, clause 7); intervals include both their ends."""

    AFTER = "t_after"
    BEFORE = "t_before"
    DISJOINT = "t_disjoint"
    EQUALS = "t_equals"
    INTERSECTS = "t_intersects"
    CONTAINS = "t_contains"
    DURING = "t_during"
    FINISHED_BY = "t_finishedBy"
    FINISHES = "t_finishes"
    MEETS = "t_meets"
    MET_BY = "t_metBy"
    OVERLAPPED_BY = "t_overlappedBy"
    OVERLAPS = "t_overlaps"
    STARTED_BY = "t_startedBy"
    STARTS = "t_starts"


@dataclass(frozen=True)
class Span:
    """An interval; an end that is not given or is null is open. Of an instant both ends are one."""

    start: Operand | None
    end: Operand | None
    is_instant: bool = False


@dataclass(frozen=True)
class Timed:
    """Two times of which the first lies to the second in this way."""

    timing: Timing
    left: Span
    right: Span


@dataclass(frozen=True)
class Always:
    """True or false of every feature."""

    truth: bool


@dataclass(frozen=True)
class Not:
    """The opposite; of what is unknown it is unknown."""

    part: "Expression"


@dataclass(frozen=True)
class Both:
    """All of several."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True)
class Either:
    """One of several at least."""

    parts: tuple["Expression", ...]


Predicate: TypeAlias = Compared | Like | Between | Among | IsNull | Placed | Timed | Always
Expression: TypeAlias = Predicate | Not | Both | Either
