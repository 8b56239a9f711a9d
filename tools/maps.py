"""Draws the case from the service's own GeoJSON: exactly, and in the cells that a partner sees."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians

from geopy.distance import geodesic
from shapely import LineString, clip_by_rect

from app.domain.geometry.grid import Size, cell_of
from tools import case
from tools.svg import Box, Drawing, Look, Point

EXACT, CELLS = "#1c4f8a", "#c96a00"
_CELL = Look(fill="#fdeeda", line=CELLS, round=0)
_BESIDE: dict[str, tuple[float, float, str]] = {
    "Azovstal steelworks": (60, -14, "end"),
    "Mariupol assembly point": (86, 44, "end"),
    "Berdiansk assembly point": (0, 24, "middle"),
    "Manhush": (-34, 32, "middle"),
    "Tokmak": (-6, 20, "end"),
    "Vasylivka": (-12, 18, "end"),
    "Kamianske": (14, 2, "start"),
    "Zaporizhzhia": (14, 4, "start"),
}
"""Where the name of a site stands, seen from its point; a site without a place is an error."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A map on a part of the picture: longitude and latitude, shortened by one latitude's cosine.

    Attributes:
        box: where it stands on the picture.
        west: the longitude of its left edge, in degrees.
        north: the latitude of its upper edge, in degrees.
        scale: picture units for a degree of latitude.
    """

    box: Box
    west: float
    north: float
    scale: float

    @property
    def across(self) -> float:
        """Picture units for a degree of longitude."""
        return self.scale * cos(radians(self.north - self.box.h / self.scale / 2))

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        east = self.west + self.box.w / self.across
        return self.west, self.north - self.box.h / self.scale, east, self.north

    def at(self, position: Sequence[float]) -> Point:
        """Give where a position stands on the picture."""
        x = self.box.x + (position[0] - self.west) * self.across
        y = self.box.y + (self.north - position[1]) * self.scale
        return round(x, 1), round(y, 1)

    def holds(self, position: Sequence[float]) -> bool:
        """Whether a position lies on the map."""
        west, south, east, north = self.bounds
        return west <= position[0] <= east and south <= position[1] <= north

    def cut(self, line: Sequence[Point]) -> list[Point]:
        """Give the part of a line that lies on the map, which is one."""
        part = clip_by_rect(LineString(line), *self.bounds)
        return [self.at(position) for position in part.coords]


_WHOLE = Sheet(box=Box(x=20, y=56, w=1010, h=520), west=34.85, north=47.97, scale=505)
_NEAR = Sheet(box=Box(x=444, y=70, w=572, h=252), west=37.265, north=47.1325, scale=2130)


def azovstal_map() -> str:
    """Draw the corridor of the case as the operational audience and as a partner sees it."""
    exact, rough = (_line(reader) for reader in case.READERS)
    sites = {f["properties"]["name"]: _position(f) for f in _sites("coordinator-ocha")}
    drawing = Drawing(
        width=1050,
        height=720,
        title="The corridor to Zaporizhzhia on 30 April 2022, for two audiences",
        description="A map without a background. The corridor leads from the Mariupol assembly "
        "point by Manhush, Tokmak, Vasylivka and Kamianske to Zaporizhzhia. To the operational "
        f"audience it is a line of {len(exact)} positions, to a partner the line of the centres of "
        f"{len(rough)} cells of at least 1 km. An enlarged part shows the cells from Manhush to "
        "Azovstal. To the public there is nothing. No boundaries are drawn.",
    )
    drawing.text((20, 32), "30 April 2022, 12:00 UTC: the corridor to Zaporizhzhia is open",
                 size=17, bold=True, anchor="start")  # fmt: skip
    drawing.box(_WHOLE.box, [], look=Look(round=0, line="#9bb4cc"))
    drawing.way([_WHOLE.at(p) for p in rough], colour="#f0b878", width=9)
    drawing.way([_WHOLE.at(p) for p in exact], colour=EXACT, width=2)
    for name in sorted(sites):
        _site(drawing, _WHOLE, name, sites[name])
    _enlarged(drawing, exact, rough, sites)
    _scale_bar(drawing, _WHOLE, km=50, at=(50, 545))
    _north(drawing, (62, 500))
    _legend(drawing)
    return drawing.render()


def _enlarged(
    drawing: Drawing, exact: list[Point], rough: list[Point], sites: dict[str, Point]
) -> None:
    """Draw the part in which cells are large enough to be seen."""
    drawing.box(_NEAR.box, [], look=Look(fill="#f7fafd", line="#9bb4cc", round=0))
    for centre in [*rough, *sorted(_position(f) for f in _sites("map-client"))]:
        if _NEAR.holds(centre):
            drawing.box(_cell(_NEAR, centre), [], look=_CELL)
    inside = itertools.takewhile(_NEAR.holds, rough)
    drawing.way([_NEAR.at(p) for p in inside], colour=CELLS, width=1.5, dashed=True)
    drawing.way(_NEAR.cut(exact), colour=EXACT, width=2)
    for name in sorted(sites):
        if _NEAR.holds(sites[name]):
            _site(drawing, _NEAR, name, sites[name])
    drawing.text((_NEAR.box.x + 12, _NEAR.box.y + 22), "enlarged: from Manhush to Azovstal",
                 size=13, bold=True, anchor="start")  # fmt: skip
    _scale_bar(drawing, _NEAR, km=5, at=(_NEAR.box.x + 16, _NEAR.box.y + _NEAR.box.h - 16))


def _line(reader: str) -> list[Point]:
    (corridor,) = case.answers()[reader, "corridors"]
    return [(p[0], p[1]) for p in corridor["geometry"]["coordinates"]]


def _sites(reader: str) -> case.Features:
    return case.answers()[reader, "sites"]


def _position(feature: dict[str, dict[str, list[float]]]) -> Point:
    longitude, latitude = feature["geometry"]["coordinates"]
    return longitude, latitude


def _cell(sheet: Sheet, centre: Point) -> Box:
    bounds = cell_of(centre, Size.FINE).bounds
    (left, top), (right, bottom) = (
        sheet.at((bounds.west, bounds.north)), sheet.at((bounds.east, bounds.south)),
    )  # fmt: skip
    return Box(x=left, y=top, w=round(right - left, 1), h=round(bottom - top, 1))


def _site(drawing: Drawing, sheet: Sheet, name: str, position: Point) -> None:
    x, y = sheet.at(position)
    right, down, anchor = _BESIDE[name]
    drawing.dot((x, y), colour=EXACT)
    drawing.text((x + right, y + down), name, size=13, anchor=anchor)


def _scale_bar(drawing: Drawing, sheet: Sheet, *, km: int, at: Point) -> None:
    """Draw a bar as long as these kilometres are in the middle of the map, from west to east."""
    west, south, _, north = sheet.bounds
    middle = (south + north) / 2
    degree = geodesic((middle, west), (middle, west + 1)).km
    width = round(km / degree * sheet.across, 1)
    drawing.way([at, (at[0] + width, at[1])], colour="#1b2733", width=3)
    drawing.text((at[0] + width + 8, at[1] + 4), f"{km} km", size=12, anchor="start")


def _north(drawing: Drawing, at: Point) -> None:
    drawing.arrow([at, (at[0], at[1] - 44)])
    drawing.text((at[0], at[1] + 18), "north", size=12)


def _legend(drawing: Drawing) -> None:
    drawing.way([(20, 604), (70, 604)], colour=EXACT, width=2)
    drawing.text((80, 608), "operational audience: the exact line, sites with their names",
                 size=13, anchor="start")  # fmt: skip
    drawing.way([(20, 630), (70, 630)], colour="#f0b878", width=9)
    drawing.box(Box(x=36, y=621, w=18, h=18), [], look=_CELL)
    drawing.text((80, 634), "partner: the centres of the cells of 1 km that it passes, and the "
                 "cells of sites, without names", size=13, anchor="start")  # fmt: skip
    drawing.text((80, 660), "public: nothing, until a coordinator releases it", size=13,
                 anchor="start")  # fmt: skip
    drawing.text((20, 690), "No boundaries are drawn. Names and positions of places say nothing "
                 "about anybody's claim to them. The route is inferred: by the", size=12,
                 anchor="start")  # fmt: skip
    drawing.text((20, 708), "centres of the towns. Drawn from /v1/corridors and /v1/sites; "
                 "longitude and latitude on WGS84, north is up.", size=12, anchor="start")  # fmt: skip
