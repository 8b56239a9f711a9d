"""Corridors, agreements and sites changed at the same time: safety wins, and nobody gets stuck."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import cast
from uuid import UUID

import pytest
from httpx2 import Client, Response
from starlette.testclient import TestClient

from tests.concurrency.careless import program
from tests.databases import Database
from tests.http.agreements.case import Case, confirm_all
from tests.http.places.given import Way, given_open
from tests.http.world import Voice, World, given_world, read
from tests.servers import PASSAGE, running_service
from tests.store.anew import changed_when_made_anew

_ROUNDS = 40

Ask = Callable[[Voice], Response]
"""One request, by a connection of its own."""


def test_a_withdrawal_and_an_opening_never_both_win(database: Database, tmp_path: Path) -> None:
    with _served(database, tmp_path) as way:
        for _ in range(_ROUNDS):
            _withdraw_while_it_opens(way)
            assert _is_safe(way)
            read(way.case.confirm("mod"), 201)
        _check_rows(way, way.read()["to_site"])


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_service_that_locks_no_agreement_is_found_out(database: Database, tmp_path: Path) -> None:
    with _served(database, tmp_path, program=program("lock-nothing")) as way:
        found = []
        for _ in range(10):
            _withdraw_while_it_opens(way)
            found.append(_is_safe(way))
            way.stop()
            read(way.case.confirm("mod"), 201)
        assert not all(found)


def test_route_agreement_and_site_change_at_once_and_nobody_gets_stuck(
    database: Database, tmp_path: Path
) -> None:
    with _served(database, tmp_path) as way:
        site = f"/v1/sites/{way.read()['to_site']}"
        for number in range(_ROUNDS):
            answers = _change_all(way, site, number)
            edited, stopped, moved = (answer.status_code for answer in answers)
            assert edited in {200, 412}, answers[0].text
            assert (stopped, moved) == (201, 200), [answer.text for answer in answers]
            assert (way.read()["status"], way.case.read()["status"]) == ("suspended", "suspended")
            _open_again(way)
        _check_rows(way, site.rsplit("/", 1)[1])


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_service_that_locks_in_another_order_is_found_out(
    database: Database, tmp_path: Path
) -> None:
    with _served(database, tmp_path, program=program("lock-corridors-first")) as way:
        site = f"/v1/sites/{way.read()['to_site']}"
        assert any(_gets_stuck(way, site, number) for number in range(20))


def _gets_stuck(way: Way, site: str, number: int) -> bool:
    """Change all at once while the corridor is open; a stop of what is stopped meets nobody."""
    if way.read()["status"] != "open":
        _open_again(way)
    return any(answer.status_code >= 500 for answer in _change_all(way, site, number))


def _change_all(way: Way, site: str, number: int) -> list[Response]:
    """Change a route, stop its agreement and move the site at its end."""
    tag, site_tag = way.tag(), way.by("ocha").get(site).headers["ETag"]
    width = {"width_m": 100 + number}
    point = {"geometry": {"type": "Point", "coordinates": [35.2 + number / 1000, 47.9]}}
    return _at_once(
        way,
        ("ocha", lambda voice: voice.call("PATCH", way.path, width, if_match=tag)),
        ("icrc", lambda v: v.post(f"{way.case.path}/status-changes", {"to": "suspended"})),
        ("unhcr", lambda voice: voice.call("PATCH", site, point, if_match=site_tag)),
    )


def _withdraw_while_it_opens(way: Way) -> None:
    """Let one side withdraw while a coordinator opens the corridor, suspended till now."""
    if way.read()["status"] != "suspended":
        read(way.stop(), 201)
    tag = way.tag()
    opening = {"to": "open", "reason": "window_begun"}
    withdrawal = {"organisation": "Russian MoD", "position": "withdrawn"}
    opened, withdrawn = _at_once(
        way,
        ("ocha", lambda v: v.call("POST", f"{way.path}/status-changes", opening, if_match=tag)),
        ("mod", lambda v: v.post(f"{way.case.path}/positions", withdrawal)),
    )
    assert withdrawn.status_code == 201, withdrawn.text
    assert opened.status_code in {201, 422}, opened.text


def _is_safe(way: Way) -> bool:
    """Whether the corridor is not open, or whoever looks at it is told not to move."""
    shown = way.read()
    is_barred = bool(shown["do_not_move"]["reasons"]) and not way.read("/readiness")["ready"]
    return shown["status"] != "open" and is_barred


def _open_again(way: Way) -> None:
    confirm_all(way.case)
    read(way.case.to("in_force"), 201)
    read(way.to("open"), 201)


def _at_once(way: Way, *asked: tuple[str, Ask]) -> list[Response]:
    """Send requests at the same time, each in the name of somebody."""
    start = Barrier(len(asked))

    def send(who: str, ask: Ask) -> Response:
        voice = way.by(who)
        with Client(base_url=voice.client.base_url, timeout=60) as client:
            own = replace(voice, client=cast(TestClient, client))
            own.get("/healthz")
            start.wait()
            return ask(own)

    with ThreadPoolExecutor(len(asked)) as threads:
        return list(threads.map(lambda one: send(*one), asked))


@contextmanager
def _served(database: Database, folder: Path, *, program: Sequence[str] = PASSAGE) -> Iterator[Way]:
    """Run the service where a corridor is open, and speak to it over the wire."""
    with given_world(database, folder) as world:
        way = given_open(world)
    with (
        running_service(database, folder, program=program) as service,
        Client(base_url=service.url, timeout=60) as client,
    ):
        wired: World = replace(world, client=cast(TestClient, client))
        yield Way(world=wired, case=Case(world=wired, id=way.case.id), id=way.id)


def _check_rows(way: Way, site: str) -> None:
    """Check that all rows say what the record makes of them, whoever wrote at the same time."""
    engine = way.world.database.engine()
    changed = changed_when_made_anew(engine, site=UUID(site), corridor=UUID(way.id))
    engine.dispose()
    assert list(changed)[:3] == []
