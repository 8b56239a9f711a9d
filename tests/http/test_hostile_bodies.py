"""Whatever body is sent to a served worker: refused at once, nothing stored, and it goes on."""

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from httpx2 import Response

from tests.databases import lend
from tests.http.hostile import Body, Route, routes
from tests.http.places.test_bad_geometry import OUTLINE, polygon
from tests.http.served import Served, given_served
from tests.http.test_bad_input import problem_of
from tests.http.test_matrix import BODIES, Stage, given_stage
from tests.http.world import read

_AT_MOST_S = 2.0
"""So long an answer may take, whatever is sent."""


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(name, marks=pytest.mark.xdist_group(f"hostile bodies {name}"))
        for name in ("sqlite", "postgresql")
    ],
)
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """Lend a served worker, the same to all tests here."""
    folder = tmp_path_factory.mktemp(f"hostile-{request.param}")
    with lend(request.param, folder) as database, given_served(database, folder) as served:
        yield served


@pytest.fixture
def sender(served: Served) -> "Sender":
    """Lend the stage of the matrix, whose operation has an area, to whoever sends."""
    stage = given_stage(served.world)
    voice = served.world.by("administrator")
    address = stage.address("/v1/operations/{operation_id}")
    tag = voice.get(address).headers["ETag"]
    read(voice.call("PATCH", address, {"area": polygon(OUTLINE)}, if_match=tag), 200)
    return Sender(served=served, stage=stage, routes=routes(stage))


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Sends to one worker, and looks at each answer and at what came of it.

    Attributes:
        routes: all that take a body.
    """

    served: Served
    stage: Stage
    routes: list[Route]

    def refused(self, route: Route, sent: Iterable[Body]) -> list[Any]:
        """Send what nothing may come of; give the problem documents of the answers."""
        headers, before = route.headers(self.stage), self.served.stored()
        found = [self._refused(route, body, headers) for body in sent]
        assert self.served.stored() == before, route.template
        return found

    def taken(self, route: Route, content: Any) -> None:
        """Send what is right: so it was for the bodies alone that the others were refused."""
        body = Body(name=f"{content!r:.300}", content=json.dumps(content).encode())
        answer = self._answer(route, body, route.headers(self.stage))
        assert answer.is_success, (route.template, body.name, answer.text)

    def _refused(self, route: Route, body: Body, headers: dict[str, str]) -> Any:
        began = time.monotonic()
        answer = self._answer(route, body, headers)
        took = time.monotonic() - began
        try:
            assert took < _AT_MOST_S
            return problem_of(answer)
        except AssertionError as error:
            error.add_note(f"{route.method} {route.template}: {body.name}")
            raise

    def _answer(self, route: Route, body: Body, headers: dict[str, str]) -> Response:
        """Send a body to the process that was started, and see that it is still there."""
        address, worker = self.stage.address(route.template), self.served.service.process_id
        answer = self.stage.world.client.request(
            route.method, address, content=body.content, headers=headers | body.headers
        )
        assert self.served.service.runs
        assert self.served.service.process_id == worker
        return answer


def test_no_route_takes_a_hostile_body(sender: Sender) -> None:
    right = BODIES | {("POST", "/v1/corridors/{corridor_id}/status-changes"): _planned}
    for route in sender.routes:
        assert len(sender.refused(route, route.bodies(sender.stage))) > 50
        sender.taken(route, right[(route.method, route.template)](sender.stage))
    _goes_on(sender.served)


def _planned(stage: Stage) -> dict[str, Any]:
    """Let the corridor live on, since other tests change it."""
    return {"to": "planned", "reason": "as_the_record_shows"}


def test_no_member_for_places_takes_a_hostile_shape(sender: Sender) -> None:
    found = [(route, member) for route in sender.routes for member in route.places]
    assert {member for _, member in found} == {"geometry", "area"}
    for route, member in found:
        assert len(sender.refused(route, route.shapes(sender.stage, member))) > 30
    _goes_on(sender.served)


def test_swapped_coordinates_are_named_by_the_area_of_the_operation(sender: Sender) -> None:
    found = [
        (route, member)
        for route in sender.routes
        for member in route.places
        if "operations" not in route.template
    ]
    assert found
    for route, member in found:
        [problem] = sender.refused(route, [route.swapped(sender.stage, member)])
        [error] = problem["errors"]
        assert error["pointer"] == f"/{member}"
        assert "swapped it would lie inside" in error["message"]


def test_the_largest_shapes_are_taken(sender: Sender) -> None:
    for route in sender.routes:
        for member in route.places:
            for content in route.largest(sender.stage, member):
                sender.taken(route, content)
    _goes_on(sender.served)


def _goes_on(served: Served) -> None:
    """See that the worker is ready for more, and nothing broke in it after an answer."""
    assert served.world.by("anonymous").get("/readyz").status_code == 200
    assert "Traceback" not in served.service.log.read_text(errors="replace")
