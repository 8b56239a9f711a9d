"""The one reader of JSON bodies: strict, so that what is stored is what was meant."""

import json
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from app.http.complaints import pointer

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 32
MAX_VALUES = 50_000  # an outline of 10,000 positions has 30,000
MAX_MEMBERS = 1000
MAX_INTEGER = 2**53 - 1

_MANY = 4 * MAX_VALUES  # so many are refused before they are read
_TOO_MANY = f"found more values than a body may hold, {MAX_VALUES} in all"

_STRING_OR_MARK = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|([\[\]{},])', re.DOTALL)
_SETTLED = frozenset({int, float, bool, type(None)})
_OPENING = frozenset("[{")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class JsonRefused(Exception):
    """A text is not JSON as this service takes it.

    Attributes:
        reason: what was found and what was expected.
        pointer: RFC 6901 pointer to the place; empty where the text is not JSON at all.
    """

    def __init__(self, reason: str, place: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.pointer = place


class _Refused:
    """Stands where a value may not stand until the walk has found its place."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


class _Misplaced(Exception):
    """A value was refused; the steps to it are gathered on the way up."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.steps: list[str | int] = []


def read_json(raw: bytes) -> Any:
    """Read one JSON document; text comes back in NFC, fractions as floats.

    Raises:
        JsonRefused: more than 2 MiB, not UTF-8, not JSON, deeper than 32, more than 50,000 values
            or 1,000 members of one object, NaN or Infinity, a repeated key (after NFC), a lone
            surrogate or NUL, an integer beyond ±(2**53 - 1).
    """
    if len(raw) > MAX_BYTES:
        raise JsonRefused(f"found {len(raw)} bytes, expected {MAX_BYTES} at most")
    text = _decode(raw)
    _check_shape(text)
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise JsonRefused(f"not JSON: {error.msg} at {place}") from None
    try:
        return _Walk().settled(value)
    except _Misplaced as error:
        place = pointer(error.steps).encode("utf-8", "replace").decode()
        raise JsonRefused(error.reason, place) from None


def _decode(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JsonRefused(f"byte {error.start} is not UTF-8; expected UTF-8 text") from None
    if text.startswith("\ufeff"):
        raise JsonRefused("found a byte order mark; expected JSON from the first byte")
    return text


def _check_shape(text: str) -> None:
    """Refuse deep nesting before anything recurses into it, and very many values before they are."""
    if text.count("[") + text.count("{") <= MAX_DEPTH and text.count(",") <= _MANY:
        return
    depth = commas = 0
    for found in _STRING_OR_MARK.finditer(text):
        mark = found[1]  # none for a string
        if mark == ",":
            commas += 1
            if commas > _MANY:
                raise JsonRefused(_TOO_MANY, _place(text, found.start()))
        elif mark in _OPENING:
            depth += 1
            if depth > MAX_DEPTH:
                raise JsonRefused(f"nested deeper than {MAX_DEPTH}; expected {MAX_DEPTH} at most")
        elif mark:
            depth -= 1


def _place(text: str, end: int) -> str:
    """Point to the innermost array or object that is open at `end`, as far as the text is JSON."""
    steps: list[str | int | None] = []  # of each that is open: the index, or the key once it came
    for found in _STRING_OR_MARK.finditer(text, 0, end):
        mark = found[1]
        if mark in _OPENING:
            steps.append(0 if mark == "[" else None)
        elif not steps:
            return ""
        elif mark == ",":
            last = steps[-1]
            steps[-1] = last + 1 if isinstance(last, int) else None
        elif mark:
            steps.pop()
        elif steps[-1] is None:
            steps[-1] = found[0].strip('"')
    return pointer([step for step in steps[:-1] if step is not None])


def _object(pairs: list[tuple[str, Any]]) -> Any:
    """Make an object with keys in NFC, or what refuses it."""
    made = {_nfc(key): value for key, value in pairs}
    if len(made) < len(pairs):
        return _Refused("found a key twice in this object, expected each key once")
    return made


def _integer(text: str) -> Any:
    if len(text) > 17 or abs(int(text)) > MAX_INTEGER:
        return _Refused(f"found an integer beyond {MAX_INTEGER}, the greatest that is exact")
    return int(text)


def _fraction(text: str) -> Any:
    number = float(text)
    if number - number != 0:
        return _Refused("found a number too great to hold, expected a finite one")
    return number


def _constant(name: str) -> Any:
    return _Refused(f"found {name}, which is not JSON; expected a finite number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_integer,
    parse_float=_fraction,
    parse_constant=_constant,
)


def _nfc(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


class _Walk:
    """One walk through a document: counts values, and brings all text to NFC in place."""

    def __init__(self) -> None:
        self._values = 1

    def settled(self, value: Any) -> Any:
        """Give `value` as it may stand, or refuse it."""
        if isinstance(value, str):
            return _text(value)
        if isinstance(value, dict):
            self._count(value)
            for key in value:
                _text(key)
            self._settle(value, value.items())
        elif isinstance(value, list):
            self._count(value)
            self._settle(value, enumerate(value))
        elif isinstance(value, _Refused):
            raise _Misplaced(value.reason)
        return value

    def _count(self, inside: dict[str, Any] | list[Any]) -> None:
        """Refuse too much before anything looks at each value."""
        if isinstance(inside, dict) and len(inside) > MAX_MEMBERS:
            raise _Misplaced(f"found {len(inside)} members, expected {MAX_MEMBERS} at most")
        self._values += len(inside)
        if self._values > MAX_VALUES:
            raise _Misplaced(_TOO_MANY)

    def _settle(self, inside: Any, items: Iterable[tuple[Any, Any]]) -> None:
        for step, item in items:
            if type(item) in _SETTLED:
                continue
            try:
                inside[step] = self.settled(item)
            except _Misplaced as error:
                error.steps.insert(0, step)
                raise


def _text(text: str) -> str:
    if text.isascii() and "\0" not in text:
        return text
    bad = _UNSTORABLE.search(text)
    if bad:
        what = "a NUL character" if bad.group() == "\0" else "half of a surrogate pair"
        raise _Misplaced(f"found {what} in text, expected characters that can be stored")
    return _nfc(text)
