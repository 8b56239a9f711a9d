"""Mapbox Vector Tile 2.1: layers of drawings with properties, as bytes of Protocol Buffers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from struct import pack

from app.domain.tiles.address import EXTENT
from app.domain.tiles.commands import commands
from app.domain.tiles.drawing import Drawing
from app.domain.tiles.varints import varint, varints, zigzag

Value = str | bool | int | float
Properties = Mapping[str, Value]

_VERSION = 2
_WHOLE = 2.0**53
_PORTION = 1_000
"""So many features are written together: one by one they take long, and all at once much memory."""


def layer(name: str, features: Iterable[tuple[Drawing, Properties]]) -> bytes:
    """Give a layer, as which the bytes of a tile are those of its layers one after another."""
    keys: dict[str, int] = {}
    values: dict[Value | tuple[type, Value], int] = {}
    written: list[bytes] = []
    rest = iter(features)
    while portion := list(islice(rest, _PORTION)):
        written.extend(_features(portion, keys, values))
    parts = (
        _number(15, _VERSION),
        _bytes(1, name.encode()),
        *written,
        *(_bytes(3, key.encode()) for key in keys),
        *(_bytes(4, _value(key[1] if isinstance(key, tuple) else key)) for key in values),
        _number(5, EXTENT),
    )
    return _bytes(3, b"".join(parts))


def _features(
    portion: Sequence[tuple[Drawing, Properties]],
    keys: dict[str, int],
    values: dict[Value | tuple[type, Value], int],
) -> Iterator[bytes]:
    """Write features, and number the names and values that are new with them."""
    drawings = [drawing for drawing, _ in portion]
    tags = [_tags(properties, keys, values) for _, properties in portion]
    for drawing, tagged, drawn in zip(drawings, _written(tags), commands(drawings), strict=True):
        yield _bytes(2, _bytes(2, tagged) + _number(3, drawing.kind) + _bytes(4, drawn))


def _tags(
    properties: Properties,
    keys: dict[str, int],
    values: dict[Value | tuple[type, Value], int],
) -> list[int]:
    """Number names and values; of values that are equal in Python, a number tells its type too."""
    tags = []
    for name, value in properties.items():
        tags.append(keys.setdefault(name, len(keys)))
        tags.append(values.setdefault(value if type(value) is str else _typed(value), len(values)))
    return tags


def _typed(value: Value) -> tuple[type, Value]:
    one = int(value) if type(value) is float and _is_whole(value) else value
    return type(one), one


def _is_whole(value: float) -> bool:
    return value.is_integer() and abs(value) < _WHOLE


def _written(tags: list[list[int]]) -> list[bytes]:
    import numpy as np  # noqa: PLC0415

    return varints(np.array(list(chain.from_iterable(tags)), dtype=np.int64), list(map(len, tags)))


def _value(value: Value) -> bytes:
    match value:
        case bool():
            return _number(7, value)
        case int() if value < 0:
            return _number(6, zigzag(value))
        case int():
            return _number(5, value)
        case float():
            return b"\x19" + pack("<d", value)
        case str():
            return _bytes(1, value.encode())


def _number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def _bytes(field: int, content: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(content)) + content
