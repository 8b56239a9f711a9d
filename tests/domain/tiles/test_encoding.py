"""What is written as Mapbox Vector Tile is what another's reader reads."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.tiles import encoding
from app.domain.tiles.drawing import Drawing, Kind
from app.domain.tiles.encoding import layer
from tests.tiles import decoded_layers

_UNITS = st.tuples(st.integers(-64, 4160), st.integers(-64, 4160))
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_VALUES = st.one_of(
    _TEXTS,
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
)
_PROPERTIES = st.dictionaries(_TEXTS.filter(lambda name: name != "id"), _VALUES, max_size=5)
_LINES = st.lists(st.lists(_UNITS, min_size=2, max_size=9, unique=True), min_size=1, max_size=3)
_POINT = _UNITS.map(lambda at: Drawing(Kind.POINT, [[at]]))
_DRAWN_LINES = _LINES.map(lambda parts: Drawing(Kind.LINE, parts))


@given(features=st.lists(st.tuples(_POINT | _DRAWN_LINES, _PROPERTIES), min_size=1, max_size=6))
def test_every_feature_is_read_as_it_was_written(
    features: list[tuple[Drawing, dict[str, Any]]],
) -> None:
    (read,) = decoded_layers(layer("corridors", features)).values()
    assert len(read) == len(features)
    for told, (drawing, properties) in zip(read.values(), features, strict=True):
        assert told.properties == properties
        assert {name: type(v) for name, v in told.properties.items() if type(v) is not int} == {
            name: type(v) for name, v in properties.items() if type(v) is not int and not _whole(v)
        }
        assert [list(part.coords) for part in _parts(told.geometry)] == list(drawing.parts)


def _whole(value: Any) -> bool:
    return isinstance(value, float) and value.is_integer() and abs(value) < 2**53


def _parts(geometry: Any) -> Any:
    return getattr(geometry, "geoms", (geometry,))


def test_a_layer_says_its_name_version_and_extent() -> None:
    content = layer("sites", [(Drawing(Kind.POINT, [[(1, 2)]]), {})])
    assert list(decoded_layers(content)) == ["sites"]  # which looks at version and extent


def test_layers_one_after_another_are_a_tile() -> None:
    point = Drawing(Kind.POINT, [[(1, 2)]])
    content = layer("sites", [(point, {"a": 1})]) + layer("incomplete", [(point, {"b": True})])
    assert list(decoded_layers(content)) == ["sites", "incomplete"]


def test_nothing_at_all_is_a_tile_too() -> None:
    assert decoded_layers(b"") == {}


@pytest.mark.parametrize("value", [1, True, 1.5, "1"])
def test_values_that_are_equal_in_python_stay_apart(value: Any) -> None:
    point = Drawing(Kind.POINT, [[(1, 2)]])
    features: list[Any] = [(point, {"a": each}) for each in (True, 1, 1.5, "1", value)]
    (read,) = decoded_layers(layer("sites", features)).values()
    found = [each.properties["a"] for each in read.values()]
    assert [(type(v), v) for v in found] == [(type(v), v) for v in (True, 1, 1.5, "1", value)]


def test_a_layer_is_the_same_in_whatever_portions_it_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    features: list[Any] = [
        (Drawing(Kind.LINE, [[(0, n), (n, 7)]]), {"id": f"{n}", "shared": n % 3, f"own {n}": True})
        for n in range(10)
    ]
    whole = layer("corridors", features)
    assert len(decoded_layers(whole)["corridors"]) == len(features)
    for size in (1, 3, 5, 10):
        monkeypatch.setattr(encoding, "_PORTION", size)
        assert layer("corridors", iter(features)) == whole
