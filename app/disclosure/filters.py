"""A filter as a condition of SQL. Its structure alone shapes it; all its values are parameters.

Both databases answer alike: text is compared by code point, and what is null is unknown.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Dialect,
    Double,
    LargeBinary,
    Text,
    and_,
    any_,
    bindparam,
    collate,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.types import TypeEngine
from typing_extensions import override

from app.db.engine import LIKE_EXACTLY, RELATES
from app.db.types import Convert, Instant, Stored
from app.disclosure.tables import ALWAYS, FOREVER
from app.domain.cql2.expression import (
    Always,
    Among,
    Between,
    Both,
    Compared,
    Either,
    Expression,
    IsNull,
    Kind,
    Like,
    Not,
    Operand,
    Order,
    Placed,
    Property,
    Relation,
    Slot,
    Span,
    Timed,
    Timing,
    Value,
)
from app.domain.instant import format_instant

Column = ColumnElement[Any]
Condition = ColumnElement[bool]
Ends = tuple[Column, Column]

_TYPES: dict[Kind, TypeEngine[Any]] = {
    Kind.TEXT: Text(),
    Kind.NUMBER: Double(),
    Kind.BOOLEAN: Boolean(),
    Kind.INSTANT: Instant(),
    Kind.DATE: Text(),
    Kind.PLACE: LargeBinary(),
}


class _Listed(Stored[Sequence[Any]]):
    """Values as a JSON array in SQLite, each as it is stored there."""

    impl = Text
    cache_ok = True

    @override
    def to_database(self, dialect: Dialect) -> Convert:
        return _as_json


def _as_json(values: Sequence[Any]) -> str:
    given = (format_instant(each) if isinstance(each, datetime) else each for each in values)
    return orjson.dumps(list(given)).decode()


_ORDERS: dict[Order, Callable[[Column, Column], Condition]] = {
    Order.EQUAL: lambda one, other: one == other,
    Order.UNEQUAL: lambda one, other: one != other,
    Order.LESS: lambda one, other: one < other,
    Order.GREATER: lambda one, other: one > other,
    Order.AT_MOST: lambda one, other: one <= other,
    Order.AT_LEAST: lambda one, other: one >= other,
}


def _disjoint(one: Ends, other: Ends) -> Condition:
    return or_(one[1] < other[0], one[0] > other[1])


_TIMINGS: dict[Timing, Callable[[Ends, Ends], Condition]] = {
    Timing.AFTER: lambda one, other: one[0] > other[1],
    Timing.BEFORE: lambda one, other: one[1] < other[0],
    Timing.DISJOINT: _disjoint,
    Timing.EQUALS: lambda one, other: and_(one[0] == other[0], one[1] == other[1]),
    Timing.INTERSECTS: lambda one, other: not_(_disjoint(one, other)),
    Timing.CONTAINS: lambda one, other: and_(one[0] < other[0], one[1] > other[1]),
    Timing.DURING: lambda one, other: and_(one[0] > other[0], one[1] < other[1]),
    Timing.FINISHED_BY: lambda one, other: and_(one[0] < other[0], one[1] == other[1]),
    Timing.FINISHES: lambda one, other: and_(one[0] > other[0], one[1] == other[1]),
    Timing.MEETS: lambda one, other: one[1] == other[0],
    Timing.MET_BY: lambda one, other: one[0] == other[1],
    Timing.OVERLAPPED_BY: lambda one, other: and_(
        one[0] > other[0], one[0] < other[1], one[1] > other[1]
    ),
    Timing.OVERLAPS: lambda one, other: and_(
        one[0] < other[0], one[1] > other[0], one[1] < other[1]
    ),
    Timing.STARTED_BY: lambda one, other: and_(one[0] == other[0], one[1] > other[1]),
    Timing.STARTS: lambda one, other: and_(one[0] == other[0], one[1] < other[1]),
}
"""By the starts and ends of both (OGC 21-065r2, clause 7, and OWL-Time)."""

_OF_POSTGIS: dict[Relation, str] = {
    relation: relation.value.replace("s_", "st_") for relation in Relation
}


def parameters(values: Sequence[Any]) -> dict[str, Any]:
    """Give the parameters of a condition: the values that were taken out of its filter."""
    return {_name(number): each for number, each in enumerate(values)}


def _name(number: int) -> str:
    return f"filter_{number}"


@dataclass(frozen=True, kw_only=True)
class Filtering:
    """Makes conditions about what a reader is shown.

    Attributes:
        shown: gives the column in which a property stands; text, a number or an instant.
    """

    sqlite: bool
    shown: Callable[[Property], Column]

    def condition(self, structure: Expression) -> Condition:
        """Make the condition that a filter is, without its values."""
        match structure:
            case Both(parts):
                return and_(*map(self.condition, parts))
            case Either(parts):
                return or_(*map(self.condition, parts))
            case Not(part):
                return not_(self.condition(part))
            case Always(truth):
                return true() if truth else false()
            case _:
                return self._predicate(structure)

    def _predicate(self, one: Expression) -> Condition:
        match one:
            case Compared(order, left, right):
                return _ORDERS[order](self._column(left), self._column(right))
            case Like(subject, pattern):
                return self._like(self._column(subject), self._column(pattern))
            case Between(subject, low, high):
                given = self._column(subject)
                return and_(given >= self._column(low), given <= self._column(high))
            case Among(subject, values):
                return self._among(self._column(subject), values)
            case IsNull(subject):
                return self._column(subject).is_(None)
            case Placed(relation, left, right):
                return self._placed(relation, self._column(left), self._column(right))
            case Timed(timing, left, right):
                return _TIMINGS[timing](self._ends(left), self._ends(right))
            case _:
                raise TypeError(one)

    def _among(self, subject: Column, values: Sequence[Operand]) -> Condition:
        """Look for it in the list that is one parameter, and beside it among other properties."""
        return or_(
            *(
                self._listed(subject, each)
                if isinstance(each, Slot)
                else subject == self._column(each)
                for each in values
            )
        )

    def _listed(self, subject: Column, slot: Slot) -> Condition:
        """Look in a list that is one parameter: its length must shape no statement."""
        if self.sqlite:
            given = bindparam(_name(slot.number), type_=_Listed())
            return subject.in_(select(func.json_each(given).table_valued("value").c.value))
        in_array: Condition = subject == any_(
            bindparam(_name(slot.number), type_=ARRAY(_TYPES[slot.kind]))
        )
        return in_array

    def _column(self, operand: Operand) -> Column:
        match operand:
            case Property():
                column = self.shown(operand)
            case Value():
                raise TypeError("a filter shapes a question by its structure alone")
            case _:
                column = bindparam(_name(operand.number), type_=_TYPES[operand.kind])
        return (
            column
            if self.sqlite or operand.kind not in {Kind.TEXT, Kind.DATE}
            else collate(column, "C")
        )

    def _like(self, subject: Column, pattern: Column) -> Condition:
        if self.sqlite:
            return _is_true(getattr(func, LIKE_EXACTLY)(subject, pattern))
        return subject.like(pattern)

    def _placed(self, relation: Relation, left: Column, right: Column) -> Condition:
        if self.sqlite:
            return _is_true(getattr(func, RELATES[relation.value])(left, right))
        left, right = (func.st_geomfromwkb(each, 4326) for each in (left, right))
        related: Condition = getattr(func, _OF_POSTGIS[relation])(left, right, type_=Boolean())
        return related

    def _ends(self, span: Span) -> Ends:
        return self._end(span, span.start, ALWAYS), self._end(span, span.end, FOREVER)

    def _end(self, span: Span, end: Operand | None, when_open: datetime) -> Column:
        open_end = literal(when_open, Instant())
        if end is None:
            return open_end
        column = self._column(end)
        return column if span.is_instant else func.coalesce(column, open_end, type_=Instant())


def _is_true(answer: Column) -> Condition:
    """Take 1 or 0, which functions of SQLite give, for true or false; null stays unknown."""
    given: Condition = answer == 1
    return given
