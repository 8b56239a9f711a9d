"""Reading CQL2 JSON into an expression: only known properties, and only values of their kind."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

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
    Span,
    Timed,
    Timing,
    Value,
)
from app.domain.cql2.places import read_place
from app.domain.cql2.refused import FilterRefused
from app.domain.cql2.times import read_date, read_span, read_timestamp
from app.domain.geometry.found import found

MOST_PREDICATES = 100
MOST_PLACED = 16
"""So many may a filter have; each looks at a geometry, which takes its time."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_COMBINED: Mapping[str, Callable[[tuple[Expression, ...]], Expression]] = {
    "and": Both,
    "or": Either,
}
_ORDERED = frozenset(Kind) - {Kind.PLACE}


@dataclass
class Reader:
    """Reads one filter.

    Attributes:
        known: the properties that may be asked about. One that is not among them is refused in
            the same words, whatever its name is and whether it exists.
        mercator: whether positions are metres of Web Mercator; else they are degrees.
    """

    known: Mapping[str, Kind]
    mercator: bool = False
    _predicates: int = field(default=0, init=False)
    _placed: int = field(default=0, init=False)

    def read(self, value: Any) -> Expression:
        """Read a filter, or a part of one, from JSON that is not deeper than Python goes.

        Raises:
            FilterRefused: it asks what cannot be asked; what was found and what was expected.
        """
        if isinstance(value, bool):
            self._count()
            return Always(value)
        op, arguments = _called(value)
        if op in _COMBINED:
            if not arguments:
                raise FilterRefused(f"found {op} of nothing, expected args")
            return _COMBINED[op](tuple(self.read(each) for each in arguments))
        if op == "not":
            (part,) = _of(1, op, arguments)
            return Not(self.read(part))
        self._count()
        return self._predicate(op, arguments)

    def _count(self) -> None:
        self._predicates += 1
        if self._predicates > MOST_PREDICATES:
            raise FilterRefused(
                f"found more than {MOST_PREDICATES} predicates, expected {MOST_PREDICATES} at most"
            )

    def _predicate(self, op: str, arguments: list[Any]) -> Expression:
        match op:
            case "=" | "<>" | "<" | ">" | "<=" | ">=":
                left, right = self._alike(_of(2, op, arguments))
                return Compared(Order(op), left, right)
            case "isNull":
                (subject,) = _of(1, op, arguments)
                return IsNull(self._property(subject))
            case "like":
                return self._like(*_of(2, op, arguments))
            case "between":
                return Between(*self._alike(_of(3, op, arguments)))
            case "in":
                return self._among(*_of(2, op, arguments))
            case _ if op in set(Relation):
                return self._related(Relation(op), *_of(2, op, arguments))
            case _ if op in set(Timing):
                first, second = (read_span(each, self._property) for each in _of(2, op, arguments))
                return _timed(Timing(op), first, second)
            case _:
                raise FilterRefused("found an operator or function that is not known here")

    def _like(self, subject: Any, pattern: Any) -> Expression:
        if not isinstance(pattern, str):
            raise FilterRefused(f"found {found(pattern)} after LIKE, expected a text")
        left, right = self._alike([subject, pattern])
        if (len(pattern) - len(pattern.rstrip("\\"))) % 2:
            raise FilterRefused(
                "found a pattern that ends in a single backslash; expected %, _ or a backslash "
                "after it"
            )
        return Like(left, right)

    def _among(self, subject: Any, values: Any) -> Expression:
        if not isinstance(values, list) or not values:
            raise FilterRefused(f"found {found(values)} after IN, expected a list of values")
        first, *rest = self._alike([subject, *values])
        return Among(first, tuple(rest))

    def _alike(self, values: list[Any]) -> tuple[Any, ...]:
        """Read values that are compared, so that all must be of one kind.

        Beside a property that is an instant, a text must be one too.
        """
        operands = [self._scalar(each) for each in values]
        if any(isinstance(each, Property) and each.kind is Kind.INSTANT for each in operands):
            operands = [_instant_of(each) for each in operands]
        kind = operands[0].kind
        for each in operands:
            if each.kind not in _ORDERED or each.kind is not kind:
                raise FilterRefused(_unlike(kind, each.kind))
        return tuple(operands)

    def _scalar(self, value: Any) -> Property | Value:
        match value:
            case bool():
                return Value(Kind.BOOLEAN, value)
            case str():
                return Value(Kind.TEXT, _text(value))
            case int() | float():
                return Value(Kind.NUMBER, _number(value))
            case {"timestamp": at, **rest} if not rest:
                return read_timestamp(at)
            case {"property": _}:
                return self._property(value)
            case None:
                raise FilterRefused("found null among values; ask IS NULL instead")
            case {"date": day, **rest} if not rest:
                return read_date(day)
            case _:
                raise FilterRefused("found what is no value, expected a property or a value")

    def _property(self, value: Any) -> Property:
        match value:
            case {"property": str(name), **rest} if not rest:
                kind = self.known.get(name)
            case _:
                raise FilterRefused("found what is no property, expected its name")
        if kind is None:
            raise FilterRefused(
                "found a property that cannot be asked about here; expected one of "
                f"{', '.join(sorted(self.known))}"
            )
        return Property(name, kind)

    def _related(self, relation: Relation, left: Any, right: Any) -> Expression:
        several = list(product(self._places(left), self._places(right)))
        self._placed += len(several)
        if self._placed > MOST_PLACED:
            raise FilterRefused(
                f"found more than {MOST_PLACED} geometries to look at, expected {MOST_PLACED} at "
                "most; a GeometryCollection counts as many as it holds"
            )
        parts = tuple(Placed(relation, *pair) for pair in several)
        if len(parts) == 1:
            return parts[0]
        match relation:
            case Relation.INTERSECTS:
                return Either(parts)
            case Relation.DISJOINT:
                return Both(parts)
            case _:
                raise FilterRefused(
                    "found a GeometryCollection, or a line over the antimeridian as bbox; "
                    "S_INTERSECTS and S_DISJOINT alone take one"
                )

    def _places(self, value: Any) -> list[Operand]:
        if isinstance(value, dict) and "property" in value:
            named = self._property(value)
            if named.kind is not Kind.PLACE:
                raise FilterRefused(f"found {named.kind}, expected a geometry")
            return [named]
        parts = read_place(value, mercator=self.mercator)
        return [Value(Kind.PLACE, part) for part in parts]


