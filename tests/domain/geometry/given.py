"""Places of the Azovstal case, and places anywhere for Hypothesis."""

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from app.domain.geometry.shape import Line, Position

AZOVSTAL: Position = (37.608, 47.097)
MARIUPOL: Position = (37.5413, 47.0951)
MANHUSH: Position = (37.3119, 47.0563)
TOKMAK: Position = (35.7084, 47.2555)
VASYLIVKA: Position = (35.2821, 47.4422)
KAMIANSKE: Position = (35.3737, 47.5392)
ZAPORIZHZHIA: Position = (35.1171, 47.8517)
ROUTE = Line((MARIUPOL, MANHUSH, TOKMAK, VASYLIVKA, KAMIANSKE, ZAPORIZHZHIA))
SQUARE = [[34.9, 46.5], [38.1, 46.5], [38.1, 48.0], [34.9, 48.0], [34.9, 46.5]]


def json_line(*positions: Iterable[float]) -> dict[str, Any]:
    """Give a LineString as a strict parser would."""
    return {"type": "LineString", "coordinates": [list(each) for each in positions]}


def json_polygon(*rings: list[Any]) -> dict[str, Any]:
    """Give a Polygon as a strict parser would."""
    return {"type": "Polygon", "coordinates": list(rings)}


def degrees(least: float, most: float) -> st.SearchStrategy[float]:
    """Pick degrees: any number, or one with few places after the point, as people write them."""
    written = st.integers(round(least * 1000), round(most * 1000)).map(lambda number: number / 1000)
    return written | st.floats(least, most).map(lambda number: number + 0.0)


positions = st.tuples(degrees(-180, 180), degrees(-90, 90))
"""Places anywhere."""


def lines(reach: float = 180.0) -> st.SearchStrategy[Line]:
    """Pick lines of two to six places, neighbours `reach` degrees apart at most."""

    def walk(start: Position, steps: list[Position]) -> Line:
        walked = [start]
        for east, north in steps:
            longitude, latitude = walked[-1]
            there = (_turned(longitude + east), max(-90.0, min(90.0, latitude + north)))
            walked.append(there)
        return Line(tuple(walked))

    step = st.tuples(degrees(-reach, reach), degrees(-reach / 2, reach / 2))
    return st.builds(walk, positions, st.lists(step, min_size=1, max_size=5))


def _turned(longitude: float) -> float:
    turned = (longitude + 180.0) % 360.0 - 180.0
    return max(-180.0, min(180.0, turned))
