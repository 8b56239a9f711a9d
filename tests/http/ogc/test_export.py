"""What happens while a file is sent: others write, rights end, the database fails, memory is bounded."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from http.client import HTTPConnection, IncompleteRead
from pathlib import Path
from time import sleep
from typing import Any
from uuid import uuid4

import pytest
import uvicorn

from app.disclosure import reading
from app.disclosure.answers import as_feature
from app.disclosure.reading import Found
from app.http import streamed
from app.http.streamed import AT_ONCE, OF_ONE_READER
from app.ledger.reading import Reading
from app.log import export
from app.log.keeper import turn
from app.log.keys import Files
from app.log.signing import Desk
from app.main import create_app
from app.ogc import files
from app.settings import Settings
from tests.http.ogc.files import FOR_DEVICES, FORMS, rows, shapes
from tests.http.places.given import Way, given_open, given_site, lead_elsewhere
from tests.http.world import Voice, World, read
from tests.http.worlds import Worlds

SITES, CORRIDORS = "/ogc/collections/sites/items", "/ogc/collections/corridors/items"
WEST, NUMBER = 61.0, 6


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files be read in pages of two."""
    monkeypatch.setattr(files, "PAGE", 2)


@pytest.fixture
def south(world: World) -> float:
    """Lend a latitude at which nothing else is."""
    world.kept["export south"] = world.kept.get("export south", -30.0) - 0.5
    return float(world.kept["export south"])


@pytest.fixture
def sites(world: World, south: float) -> list[str]:
    """Lend sites along it, by their ids."""
    return sorted(
        given_site(world, name=f"Site {n}", geometry=at(n, south), sensitivity="low")
        for n in range(NUMBER)
    )


def at(number: int, south: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [WEST + number / 10, south]}


def box(south: float) -> dict[str, str]:
    return {"bbox": f"{WEST - 1},{south - 0.1},{WEST + 1},{south + 0.1}"}


def change(world: World, id: str, **body: Any) -> None:
    voice, path = world.by("ocha"), f"/v1/sites/{id}"
    tag = voice.get(path).headers["ETag"]
    read(voice.call("PATCH", path, body, if_match=tag), 200)


@pytest.fixture
def before_page(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, Callable[[], None]], list[int]]:
    """Let something be done right before a page of a file is read, and count the pages."""
    read_page = files._Export._page
    pages: list[int] = []

    def do(number: int, action: Callable[[], None]) -> list[int]:
        def page(export: Any, last: Found) -> Any:
            pages.append(len(pages) + 2)
            if pages[-1] == number:
                action()
            return read_page(export, last)

        monkeypatch.setattr(files._Export, "_page", page)
        return pages

    return do


def test_an_edit_in_the_middle_neither_doubles_nor_drops(
    world: World, sites: list[str], south: float, before_page: Any
) -> None:
    def write() -> None:
        change(world, sites[0], name="Shown already")
        change(world, sites[4], name="Not shown yet")
        change(world, sites[5], geometry=at(5, south + 5))
        outside = given_site(world, geometry=at(3, south + 5), sensitivity="low")
        change(world, outside, geometry=at(3, south))
        given_site(world, name="New", geometry=at(4, south), sensitivity="low")

    pages = before_page(2, write)
    answer = world.by("anonymous").get(SITES, f="csv", **box(south))
    assert pages == [2, 3]
    found = rows(answer.content)
    assert [row["id"] for row in found] == sites
    assert {row["name"] for row in found} == {f"Site {n}" for n in range(NUMBER)}
    again = world.by("anonymous").call(
        "GET", SITES, params={"f": "csv", **box(south)}, if_none_match=answer.headers["ETag"]
    )
    assert again.status_code == 200
    assert {"Not shown yet", "New"} <= {row["name"] for row in rows(again.content)}


@pytest.mark.parametrize("form", ["geojsonl", "csv", "gpkg"])
def test_what_may_no_longer_be_seen_leaves_at_once(
    world: World, sites: list[str], south: float, before_page: Any, form: str
) -> None:
    before_page(2, lambda: change(world, sites[4], sensitivity="severe"))
    content = world.by("anonymous").get(SITES, f=form, **box(south)).content
    assert shapes(form, content).keys() == set(sites) - {sites[4]}


def test_what_is_released_in_the_middle_is_not_half_of_it(
    world: World, sites: list[str], south: float, before_page: Any
) -> None:
    hidden = given_site(world, name="Hidden", geometry=at(2, south), sensitivity="high")
    before_page(2, lambda: change(world, hidden, sensitivity="low"))
    content = world.by("anonymous").get(SITES, f="csv", **box(south)).content
    assert {row["id"] for row in rows(content)} - {hidden} == set(sites)
    assert hidden in world.by("anonymous").get(SITES, f="csv", **box(south)).text


