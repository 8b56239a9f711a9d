"""The area of an operation: a polygon in OGC CRS84, checked and never repaired."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.domain.geometry import shape
from app.domain.geometry.reading import Read, read_area
from app.http.geometry import reader


class Area(BaseModel):
    """A GeoJSON Polygon in OGC CRS84: longitude, then latitude, in degrees."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "type": "Polygon",
                    "coordinates": [
                        [[34.9, 46.5], [38.1, 46.5], [38.1, 48.0], [34.9, 48.0], [34.9, 46.5]]
                    ],
                }
            ]
        },
    )

    type: Literal["Polygon"]
    coordinates: list[list[tuple[float, float]]] = Field(
        description="rings, the outline first and then its holes; each closed"
    )


def _read_polygon(value: Any) -> Read[shape.Area]:
    return read_area(value, multi=False)


AreaIn = Annotated[Read[shape.Area], reader(_read_polygon, Area)]
"""An area from a body, checked, with what was changed about it."""
