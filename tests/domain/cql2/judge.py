"""A second opinion: does a feature, as it was returned, fulfil a filter? Written from the standard."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import shapely
from shapely.geometry import shape as made

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
    Placed,
    Predicate,
    Property,
    Span,
    Timed,
    Value,
)

Verdict = bool | None
_FIRST, _LAST = "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59.999999+00:00"


def fulfils(feature: Mapping[str, Any], expression: Expression) -> bool:
    """Tell whether the filter is true of a feature; unknown is not enough."""
    return judged(feature, expression) is True


def judged(feature: Mapping[str, Any], expression: Expression) -> Verdict:
    """Judge one feature; None is unknown."""
    match expression:
        case Always(truth):
            return truth
        case Not(part):
            return _opposite(judged(feature, part))
        case Both(parts):
            return _all(judged(feature, part) for part in parts)
        case Either(parts):
            return _any(judged(feature, part) for part in parts)
        case Timed(timing, left, right):
            return _timed(timing.value, _ends(feature, left), _ends(feature, right))
        case _:
            return _predicate(feature, expression)


def _predicate(feature: Mapping[str, Any], one: Predicate) -> Verdict:
    match one:
        case IsNull(subject):
            return _of(feature, subject) is None
        case Placed(relation, left, right):
            return _placed(relation.value, _of(feature, left), _of(feature, right))
        case Between(subject, low, high):
            given, least, most = (_of(feature, each) for each in (subject, low, high))
            return _all([_compared(">=", given, least), _compared("<=", given, most)])
        case Among(subject, values):
            given = _of(feature, subject)
            return _any(_compared("=", given, _of(feature, each)) for each in values)
        case Like(subject, pattern):
            return like(_of(feature, subject), _of(feature, pattern))
        case Compared(order, left, right):
            return _compared(order.value, _of(feature, left), _of(feature, right))
        case Always() | Timed():
            return judged(feature, one)


def _placed(relation: str, one: Any, other: Any) -> Verdict:
    if one is None or other is None:
        return None
    return bool(getattr(shapely, relation.removeprefix("s_"))(one, other))


def _any(verdicts: Iterable[Verdict]) -> Verdict:
    found = list(verdicts)
    return True if True in found else None if None in found else False


def _all(verdicts: Iterable[Verdict]) -> Verdict:
    found = list(verdicts)
    return False if False in found else None if None in found else True


def _opposite(verdict: Verdict) -> Verdict:
    return None if verdict is None else not verdict


def _of(feature: Mapping[str, Any], operand: Operand) -> Any:
    if isinstance(operand, Value):
        value = operand.value
        return shapely.from_wkb(value) if isinstance(value, bytes) else value
    assert isinstance(operand, Property)
    match operand.name:
        case "id":
            return feature["id"]
        case "geometry":
            return made(feature["geometry"]) if feature["geometry"] else None
        case name:
            shown = feature["properties"].get(name)
            is_instant = operand.kind is Kind.INSTANT and shown is not None
            return datetime.fromisoformat(shown) if is_instant else shown


def _compared(order: str, one: Any, other: Any) -> Verdict:
    if one is None or other is None:
        return None
    return bool(
        {
            "=": one == other,
            "<>": one != other,
            "<": one < other,
            ">": one > other,
            "<=": one <= other,
            ">=": one >= other,
        }[order]
    )


def like(text: str | None, pattern: str | None) -> Verdict:
    """Tell whether a text fits a pattern."""
    if text is None or pattern is None:
        return None
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    said = "".join(wild.get(part, re.escape(part[-1])) for part in parts)
    return re.fullmatch(said, text, re.DOTALL) is not None


def _ends(feature: Mapping[str, Any], span: Span) -> tuple[Any, Any]:
    start, end = (None if each is None else _of(feature, each) for each in (span.start, span.end))
    if span.is_instant:
        return start, end
    return start or datetime.fromisoformat(_FIRST), end or datetime.fromisoformat(_LAST)


def _timed(timing: str, one: tuple[Any, Any], other: tuple[Any, Any]) -> Verdict:
    if None in {*one, *other}:
        return None
    (a, b), (c, d) = one, other
    return bool(
        {
            "t_after": a > d,
            "t_before": b < c,
            "t_disjoint": b < c or a > d,
            "t_equals": a == c and b == d,
            "t_intersects": a <= d and b >= c,
            "t_contains": a < c and b > d,
            "t_during": c < a and b < d,
            "t_finishedBy": a < c and b == d,
            "t_finishes": a > c and b == d,
            "t_meets": b == c,
            "t_metBy": a == d,
            "t_overlappedBy": c < a < d < b,
            "t_overlaps": a < c < b < d,
            "t_startedBy": a == c and b > d,
            "t_starts": a == c and b < d,
        }[timing]
    )