@pytest.mark.parametrize("form", FOR_DEVICES)
@pytest.mark.parametrize("change", ["stop", "another way"])
def test_a_stop_in_the_middle_is_told(
    world: World, before_page: Any, form: str, change: str
) -> None:
    """Nor is the way that was left for another shown as open, since the other one is."""
    name, way = given_on_a_later_page(world)
    stop = way.stop

    def act() -> None:
        if change == "stop":
            read(stop(sources=[world.source()]), 201)
        else:
            lead_elsewhere(way)

    before_page(2, act)
    content = world.by("ocha").get(CORRIDORS, f=form).text
    assert f"DO NOT MOVE: {name}<" in content


def given_on_a_later_page(world: World) -> tuple[str, Way]:
    """Open a corridor that is not on the first page, and give its name too."""
    name = f"Way {uuid4().hex}"
    way = given_open(world, sensitivity="low", name=name)
    while len(ids := list(shapes("csv", world.by("ocha").get(CORRIDORS, f="csv").content))) < 3:
        given_open(world, sensitivity="low")
    while ids.index(way.id) < 2:
        name = f"Way {uuid4().hex}"
        way = given_open(world, sensitivity="low", name=name)
        ids = list(shapes("csv", world.by("ocha").get(CORRIDORS, f="csv").content))
    return name, way


def without_pin(question: Any, **changes: Any) -> Any:
    """Plant a fault: each page shows the state of its own time."""
    return replace(question, **changes | ({"pin": None} if "pin" in changes else {}))


def with_old_bars(question: Any, **changes: Any) -> Any:
    """Plant a fault: what bars a corridor is told as it was known when the file was begun."""
    if "after" in changes:
        then = Reading(as_of=question.pin, known_at=question.pin)
        return replace(question, pin=None, reading=then, **changes)
    return replace(question, **changes)


