"""What is sent to each route that takes a body, as the description of the API has it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import cos, pi, sin
from typing import Any

from app.domain.policy import shape
from tests.http.places import test_bad_geometry as geometry
from tests.http.places.given import AZOVSTAL, ROUTE
from tests.http.test_bad_input import (
    LARGE,
    NO_OBJECT,
    OTHER_TYPES,
    TO_REACH_SOMEBODY,
    UNREADABLE,
    WRONG,
    bodies,
    members,
    resolved,
    version,
    who_may,
)
from tests.http.test_matrix import EXPECTED, Stage


def _star(count: int) -> list[list[float]]:
    """Give a ring of so many positions and one, whose edges go in and out."""
    steps = [(2 * pi * at / count, 1 - at % 2 * 0.3) for at in range(count)]
    ring = [[36.5 + 0.5 * far * cos(turn), 47.2 + 0.4 * far * sin(turn)] for turn, far in steps]
    return [*ring, ring[0]]


def _squares(count: int) -> Iterator[list[list[float]]]:
    """Give the outline of the operation's area, and in it so many squares without one as holes."""
    yield geometry.OUTLINE
    for at in range(count - 1):
        x, y = 35 + at % 40 * 0.07, 46.6 + at // 40 * 0.05
        yield [[x, y], [x + 0.01, y], [x + 0.01, y + 0.01], [x, y + 0.01], [x, y]]


_TEMPLATES = {(method, shape(path)): path for method, path in EXPECTED}
_SHAPES: Mapping[str, dict[str, tuple[Any, str]]] = {
    "Point": geometry.POINTS,
    "LineString": geometry.LINES,
    "Polygon": geometry.AREAS,
}
_MILLION = '{"type":"LineString","coordinates":[' + "[37.5,47.1]," * 1_000_000 + "[37,47]]}"
_SWAPPED: Mapping[str, Any] = {
    "Point": geometry.point(*AZOVSTAL["coordinates"][::-1]),
    "LineString": geometry.line(*(position[::-1] for position in ROUTE["coordinates"])),
    "Polygon": geometry.polygon([position[::-1] for position in geometry.WORKS]),
}
"""Shapes that would lie in the operation's area, were they not written latitude first."""
_LARGEST: Mapping[str, list[Any]] = {
    "Point": [AZOVSTAL],
    "LineString": [
        geometry.line(*geometry.winding(10_000)),
        geometry.line(*([37.5 - at * 0.00001, 47 + at % 2 * 0.008] for at in range(10_000))),
    ],
    "Polygon": [geometry.polygon(_star(9_998)), geometry.polygon(*_squares(1_000))],
}
"""Shapes of as many positions as may be, most of them beside each other, and of as many rings."""


@dataclass(frozen=True, kw_only=True)
class Body:
    """Bytes that are sent, and how they are called where that goes wrong."""

    name: str
    content: bytes | Iterator[bytes]
    type: str = "application/json"
    encoding: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """What is said of them."""
        said = {"Content-Type": self.type}
        return said | ({"Content-Encoding": self.encoding} if self.encoding else {})


@dataclass(frozen=True, kw_only=True)
class Route:
    """A route that takes a body."""

    method: str
    template: str
    schema: Mapping[str, Any]
    schemas: dict[str, Any]

    @property
    def places(self) -> Mapping[str, str]:
        """By the name of a member that takes a shape: the first type of shape that it takes."""
        found = {name: self._shape(one) for name, one in self.schema["properties"].items()}
        return {name: kind for name, kind in found.items() if kind is not None}

    def _shape(self, member: Mapping[str, Any]) -> str | None:
        options = [resolved(each, self.schemas) for each in member.get("anyOf", [member])]
        kinds = [each.get("properties", {}).get("type", {}).get("const") for each in options]
        return next((kind for kind in kinds if kind in _SHAPES), None)

    def headers(self, stage: Stage) -> dict[str, str]:
        """Give the headers of somebody who may do what the route does, on the present version."""
        token = stage.world.tokens[who_may(self.method, self.template)]
        tags = version(stage, self.method, self.template)
        named = {name.replace("_", "-"): value for name, value in tags.items()}
        return {"Authorization": f"Bearer {token}"} | named

    def bodies(self, stage: Stage) -> Iterator[Body]:
        """Give bodies that no route may take."""
        for name, raw in (UNREADABLE | NO_OBJECT).items():
            yield Body(name=name, content=raw)
        yield Body(name="more than 2 MiB", content=LARGE)
        yield Body(name="more than 2 MiB, in pieces", content=_pieces(LARGE))
        right = bodies(stage, self.method, self.template)
        raw = json.dumps(right).encode()
        for kind in OTHER_TYPES:
            yield Body(name=f"the type {kind}", content=raw, type=kind)
        yield Body(name="packed", content=raw, encoding="gzip")
        for pointer, kind, put in members(dict(self.schema), self.schemas):
            for value in WRONG[kind]:
                if pointer == "/contact_channel" and value in TO_REACH_SOMEBODY:
                    continue  # a duty desk's own field
                wrong = json.dumps(right | put(value)).encode()
                yield Body(name=f"{pointer} as {value!r:.60}", content=wrong)

    def shapes(self, stage: Stage, member: str) -> Iterator[Body]:
        """Give bodies with a shape that no member for places may take."""
        right = bodies(stage, self.method, self.template)
        text = json.dumps(right | {member: "HERE"})
        kind = self.places[member]
        read = {
            name: json.dumps(one) for name, (one, _) in (geometry.OF_ALL | _SHAPES[kind]).items()
        }
        read["a million positions"] = _MILLION
        for name, written in (read | geometry.UNREADABLE).items():
            yield Body(name=f"{member}: {name}", content=text.replace('"HERE"', written).encode())

    def largest(self, stage: Stage, member: str) -> Iterator[dict[str, Any]]:
        """Give right bodies with the largest shapes that are taken, wherever they lie."""
        more: dict[str, Any] = {}
        if "override" in self.schema["properties"]:
            more["override"] = {"reason": "The area of the operation is to be drawn anew."}
        for drawn in _LARGEST[self.places[member]]:
            yield bodies(stage, self.method, self.template) | more | {member: drawn}

    def swapped(self, stage: Stage, member: str) -> Body:
        """Give a body with a shape in the operation's area, but latitude first."""
        right = bodies(stage, self.method, self.template)
        body = right | {member: _SWAPPED[self.places[member]]}
        return Body(name=f"{member}: swapped", content=json.dumps(body).encode())


def routes(stage: Stage) -> list[Route]:
    """Give every route whose description has a body."""
    document = stage.world.by("anonymous").read("/openapi.json")
    schemas: dict[str, Any] = document["components"]["schemas"]
    found = []
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            if "requestBody" not in told:
                continue
            template = _TEMPLATES[(method.upper(), shape(path))]
            (schema, *_) = (each["schema"] for each in told["requestBody"]["content"].values())
            whole = resolved(schema, schemas)
            found.append(
                Route(method=method.upper(), template=template, schema=whole, schemas=schemas)
            )
    return found


def _pieces(content: bytes) -> Iterator[bytes]:
    for at in range(0, len(content), 65_536):
        yield content[at : at + 65_536]
