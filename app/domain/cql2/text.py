"""A filter in CQL2 Text, read into what CQL2 JSON would say; names and kinds are not looked at.

Each word is looked at once. A filter that takes long to be read is one that keeps others waiting.
"""

from collections.abc import Callable
from typing import Any

from app.domain.cql2 import geometry_text
from app.domain.cql2.cursor import Cursor
from app.domain.cql2.expression import Order, Relation, Timing

_ORDERS = frozenset(order.value for order in Order)
_SPATIAL = frozenset(relation.value for relation in Relation)
_TEMPORAL = {timing.value.lower(): timing.value for timing in Timing}
_TRUTHS = {"true": True, "false": False}
_INSTANTS = frozenset({"date", "timestamp"})
_PREDICATE = (
    "a predicate such as status = 'open', or one of the functions S_… and T_… that the "
    "documentation lists"
)


def read_text(text: str) -> Any:
    """Read a filter from text.

    Raises:
        FilterRefused: it is too long or too deep, or no CQL2 Text that this service takes; which
            word was found, and what was expected in its place.
    """
    cursor = Cursor(text)
    told = _Reader(cursor).either()
    cursor.require_end()
    return told


class _Reader:
    def __init__(self, cursor: Cursor) -> None:
        self._at = cursor

    def either(self) -> Any:
        return self._several("or", lambda: self._several("and", self._factor))

    def _several(self, word: str, read: Callable[[], Any]) -> Any:
        parts = [read()]
        while self._at.takes(word):
            parts.append(read())
        return parts[0] if len(parts) == 1 else {"op": word, "args": parts}

    def _factor(self) -> Any:
        if self._at.takes("not"):
            with self._at.deeper():
                return _not(self._factor())
        if self._at.takes("("):
            with self._at.deeper():
                inner = self.either()
            self._at.require(")")
            return inner
        return self._predicate()

    def _predicate(self) -> Any:
        name = self._at.word.key
        if self._at.calls() and name not in _INSTANTS:
            return self._called(name)
        if name in _TRUTHS and self._at.following.key not in _ORDERS:
            self._at.go_on()
            return _TRUTHS[name]
        return self._about(self._scalar())

    def _called(self, name: str) -> Any:
        if name in _SPATIAL:
            return self._function(name, lambda: geometry_text.read(self._at))
        if name in _TEMPORAL:
            return self._function(_TEMPORAL[name], self._time)
        raise self._at.refused(_PREDICATE)

    def _function(self, name: str, read: Callable[[], Any]) -> Any:
        self._at.go_on()
        self._at.require("(")
        first = read()
        self._at.require(",")
        second = read()
        self._at.require(")")
        return {"op": name, "args": [first, second]}

    def _about(self, subject: Any) -> Any:
        order = self._at.word.key
        if order in _ORDERS:
            self._at.go_on()
            return {"op": order, "args": [subject, self._scalar()]}
        if self._at.takes("is"):
            is_not = self._at.takes("not")
            self._at.require("null")
            told = {"op": "isNull", "args": [subject]}
        else:
            is_not = self._at.takes("not")
            told = self._advanced(subject)
        return _not(told) if is_not else told

    def _advanced(self, subject: Any) -> Any:
        if self._at.takes("like"):
            return {"op": "like", "args": [subject, self._scalar()]}
        if self._at.takes("between"):
            low = self._scalar()
            self._at.require("and")
            return {"op": "between", "args": [subject, low, self._scalar()]}
        if self._at.takes("in"):
            return {"op": "in", "args": [subject, self._at.listed(self._scalar)]}
        raise self._at.refused("=, <>, <, >, <=, >=, IS, LIKE, BETWEEN or IN")

    def _scalar(self) -> Any:
        name = self._at.word.key
        if name in _TRUTHS:
            self._at.go_on()
            return _TRUTHS[name]
        if self._at.calls():
            return self._instant()
        return self._at.literal()

    def _instant(self) -> Any:
        kind = self._at.word.key
        if kind not in _INSTANTS:
            raise self._at.refused("a property, a text, a number, TIMESTAMP('…'), TRUE or FALSE")
        self._at.go_on()
        self._at.require("(")
        text = self._at.quoted()
        self._at.require(")")
        return {kind: text}

    def _time(self) -> Any:
        if not self._at.calls():
            return self._at.property()
        if not self._at.takes("interval"):
            return self._instant()
        self._at.require("(")
        start = self._end()
        self._at.require(",")
        end = self._end()
        self._at.require(")")
        return {"interval": [start, end]}

    def _end(self) -> Any:
        return self._at.quoted() if self._at.is_text() else self._at.property()


def _not(told: Any) -> Any:
    return {"op": "not", "args": [told]}
