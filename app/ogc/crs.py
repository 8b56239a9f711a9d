"""Coordinate reference systems in which map clients may ask and be answered (Features, Part 2)."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query

from app.domain.geometry.box import Box, read_box, read_sides
from app.domain.geometry.mercator import box_from_mercator, coordinates_to_mercator
from app.http.found import found
from app.http.problems import Fault, unreadable

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
WEB_MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
SUPPORTED = (CRS84, WEB_MERCATOR)


@dataclass(frozen=True)
class Crs:
    """A coordinate reference system; both have the easting or longitude first."""

    uri: str

    @property
    def is_stored(self) -> bool:
        """Whether geometry is kept in it, and need not be turned."""
        return self.uri == CRS84

    @property
    def header(self) -> dict[str, str]:
        """Which one an answer is in (requirement /req/crs/ogc-crs-header)."""
        return {"Content-Crs": f"<{self.uri}>"}

    def show(self, geometry: dict[str, Any] | None) -> dict[str, Any] | None:
        """Give a GeoJSON geometry in it."""
        if geometry is None or self.is_stored:
            return geometry
        return {**geometry, "coordinates": coordinates_to_mercator(geometry["coordinates"])}

    def box(self, text: str) -> Box:
        """Read a box whose numbers are in it.

        Raises:
            ValueError: what was found and what was expected.
        """
        return read_box(text) if self.is_stored else box_from_mercator(*read_sides(text))


def read_crs(name: str, uri: str) -> Crs:
    """Read the system that a parameter names.

    Raises:
        Problem: 400 where it is not supported.
    """
    if uri not in SUPPORTED:
        message = f"found {found(uri)}, expected {' or '.join(SUPPORTED)}"
        raise unreadable(Fault(pointer=f"query/{name}", message=message))
    return Crs(uri)


async def _asked(
    crs: Annotated[str, Query(description="in which the geometry of the answer is")] = CRS84,
) -> Crs:
    return read_crs("crs", crs)


AskedCrs = Annotated[Crs, Depends(_asked)]
"""In which system an answer is wanted, `?crs=`."""


async def _box(
    bbox: Annotated[
        str | None,
        Query(
            description="west,south,east,north, or six numbers with heights; west greater than "
            "east crosses the antimeridian. Tested on the geometry that you may see",
            examples=["34.9,46.5,38.1,48.0"],
        ),
    ] = None,
    bbox_crs: Annotated[
        str, Query(alias="bbox-crs", description="in which the numbers of bbox are")
    ] = CRS84,
) -> Box | None:
    crs = read_crs("bbox-crs", bbox_crs)
    if bbox is None:
        return None
    try:
        return crs.box(bbox)
    except ValueError as error:
        raise unreadable(Fault(pointer="query/bbox", message=str(error))) from None


AskedBox = Annotated[Box | None, Depends(_box)]
"""The box of a question, `?bbox=` in `?bbox-crs=`."""
