"""Thinned lines lie where the whole ones do, and the work for one grows with its positions."""

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from app.domain.tiles import thinning
from app.domain.tiles.thinning import RUN, thinned

_STEPS = st.tuples(st.integers(-3, 3), st.integers(-3, 3))


@st.composite
def lines(draw: Any) -> shapely.LineString:
    """Give a line of some hundred or thousand positions, with repeated ones and ways back."""
    steps = np.array(draw(st.lists(_STEPS, min_size=20, max_size=60)), dtype=float)
    times = draw(st.integers(1, 60))
    return shapely.LineString(
        np.cumsum(np.vstack([[(0.0, 0.0)], np.tile(steps, (times, 1))]), axis=0)
    )


@given(line=lines(), off=st.floats(0.1, 10))
def test_no_position_moves_by_more_than_was_said(line: shapely.LineString, off: float) -> None:
    (thin,) = thinned(np.array([line]), off)
    left_out = shapely.points(shapely.get_coordinates(line))
    assert shapely.distance(left_out, thin).max() <= off + 1e-9
    kept = shapely.get_coordinates(thin).tolist()
    rest = iter(shapely.get_coordinates(line).tolist())
    assert all(position in rest for position in kept)  # in their order, and none is new
    assert (kept[0], kept[-1]) == tuple(shapely.get_coordinates(line)[[0, -1]].tolist())


@pytest.mark.parametrize("count", [2, RUN, RUN + 1, RUN + 2, 2 * RUN + 1, 2 * RUN + 2])
def test_a_straight_line_keeps_its_ends_and_those_of_its_runs(count: int) -> None:
    (thin,) = thinned(np.array([shapely.LineString([(x, 0) for x in range(count)])]), 0.1)
    assert shapely.get_num_coordinates(thin) == 2 + max(0, count - 2) // RUN


def test_several_are_thinned_each_as_if_alone() -> None:
    long = shapely.LineString([(x, x % 7) for x in range(3 * RUN)])
    short = shapely.LineString([(0, 0), (1, 0), (2, 0)])
    both = shapely.MultiLineString([long, short])
    shapes = np.array([shapely.Point(1, 2), short, both, long, shapely.LineString()])
    together = thinned(shapes, 0.5)
    assert [each.geom_type for each in together] == [each.geom_type for each in shapes]
    assert together.tolist() == [thinned(np.array([each]), 0.5)[0] for each in shapes]
    assert shapely.get_parts(together[2]).tolist() == [together[3], together[1]]


def positions_at_once(line: shapely.LineString, monkeypatch: pytest.MonkeyPatch) -> int:
    """Tell how many positions are thinned in one piece, on which the work depends by its square."""
    seen: list[int] = []
    simplify = shapely.simplify

    def counted(shapes: Any, *given: Any, **more: Any) -> Any:
        seen.extend(shapely.get_num_coordinates(shapes))
        return simplify(shapes, *given, **more)

    with monkeypatch.context() as patch:
        patch.setattr(shapely, "simplify", counted)
        thinned(np.array([line]), 0.1)
    return max(seen)


def test_a_long_line_is_thinned_run_by_run(monkeypatch: pytest.MonkeyPatch) -> None:
    farther_and_farther = shapely.LineString([(x, x % 2 * x) for x in range(10_000)])
    assert positions_at_once(farther_and_farther, monkeypatch) == RUN + 1
    monkeypatch.setattr(thinning, "RUN", 10_000)
    assert positions_at_once(farther_and_farther, monkeypatch) == 10_000
