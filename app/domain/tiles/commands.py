"""Geometry as commands of Mapbox Vector Tile, each position from the one before."""

from collections.abc import Sequence
from itertools import chain

from app.domain.tiles.drawing import Drawing
from app.domain.tiles.varints import Numbers, varints, zigzag

_ONCE = 1 << 3 | 1
"""Go to one position."""
_LINE_TO = 2


def commands(drawings: Sequence[Drawing]) -> list[bytes]:
    """Give the commands of each drawing; those of all are made together."""
    import numpy as np  # noqa: PLC0415

    if not drawings:
        return []
    parts = list(chain.from_iterable(each.parts for each in drawings))
    lengths = np.array([len(part) for part in parts])
    firsts = np.concatenate([[0], lengths.cumsum()[:-1]])
    of_drawing = np.concatenate([[0], np.cumsum([len(each.parts) for each in drawings])])
    steps = _steps(np.concatenate(parts), firsts[of_drawing[:-1]])
    # A part goes to its first position and, where there are more, on from there.
    sizes = 2 * lengths + 1 + (lengths > 1)
    starts = np.concatenate([[0], sizes.cumsum()])
    rank = np.arange(len(steps)) - firsts.repeat(lengths)
    at = starts[:-1].repeat(lengths) + 1 + 2 * rank + (rank > 0)
    numbers = np.empty(starts[-1], dtype=np.int64)
    numbers[at], numbers[at + 1] = steps.T
    numbers[starts[:-1]] = _ONCE
    on = lengths > 1
    numbers[starts[:-1][on] + 3] = lengths[on] - 1 << 3 | _LINE_TO
    return varints(numbers, np.diff(starts[of_drawing]))


def _steps(positions: Numbers, firsts: Numbers) -> Numbers:
    """Give how far each position is from the one before, the first of a drawing from the corner."""
    import numpy as np  # noqa: PLC0415

    steps = np.diff(positions, axis=0, prepend=0)
    steps[firsts] = positions[firsts]
    return zigzag(steps)
