"""Tiles read by another's reader (`mapbox-vector-tile`), and places of tiles on the earth."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import asinh, floor, pi, radians, tan
from typing import Any

import mapbox_vector_tile
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from app.domain.tiles.address import Tile


@dataclass(frozen=True)
class Told:
    """A feature of a tile; its geometry in units, to the east and to the south."""

    properties: Mapping[str, Any]
    geometry: BaseGeometry


def decoded(content: bytes, layer: str) -> dict[str, Told]:
    """Give the features of a layer by their ids, of which none comes twice."""
    whole = decoded_layers(content)
    return whole.get(layer, {})


def decoded_layers(content: bytes) -> dict[str, dict[str, Told]]:
    """Give the features of all layers; those without an id are numbered."""
    layers = mapbox_vector_tile.decode(content, default_options={"y_coord_down": True})
    found: dict[str, dict[str, Told]] = {}
    for name, layer in layers.items():
        assert layer["version"] == 2
        assert layer["extent"] == 4096
        told = [Told(each["properties"], shape(each["geometry"])) for each in layer["features"]]
        found[name] = {
            str(each.properties.get("id", number)): each for number, each in enumerate(told)
        }
        assert len(found[name]) == len(told)
    return found


def tile_at(longitude: float, latitude: float, zoom: int) -> Tile:
    """Give the tile in which a place lies."""
    many = 1 << zoom
    across = (longitude + 180) / 360
    down = (1 - asinh(tan(radians(latitude))) / pi) / 2
    row, column = (max(0, min(floor(at * many), many - 1)) for at in (down, across))
    return Tile(zoom, row, column)


def in_units(geometry: BaseGeometry, tile: Tile) -> BaseGeometry:
    """Give a geometry of degrees, made dense, in units of a tile; away from the poles."""
    west, _, _, north = tile.sides
    radius = 6_378_137.0

    def turned(positions: Any) -> Any:
        return [
            (
                (radius * radians(x) - west) / tile.unit_m,
                (north - radius * asinh(tan(radians(y)))) / tile.unit_m,
            )
            for x, y in positions
        ]

    return shapely.transform(geometry, turned)


def off(one: BaseGeometry, other: BaseGeometry) -> float:
    """Tell how far apart two geometries are where they are farthest."""
    return float(shapely.hausdorff_distance(one, other, densify=0.05))
