"""Mapbox Vector Tile 2.1: layers of drawings with properties, as bytes of Protocol Buffers."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import chain
from struct import pack

from app.domain.tiles.address import EXTENT
from app.domain.tiles.drawing import Drawing, Kind, Part

Value = str | bool | int | float
Properties = Mapping[str, Value]

_VERSION = 2
_MOVE_TO, _LINE_TO = 1, 2
_WHOLE = 2.0**53
_SIGN = 63
"""So far to the right, a whole number is 0 or -1."""


def layer(name: str, features: Iterable[tuple[Drawing, Properties]]) -> bytes:
    """Give a layer, as which the bytes of a tile are those of its layers one after another."""
    keys: dict[str, int] = {}
    values: dict[tuple[type, Value], int] = {}
    written = [
        _bytes(2, _feature(drawing, _tags(properties, keys, values)))
        for drawing, properties in features
    ]
    parts = (
        _number(15, _VERSION),
        _bytes(1, name.encode()),
        *written,
        *(_bytes(3, key.encode()) for key in keys),
        *(_bytes(4, _value(value)) for _, value in values),
        _number(5, EXTENT),
    )
    return _bytes(3, b"".join(parts))


def _tags(
    properties: Properties, keys: dict[str, int], values: dict[tuple[type, Value], int]
) -> list[int]:
    tags = []
    for name, value in properties.items():
        one = int(value) if type(value) is float and _is_whole(value) else value
        tags.append(keys.setdefault(name, len(keys)))
        tags.append(values.setdefault((type(one), one), len(values)))
    return tags


def _is_whole(value: float) -> bool:
    return value.is_integer() and abs(value) < _WHOLE


def _feature(drawing: Drawing, tags: Iterable[int]) -> bytes:
    return b"".join(
        (
            _bytes(2, _numbers(tags)),
            _number(3, drawing.kind),
            _bytes(4, _numbers(_commands(drawing))),
        )
    )


def _commands(drawing: Drawing) -> list[int]:
    """Give the geometry as commands, each position from the one before."""
    found: list[int] = []
    at = (0, 0)
    if drawing.kind is Kind.POINT:
        points = list(chain.from_iterable(drawing.parts))
        found.append(_command(_MOVE_TO, len(points)))
        _move(found, points, at)
        return found
    for part in drawing.parts:
        found.append(_command(_MOVE_TO, 1))
        at = _move(found, part[:1], at)
        found.append(_command(_LINE_TO, len(part) - 1))
        at = _move(found, part[1:], at)
    return found


def _command(id: int, count: int) -> int:
    return count << 3 | id


def _move(found: list[int], positions: Part, at: tuple[int, int]) -> tuple[int, int]:
    west, north = at
    for x, y in positions:
        east, south = x - west, y - north
        found.append(east << 1 ^ east >> _SIGN)
        found.append(south << 1 ^ south >> _SIGN)
        west, north = x, y
    return west, north


def _zigzag(value: int) -> int:
    return value << 1 ^ value >> _SIGN


def _value(value: Value) -> bytes:
    match value:
        case bool():
            return _number(7, value)
        case int() if value < 0:
            return _number(6, _zigzag(value))
        case int():
            return _number(5, value)
        case float():
            return b"\x19" + pack("<d", value)
        case str():
            return _bytes(1, value.encode())


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _numbers(values: Iterable[int]) -> bytes:
    return b"".join(map(_varint, values))


@lru_cache(maxsize=1 << 15)
def _varint(value: int) -> bytes:
    """Write a number in groups of seven bits, the lowest first."""
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)