def test_pages_that_do_not_belong_together_are_found_out(
    world: World,
    sites: list[str],
    south: float,
    before_page: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(files, "replace", without_pin)
    with pytest.raises(AssertionError):
        test_an_edit_in_the_middle_neither_doubles_nor_drops(world, sites, south, before_page)


def test_bars_of_the_time_when_a_file_was_begun_are_found_out(
    world: World, before_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "replace", with_old_bars)
    with pytest.raises(AssertionError):
        test_a_stop_in_the_middle_is_told(world, before_page, "kml", "stop")


class Fault(Exception):
    """Something broke."""


def broken() -> None:
    raise Fault


@pytest.fixture(params=("sqlite", "postgresql"))
def listening(
    request: pytest.FixtureRequest, worlds: Worlds, tmp_path: Path
) -> Iterator[tuple[World, int]]:
    """Lend a world that is served on a port, with sites."""
    world = worlds.lend(request.param, "listening")
    for number in range(world.kept.get("there", 0), NUMBER):
        given_site(world, geometry=at(number, -60.0), sensitivity="low")
        world.kept["there"] = NUMBER
    with served(world, tmp_path) as port:
        yield world, port


@contextmanager
def served(world: World, folder: Path) -> Iterator[int]:
    settings = Settings(
        data_dir=folder,
        database_url=world.database.url,
        migration_database_url=world.database.migration_url,
        pool_size=3,
        log_signs=False,
    )
    config = uvicorn.Config(create_app(settings), port=0, log_config=None, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            sleep(0.01)
        yield int(server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()


def signed(voice: Voice) -> dict[str, str]:
    return {"Authorization": f"Bearer {voice.token}"} if voice.token else {}


@contextmanager
def asked(port: int, voice: Voice, path: str) -> Iterator[Any]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers=signed(voice))
        yield connection.getresponse()
    finally:
        connection.close()


@pytest.mark.parametrize("form", ["geojsonl", "csv", "kml", "gpx"])
def test_a_fault_in_the_middle_is_no_whole_file(
    listening: tuple[World, int], before_page: Any, form: str
) -> None:
    world, port = listening
    before_page(3, broken)
    with asked(port, world.by("ocha"), f"{SITES}?f={form}") as answer:
        assert answer.status == 200
        with pytest.raises(IncompleteRead):
            answer.read()


def test_a_fault_before_anything_is_sent_is_answered(
    listening: tuple[World, int], before_page: Any
) -> None:
    """A GeoPackage is whole before its first byte goes."""
    world, port = listening
    before_page(3, broken)
    with asked(port, world.by("ocha"), f"{SITES}?f=gpkg") as answer:
        assert answer.status == 500
        assert answer.headers["content-type"] == "application/problem+json"


def test_rights_that_end_in_the_middle_end_the_file(
    listening: tuple[World, int], before_page: Any
) -> None:
    world, port = listening
    id = world.token("short-lived", "UN OCHA", "coordinator", "desk", operations=["mariupol-2022"])

    def revoke() -> None:
        assert world.by("administrator").call("DELETE", f"/v1/tokens/{id}").status_code == 204

    before_page(3, revoke)
    with asked(port, world.by("short-lived"), f"{SITES}?f=csv") as answer:
        assert answer.status == 200
        with pytest.raises(IncompleteRead):
            answer.read()


@contextmanager
def left_unread(port: int, world: World, readers: list[str]) -> Iterator[list[HTTPConnection]]:
    """Begin a file for each reader, and read none of it."""
    opened: list[HTTPConnection] = []
    try:
        for reader in readers:
            connection = HTTPConnection("127.0.0.1", port, timeout=30)
            opened.append(connection)
            path = f"{SITES}?f=geojsonl"
            connection.request("GET", path, headers=signed(world.by(reader)))
            assert connection.getresponse().status == 200
        yield opened
    finally:
        for connection in opened:
            connection.close()


@pytest.fixture
def long_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make files longer than what a connection takes unread."""
    monkeypatch.setattr(files, "_written", lambda writer, found: b"\x1e{}\n" * 2_000_000)


EIGHT = ["ocha"] * OF_ONE_READER + ["icrc"] * (AT_ONCE - OF_ONE_READER)


@pytest.mark.usefixtures("long_files")
def test_a_client_that_does_not_read_holds_no_connection(listening: tuple[World, int]) -> None:
    """With three connections, eight files are begun and none is read; others are answered."""
    world, port = listening
    with left_unread(port, world, EIGHT), asked(port, world.by("ocha"), SITES) as answer:
        assert answer.status == 200
        assert answer.read()


def test_nor_does_one_that_reads_no_log(
    listening: tuple[World, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An auditor begins as many exports as there are connections, and takes nothing of them."""
    world, port = listening
    engine = world.database.engine()
    turn(engine, Desk(Files(tmp_path), "log.example"))
    engine.dispose()
    monkeypatch.setattr(export, "_entries", lambda *_: [b"\n" * 8_000_000])
    with ExitStack() as unread:
        for _ in range(3):
            answer = unread.enter_context(asked(port, world.by("auditor"), "/v1/ledger/export"))
            assert answer.status == 200
        with asked(port, world.by("ocha"), SITES) as answer:
            assert answer.status == 200
            assert answer.read()


@pytest.mark.usefixtures("long_files")
@pytest.mark.parametrize(
    ("taken", "reader"),
    [
        (["ocha"] * OF_ONE_READER, "ocha"),
        (["anonymous"] * OF_ONE_READER, "anonymous"),
        (EIGHT, "administrator"),
    ],
)
def test_more_files_at_once_than_a_worker_sends_are_refused(
    listening: tuple[World, int], taken: list[str], reader: str
) -> None:
    world, port = listening
    with left_unread(port, world, taken) as opened:
        with asked(port, world.by(reader), f"{SITES}?f=csv") as refused:
            assert refused.status == 503
            assert refused.headers["Retry-After"]
            assert json.loads(refused.read())["type"] == "/problems/too-many-files"
        opened.pop().close()
        assert soon_sent(port, world.by(reader))


@pytest.mark.usefixtures("long_files")
def test_one_reader_leaves_places_to_others(listening: tuple[World, int]) -> None:
    world, port = listening
    with left_unread(port, world, ["ocha"] * OF_ONE_READER):
        for reader in ("icrc", "anonymous"):
            with asked(port, world.by(reader), f"{SITES}?f=csv") as answer:
                assert answer.status == 200


@pytest.mark.usefixtures("long_files")
def test_a_file_that_takes_too_long_is_no_whole_one(
    listening: tuple[World, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, port = listening
    monkeypatch.setattr(streamed, "MOST_S", 0.5)
    with asked(port, world.by("ocha"), f"{SITES}?f=geojsonl") as answer:
        assert answer.status == 200
        sleep(1.5)
        with pytest.raises((IncompleteRead, ConnectionResetError)):
            answer.read()


def soon_sent(port: int, voice: Voice) -> bool:
    """Tell whether a file is begun within some seconds: a place is given back as its client goes."""
    for _ in range(100):
        with asked(port, voice, f"{SITES}?f=csv") as answer:
            if answer.status == 200:
                return True
        sleep(0.1)
    return False


@pytest.mark.parametrize("form", FORMS)
def test_no_more_than_one_page_is_held(
    world: World, sites: list[str], south: float, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """Whatever the size: a page is let go of before the next one is read."""
    sizes: list[int] = []
    held: list[int] = []
    find = reading.find

    def counted(*given: Any, **more: Any) -> Any:
        found = find(*given, **more)
        sizes.append(len(found))
        return found

    def written(writer: Any, found: Any) -> bytes:
        held.append(len(found))
        return b"".join(writer.add(as_feature(one)) for one in found)

    monkeypatch.setattr(reading, "find", counted)
    monkeypatch.setattr(files, "_written", written)
    assert world.by("ocha").get(SITES, f=form, **box(south)).status_code == 200
    assert held == [2, 2, 2]
    assert sizes == [3, 3, 2]
