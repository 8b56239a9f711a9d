"""GPX 1.1 for satellite receivers: places are waypoints, ways are tracks.

A track is shown as it is drawn. A route (`rte`) is not used: receivers find a way of their own between
its points. An area is the track of its boundary. What has no place is a track without points, so
that its name is there.
"""

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import Any
from xml.etree.ElementTree import Element

from app.formats.saying import Said, stale
from app.formats.shapes import parts
from app.formats.writer import About, Feature
from app.formats.xml_text import HEAD, below, written

_OPEN = '<gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1" creator="Safe Passage">\n'
_IN_MEMORY = 4 * 2**20
"""Tracks come after all waypoints; what is longer waits in a file without a name."""
_CHUNK = 256 * 1024
_EASTMOST = 179.999999999
"""The schema has no 180; -180 would take a track around the world."""


class Gpx:
    """Writes waypoints as they come, and tracks after them."""

    def __init__(self, about: About) -> None:
        self._about = about
        self._tracks = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed in `close`

    def begin(self) -> bytes:
        """Say what this is and when it was read."""
        about = self._about
        head = Element("metadata")
        below(head, "name", f"{about.title}, read {about.read_at:%Y-%m-%d %H:%M} UTC")
        below(head, "desc", "\n".join([about.description, *stale(about)]))
        below(head, "time", self._read_at)
        return (HEAD + _OPEN).encode() + written(head)

    def add(self, feature: Feature) -> bytes:
        """Give the waypoints of a feature, and lay its tracks aside."""
        said = Said(self._about, feature)
        shapes = list(parts(feature["geometry"]))
        lines = [line for kind, shape in shapes for line in _lines(kind, shape)]
        if lines or not shapes:
            self._tracks.write(_track(said, lines))
        points = (self._waypoint(said, shape) for kind, shape in shapes if kind == "Point")
        return b"".join(map(written, points))

    def end(self) -> Iterator[bytes]:
        """Give the tracks and close the document."""
        self._tracks.seek(0)
        while piece := self._tracks.read(_CHUNK):
            yield piece
        yield b"</gpx>\n"

    def close(self) -> None:
        """Let go of the tracks."""
        self._tracks.close()

    @property
    def _read_at(self) -> str:
        return f"{self._about.read_at:%Y-%m-%dT%H:%M:%SZ}"

    def _waypoint(self, said: Said, position: Any) -> Element:
        waypoint = Element("wpt", _at(position))
        below(waypoint, "time", self._read_at)
        _say(waypoint, said)
        return waypoint


def _track(said: Said, lines: list[Any]) -> bytes:
    """Write a track; its points, which are numbers only, take a tenth of the time as text."""
    track = Element("trk")
    _say(track, said)
    head = written(track).removesuffix(b"</trk>\n")
    segments = (f"<trkseg>{''.join(map(_point, line))}</trkseg>" for line in lines)
    return head + "".join(segments).encode() + b"</trk>\n"


def _point(position: Any) -> str:
    return f'<trkpt lat="{position[1]:.9f}" lon="{min(position[0], _EASTMOST):.9f}"/>'


def _say(element: Element, said: Said) -> None:
    below(element, "name", said.name)
    below(element, "cmt", said.short)
    below(element, "desc", said.long)
    below(element, "src", f"Safe Passage {said.feature['id']}")
    below(element, "type", "do not move" if said.is_barred else said.about.collection)


def _lines(kind: str, coordinates: Any) -> list[Any]:
    match kind:
        case "LineString":
            return [coordinates]
        case "Polygon":
            return list(coordinates)
        case _:
            return []


def _at(position: Any) -> dict[str, str]:
    return {"lat": f"{position[1]:.9f}", "lon": f"{min(position[0], _EASTMOST):.9f}"}
