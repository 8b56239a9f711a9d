"""Lines with fewer positions, none of which lies visibly off (Douglas and Peucker, 1973).

The work for a line can grow with the square of its positions, where each lies farther out than the
last. So a long one is thinned run by run: it keeps the ends of each, one position in 500.
"""

from typing import Any

from app.domain.tiles.projecting import Geometries

RUN = 500


def thinned(geometries: Geometries, off: float) -> Geometries:
    """Leave out positions of lines, so that none moves by more than `off`, in the unit of the lines."""
    import shapely  # noqa: PLC0415

    thin = geometries.copy()
    lines: Any = shapely.get_dimensions(geometries) == 1
    long = lines & (shapely.get_num_coordinates(geometries) > RUN)
    thin[~long] = _simplified(geometries[~long], off)
    for at in long.nonzero()[0]:
        parts = [_by_runs(part, off) for part in shapely.get_parts(geometries[at])]
        thin[at] = parts[0] if len(parts) == 1 else shapely.multilinestrings(parts)
    return thin


def _by_runs(line: Any, off: float) -> Any:
    import numpy as np  # noqa: PLC0415
    import shapely  # noqa: PLC0415

    positions = shapely.get_coordinates(line)
    starts = range(0, len(positions) - 1, RUN)
    runs: Geometries = [shapely.linestrings(positions[at : at + RUN + 1]) for at in starts]
    kept = [shapely.get_coordinates(each) for each in _simplified(runs, off)]
    return shapely.linestrings(np.vstack([kept[0], *(run[1:] for run in kept[1:])]))


def _simplified(geometries: Geometries, off: float) -> Geometries:
    import shapely  # noqa: PLC0415

    return shapely.simplify(geometries, off, preserve_topology=False)
