"""Sketches: a shape as the coarse zooms show it, with fewer positions and no visible difference.

A sketch is made of what one audience may see and of nothing else, and kept beside that.
"""

from typing import Any

from app.domain.tiles.address import unit_m
from app.domain.tiles.projecting import longest_degrees, projected
from app.domain.tiles.thinning import thinned

BANDS = (4, 8, 12)
"""Each by its last zoom. Beyond them a shape is drawn as it is."""
NO_BAND = 99
_TOLERANCE = 0.4  # of a unit at the last zoom, so that nothing moves by more than one
_CENTIMETRES = 2
_FARTHEST = 85.0  # degrees; nearer to the poles a shape has no sketches
_MOST_PIECES = 20_000
_WORTH_IT = 16


def band_of(zoom: int) -> int:
    """Give the band of a zoom, `NO_BAND` where shapes are drawn as they are."""
    return next((band for band in BANDS if zoom <= band), NO_BAND)


def sketches(wkb: bytes) -> dict[int, bytes]:
    """Give the sketches of a shape by band, in EPSG:3857; none that would save no position.

    Rounded to a centimetre, so that another machine makes the same of the same shape. Each is made
    of the one for the zooms above, which is finer by far.

    Args:
        wkb: in OGC CRS84.
    """
    import numpy as np  # noqa: PLC0415
    import shapely  # noqa: PLC0415

    shape = shapely.from_wkb(wkb)
    count = int(shapely.get_num_coordinates(shape))
    south, north = shape.bounds[1], shape.bounds[3]
    if count < _WORTH_IT or not -_FARTHEST <= south <= north <= _FARTHEST:
        return {}
    bands = [b for b in reversed(BANDS) if shape.length <= _MOST_PIECES * longest_degrees(b)]
    found: dict[int, bytes] = {}
    exact = projected(np.array([shape]), bands[0])[0] if bands else shape
    sketch = shapely.transform(exact, _to_the_centimetre)
    for band in bands:
        sketch = thinned(np.array([sketch]), _TOLERANCE * unit_m(band))[0]
        if 0 < int(shapely.get_num_coordinates(sketch)) < count:
            found[band] = bytes(shapely.to_wkb(sketch))
    return found


def _to_the_centimetre(positions: Any) -> Any:
    return positions.round(_CENTIMETRES)