_OF_INSTANTS = frozenset(
    {Timing.AFTER, Timing.BEFORE, Timing.DISJOINT, Timing.EQUALS, Timing.INTERSECTS}
)


def _timed(timing: Timing, first: Span, second: Span) -> Expression:
    if (first.is_instant or second.is_instant) and timing not in _OF_INSTANTS:
        raise FilterRefused(
            f"found an instant in {timing.upper()}, expected two intervals such as "
            "INTERVAL(valid_from, valid_until)"
        )
    return Timed(timing, first, second)


def _instant_of(operand: Property | Value) -> Property | Value:
    if isinstance(operand, Property) or operand.kind is not Kind.TEXT:
        return operand
    return read_timestamp(operand.value)


def _unlike(kind: Kind, other: Kind) -> str:
    if Kind.PLACE in {kind, other}:
        return "found a geometry compared as a value, expected a function such as S_INTERSECTS"
    if {kind, other} == {Kind.INSTANT, Kind.DATE}:
        return "found an instant compared with a date, expected TIMESTAMP('2022-04-26T00:00:00Z')"
    return f"found {kind} compared with {other}, expected both of one kind"


def _called(value: Any) -> tuple[str, list[Any]]:
    match value:
        case {"op": str(op), "args": list(arguments), **rest} if not rest:
            return op, arguments
        case _:
            raise FilterRefused(f'found {found(value)}, expected {{"op": …, "args": […]}}')


def _of(count: int, op: str, arguments: list[Any]) -> list[Any]:
    if len(arguments) != count:
        raise FilterRefused(f"found {len(arguments)} args of {op}, expected {count}")
    return arguments


def _text(text: str) -> str:
    """Give a text as texts are kept: in the composed form of Unicode."""
    if _UNSTORABLE.search(text):
        raise FilterRefused("found a character that no text can have")
    return unicodedata.normalize("NFC", text)


def _number(number: float) -> float:
    try:
        made = float(number)
    except OverflowError:
        made = float("inf")
    if made - made != 0:
        raise FilterRefused("found a number too great to hold, expected a finite one")
    return made + 0.0
