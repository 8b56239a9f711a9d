"""Times that a filter names: instants with a zone, and intervals whose ends may be open."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from app.domain.cql2.expression import Kind, Operand, Property, Span, Value
from app.domain.cql2.refused import FilterRefused
from app.domain.instant import parse_instant

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OPEN = frozenset({"..", ""})
_EXPECTED = "TIMESTAMP('2022-04-26T15:00:00Z'), INTERVAL(…, …) or a property that is an instant"


def read_timestamp(value: Any) -> Value:
    """Read an instant.

    Raises:
        FilterRefused: what was found and what was expected.
    """
    try:
        return Value(Kind.INSTANT, parse_instant(value if isinstance(value, str) else ""))
    except ValueError as error:
        raise FilterRefused(str(error)) from None


def read_date(value: Any) -> Value:
    """Read a date of the calendar, which is no instant and is compared with dates alone.

    Raises:
        FilterRefused: what was found and what was expected.
    """
    text = value if isinstance(value, str) and _DATE.fullmatch(value) else ""
    try:
        return Value(Kind.DATE, date.fromisoformat(text).isoformat())
    except ValueError:
        raise FilterRefused("this is not a date, expected DATE('2022-04-26')") from None


def read_span(value: Any, named: Callable[[Any], Property]) -> Span:
    """Read an instant or an interval.

    Args:
        named: reads a property, and refuses one that is not known.

    Raises:
        FilterRefused: what was found and what was expected.
    """
    match value:
        case {"timestamp": at, **rest} if not rest:
            instant: Operand = read_timestamp(at)
            return Span(instant, instant, is_instant=True)
        case {"property": _}:
            instant = _instant(named(value))
            return Span(instant, instant, is_instant=True)
        case {"interval": [start, end], **rest} if not rest:
            return _interval(_end(start, named), _end(end, named))
        case _:
            raise FilterRefused(f"found what is no time, expected {_EXPECTED}")


def _interval(start: Operand | None, end: Operand | None) -> Span:
    match start, end:
        case Value(value=begins), Value(value=ends) if begins > ends:  # type: ignore[operator]
            raise FilterRefused(
                "found an interval that ends before it starts; expected its start first"
            )
        case _:
            return Span(start, end)


def _end(value: Any, named: Callable[[Any], Property]) -> Operand | None:
    if isinstance(value, str):
        return None if value in _OPEN else read_timestamp(value)
    return _instant(named(value))


def _instant(named: Property) -> Property:
    if named.kind is not Kind.INSTANT:
        raise FilterRefused(f"found {named.kind} where a time is expected: {_EXPECTED}")
    return named
