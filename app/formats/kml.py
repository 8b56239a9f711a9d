"""KML 2.2 (OGC 07-147r2) for maps on telephones: what bars a corridor is in its name and its colour."""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, SubElement

import orjson

from app.formats.saying import Said, stale
from app.formats.shapes import parts
from app.formats.writer import About, Feature
from app.formats.xml_text import HEAD, below, written

_OPEN = '<kml xmlns="http://www.opengis.net/kml/2.2">\n<Document>\n'
_COLOURS = {"barred": "ff1400c8", "passable": "ff2e7d00", "site": "ff8c4600"}
"""Alpha, blue, green, red. A name says the same as its colour."""
_WIDTHS = {"barred": "3", "passable": "6", "site": "3"}


class Kml:
    """Writes placemarks, each with its shape, in words and as data."""

    def __init__(self, about: About) -> None:
        self._about = about

    def begin(self) -> bytes:
        """Say what this is and when it was read, and how barred and passable corridors look."""
        head = Element("head")
        below(head, "name", f"{self._about.title}, read {self._about.read_at:%Y-%m-%d %H:%M} UTC")
        below(head, "open", "1")
        below(head, "description", "\n".join([self._about.description, *stale(self._about)]))
        styles = (_style(name) for name in _COLOURS)
        return (HEAD + _OPEN).encode() + b"".join(written(each) for each in (*head, *styles))

    def add(self, feature: Feature) -> bytes:
        """Give the placemark of a feature."""
        said = Said(self._about, feature)
        mark = Element("Placemark", id=f"f-{feature['id']}")
        below(mark, "name", said.name)
        below(mark, "Snippet", said.short, maxLines="2")
        below(mark, "description", said.long)
        below(mark, "styleUrl", f"#{_look(said)}")
        _add_data(mark, feature, self._about)
        _add_shape(mark, list(parts(feature["geometry"])))
        return written(mark)

    def end(self) -> Iterator[bytes]:
        """Close the document."""
        yield b"</Document>\n</kml>\n"

    def close(self) -> None:
        """Hold nothing."""


def _look(said: Said) -> str:
    if said.advice is None:
        return "site"
    return "barred" if said.is_barred else "passable"


def _style(name: str) -> Element:
    style = Element("Style", id=name)
    below(SubElement(style, "IconStyle"), "color", _COLOURS[name])
    line = SubElement(style, "LineStyle")
    below(line, "color", _COLOURS[name])
    below(line, "width", _WIDTHS[name])
    area = SubElement(style, "PolyStyle")
    below(area, "color", "40" + _COLOURS[name][2:])
    return style


def _add_data(mark: Element, feature: Feature, about: About) -> None:
    data = SubElement(mark, "ExtendedData")
    shown = {**feature["properties"], "id": feature["id"]}
    for column in about.columns:
        value = shown.get(column.name)
        if value is not None:
            below(below(data, "Data", name=column.name), "value", _text(value))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _add_shape(mark: Element, shapes: list[tuple[str, Any]]) -> None:
    to = mark if len(shapes) == 1 else SubElement(mark, "MultiGeometry") if shapes else mark
    for kind, coordinates in shapes:
        match kind:
            case "Point":
                _place(SubElement(to, "Point"), [coordinates])
            case "LineString":
                _add_line(SubElement(to, "LineString"), coordinates)
            case _:
                _add_area(SubElement(to, "Polygon"), coordinates)


def _add_line(line: Element, coordinates: Any) -> None:
    below(line, "tessellate", "1")
    _place(line, coordinates)


def _add_area(area: Element, rings: Any) -> None:
    below(area, "tessellate", "1")
    for number, ring in enumerate(rings):
        boundary = SubElement(area, "innerBoundaryIs" if number else "outerBoundaryIs")
        _place(SubElement(boundary, "LinearRing"), ring)


def _place(shape: Element, positions: Any) -> None:
    coordinates = SubElement(shape, "coordinates")
    coordinates.text = " ".join(f"{each[0]!r},{each[1]!r}" for each in positions)
