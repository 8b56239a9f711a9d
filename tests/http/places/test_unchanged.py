"""A tag that stays means an answer that stays; and it stays where nothing moved."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from httpx2 import Headers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.caller import Caller, find_caller
from app.corridors import bars
from app.db.session import reading
from app.disclosure import counting, store
from app.disclosure import reading as disclosed
from app.disclosure.mark import Mark, _Asked, mark, mark_cell
from app.disclosure.reading import Question
from app.disclosure.tables import FOREVER, DisclosedBarRow, DisclosedFeatureRow
from app.disclosure.tiles import draw
from app.domain.geometry.box import read_box
from app.domain.tiles.address import read_tile
from app.domain.tiles.cell import cell_of
from app.ledger.reading import Reading
from app.ogc.collections import COLLECTIONS as COLLECTIONS_OF_OGC
from tests.http.agreements.case import from_now
from tests.http.ogc.files import FOR_DEVICES, FORMS, steady
from tests.http.places.bases import Bases, wishes
from tests.http.places.bases import bases as bases
from tests.http.places.bases import still as still
from tests.http.places.given import Way, given_open, given_site
from tests.http.places.hand import Hand, Scope, Wish
from tests.http.places.hidden import write
from tests.http.places.twins import Twin, given_twin
from tests.http.world import World, read
from tests.http.worlds import Worlds

pytestmark = pytest.mark.usefixtures("made_anew")

READERS = ("anonymous", "ocha", "auditor", "map-client", "mod", "msf", "nrc")
COLLECTIONS = ("sites", "corridors")
TILES = ("6/22/38", "8/89/153", "8/89/154", "10/359/618")
"""A large one, two cells, and one within a cell."""
_EXAMPLES = 6
"""On each of both databases."""
_SOON, _LATELY = timedelta(days=3), timedelta(hours=4)
_feature, _bar = DisclosedFeatureRow.__table__, DisclosedBarRow.__table__

Seen = dict[tuple[Any, ...], bytes]
Marks = dict[tuple[Any, ...], Mark]


def paths(twin: Twin) -> Iterator[tuple[str, dict[str, str]]]:
    """Give what is asked: lists and single places, of now and of other times."""
    then = {"datetime": "2022-04-28T00:00:00Z"}
    known = {"known-at": twin.base.built_at}
    for kind in COLLECTIONS:
        path = f"/ogc/collections/{kind}/items"
        more: Sequence[dict[str, str]] = (
            {},
            then,
            known,
            {"datetime": "2022-04-01T00:00:00Z/.."},
            {"limit": "2"},
            {"filter": "valid_until IS NULL AND name <> 'A'"},
            {"f": "html"},
            *({"f": form} for form in FORMS),
            {"operation": "mariupol-2022"},
        )
        yield from ((path, params) for params in more)
        below = f"/ogc/collections/{kind}/tiles/WebMercatorQuad"
        for tile in TILES:
            yield f"{below}/{tile}", {}
        for params in (then, known, {"datetime": "2022-04-01T00:00:00Z/.."}):
            yield f"{below}/8/89/154", params
        for id in [*getattr(twin.base, kind).values(), *twin.touched[-1:]]:
            yield f"{path}/{id}", {}
            yield f"{path}/{id}", {"f": "gpx"}
            yield f"{path}/{id}/versions", {"known-at": "2022-01-01T00:00:00Z/.."}


def look(twin: Twin, reader: str, seen: Seen) -> None:
    """Ask everything; a tag that was seen before comes with what it came with then."""
    voice = twin.world.by(reader)
    for path, params in paths(twin):
        answer = voice.call("GET", path, params=params)
        if answer.status_code == 404 or _is_refused(reader, params):
            assert answer.status_code in (401, 403, 404)
            continue
        tag, content = answer.headers["ETag"], steady(answer.content)
        assert seen.setdefault((path, *params.items(), tag), content) == content
        had = f'"other", W/{tag.removeprefix("W/")}'
        again = voice.call("GET", path, params=params, if_none_match=had)
        assert (again.status_code, again.content) == (304, b""), path
        assert again.headers["ETag"] == tag
        assert again.headers["Cache-Control"] == "private, no-cache"


def _is_refused(reader: str, params: Mapping[str, str]) -> bool:
    """Tell whether files of this form are not for this reader."""
    return params.get("f") in FOR_DEVICES and reader in ("anonymous", "auditor")


def look_and_sweep(twin: Twin, reader: str, seen: Seen) -> None:
    look(twin, reader, seen)
    sweep(twin, reader)


def sweep(twin: Twin, reader: str) -> None:
    """Look at all instants ahead at which something may change by itself, and beside them."""
    engine = twin.world.database.engine()
    seen: Seen = {}
    marks: Marks = {}
    try:
        with reading(engine) as db:
            who = caller(db, twin.world, reader)
            for now in instants(db):
                for collection in COLLECTIONS:
                    for number, question in enumerate(questions(twin, who, collection, now)):
                        marked, asked = mark(db, question)
                        stands_until_then(marks, (collection, number), marked)
                        page = disclosed.features(db, asked, limit=1000)
                        key = (collection, number, marked.text)
                        text = page.features.encode()
                        assert seen.setdefault(key, text) == text, (now, number, key)
                    for tile in TILES:
                        question = Question(collection=collection, caller=who, now=now)
                        marked = look_at_tile(db, question, tile, seen)
                        stands_until_then(marks, (collection, tile), marked)
    finally:
        engine.dispose()


def stands_until_then(marks: Marks, key: tuple[Any, ...], marked: Mark) -> None:
    """What was told before is the same until the instant that it named."""
    before = marks.get(key)
    marks[key] = marked
    if before is not None and marked.since < before.until:
        assert marked.text == before.text, (key, before.until)


def look_at_tile(db: Session, question: Question, at: str, seen: Seen) -> Mark:
    tile = read_tile(*at.split("/"))
    cell = cell_of(tile)
    marked, asked = mark(db, question) if cell is None else mark_cell(db, question, cell)
    drawn = draw(db, asked, tile, COLLECTIONS_OF_OGC[question.collection].nested)
    key = (question.collection, at, marked.text)
    assert seen.setdefault(key, drawn.content) == drawn.content, (question.now, key)
    return marked


def caller(db: Session, world: World, reader: str) -> Caller:
    found = Caller() if reader == "anonymous" else find_caller(db, world.tokens[reader])
    assert found is not None
    return found


def questions(twin: Twin, who: Caller, collection: str, now: datetime) -> Iterator[Question]:
    """Ask about now and other times, those between the present and what lies ahead too."""
    built = datetime.fromisoformat(twin.base.built_at)
    readings = (
        Reading(),
        Reading(as_of=built),
        Reading(known_at=built),
        Reading(as_of=built + timedelta(hours=5), known_at=built),
        Reading(as_of=built + timedelta(hours=5)),
        Reading(as_of=built, known_at=built + timedelta(hours=1)),
    )
    for asked in readings:
        yield Question(collection=collection, caller=who, now=now, reading=asked)
    yield Question(collection=collection, caller=who, now=now, since=built)
    yield Question(collection=collection, caller=who, now=now, box=read_box("36,46,39,48"))


def instants(db: Session) -> Sequence[datetime]:
    """Give each edge of a row within three days with the instant before it, and now.

    And instants that are over, since a clock can be behind, and a question can have waited.
    """
    now = datetime.now(UTC)
    found: set[datetime] = set()
    for table in (_feature, _bar):
        edges = (column for column in table.c if column.name.endswith(("_from", "_until")))
        for column in edges:
            found |= set(db.execute(select(column).distinct()).scalars())
    near = sorted(at for at in found if now - _LATELY < at < min(now + _SOON, FOREVER))
    return sorted([now, *(each for at in near for each in (at - timedelta.resolution, at))])


@settings(
    max_examples=_EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    reader=st.sampled_from(READERS),
    scope=st.sampled_from(Scope),
    written=st.lists(wishes, min_size=1, max_size=4),
)
def test_a_tag_that_stays_means_an_answer_that_stays(
    still: Twin, bases: Bases, reader: str, scope: Scope, written: list[Wish]
) -> None:
    with given_twin(bases.stock, still.base) as twin:
        seen: Seen = {}
        look(twin, reader, seen)
        for wish in written:
            write(Hand(twin=twin, scope=scope), wish)
            look(twin, reader, seen)
        sweep(twin, reader)


_WINDOWS = [Wish(what="a window", target=0, value=value, when=None) for value in (0, 1, 2, 3)]
_SITES = [Wish(what="a new site", target=0, value=value, when=None) for value in range(4)]
_CELLS = [Wish(what="a site not seen", target=0, value=value, when=None) for value in range(4)]
_RELEASES = [
    Wish(what="a release that lies ahead", target=0, value=value, when=None) for value in range(9)
]


@pytest.mark.parametrize(
    ("fault", "reader", "written"),
    [
        ("bars are not counted", "ocha", _WINDOWS),
        ("boundaries are not kept", "anonymous", _RELEASES),
        ("boundaries are not kept", "ocha", _WINDOWS),
        ("places are not counted", "ocha", _SITES),
        ("only what everybody sees is counted", "ocha", _CELLS),
        ("cells of places are not counted", "ocha", _SITES),
        ("cells of bars are not counted", "ocha", _WINDOWS),
        ("what comes is not told", "ocha", _WINDOWS),
        ("what comes is not told", "anonymous", _RELEASES),
    ],
)
def test_a_service_that_forgets_to_count_is_found_out(
    bases: Bases, monkeypatch: pytest.MonkeyPatch, fault: str, reader: str, written: list[Wish]
) -> None:
    base = bases.get("sqlite").base
    with given_twin(bases.stock, base) as twin:
        seen: Seen = {}
        look(twin, reader, seen)
        plant(monkeypatch, fault)
        for wish in written:
            write(Hand(twin=twin, scope=Scope.PUBLIC), wish)
        with pytest.raises(AssertionError):
            look_and_sweep(twin, reader, seen)


def plant(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    match fault:
        case "bars are not counted":
            monkeypatch.setattr(bars, "bars_changed", lambda *_, **__: None)
        case "boundaries are not kept":
            monkeypatch.setattr(counting, "boundaries", lambda *_: set())
        case "places are not counted":
            monkeypatch.setattr(counting, "saw_change", lambda *_, **__: None)
        case "cells of places are not counted":
            monkeypatch.setattr(store, "_cells", lambda *_: set())
        case "what comes is not told":
            marked = _Asked.marked
            monkeypatch.setattr(
                _Asked,
                "marked",
                lambda self, changes, moved_at, _, now: marked(self, changes, moved_at, None, now),
            )
        case "cells of bars are not counted":
            monkeypatch.setattr(counting, "cells_of", lambda _: frozenset())
        case _:
            counted = counting.saw_change
            monkeypatch.setattr(
                counting,
                "saw_change",
                lambda db, operation, place, _, *, at: counted(db, operation, place, {}, at=at),
            )


def test_a_release_moves_the_tag_when_it_comes_and_not_before(still: Twin, bases: Bases) -> None:
    with given_twin(bases.stock, still.base) as twin:
        world, path = twin.world, "/ogc/collections/sites/items"
        before = world.by("anonymous").get(path)
        ahead = from_now(hours=2)
        given_site(world, name="Later", sensitivity="high", release_at=ahead)
        after = world.by("anonymous").get(path)
        assert (after.headers["ETag"], after.content) == (before.headers["ETag"], before.content)
        assert world.by("ocha").get(path).content != before.content
        engine = world.database.engine()
        with reading(engine) as db:
            comes = datetime.fromisoformat(ahead)
            at = (
                datetime.now(UTC),
                comes - timedelta.resolution,
                comes,
                comes + timedelta(minutes=1),
            )
            asked = [Question(collection="sites", caller=Caller(), now=now) for now in at]
            marked = [mark(db, each) for each in asked]
            shown = [disclosed.features(db, each, limit=100).features for _, each in marked]
            now, just_before, then, later = (each.text for each, _ in marked)
        engine.dispose()
        assert (now, then) == (just_before, later)
        assert now != then
        assert ["Later" in text for text in shown] == [False, False, True, True]


def test_what_is_hidden_from_a_reader_moves_its_tags_neither_way(still: Twin, bases: Bases) -> None:
    with given_twin(bases.stock, still.base) as twin:
        world = twin.world
        lists = [f"/ogc/collections/{kind}/items" for kind in COLLECTIONS]
        before, after = looked(world, lists), looked(world, lists, adding="severe")
        moved = {who for who in READERS if before[who] != after[who]}
        assert moved == {"ocha", "auditor", "msf"}


def looked(world: World, paths: Sequence[str], adding: str = "") -> dict[str, list[str]]:
    """Give the tags that each reader gets, once a place of a class was added."""
    if adding:
        given_site(world, name="Hidden", sensitivity=adding)
    return {who: [world.by(who).get(p).headers["ETag"] for p in paths] for who in READERS}


def test_who_reads_with_other_rights_gets_another_tag(still: Twin) -> None:
    path = "/ogc/collections/sites/items"
    told = {who: still.world.by(who).get(path) for who in ("anonymous", "ocha", "map-client")}
    assert len({answer.headers["ETag"] for answer in told.values()}) == len(told)
    for who in told:
        for other, answer in told.items():
            tag = answer.headers["ETag"]
            asked = still.world.by(who).call("GET", path, if_none_match=tag)
            assert asked.status_code == (304 if who == other else 200)


@pytest.mark.parametrize("had", ["*", "garbage", '"', "W/", '"a", "b"', '"\xe9"', "x" * 9000])
def test_what_names_no_tag_of_this_answer_gets_it_whole(still: Twin, had: str) -> None:
    path = "/ogc/collections/corridors/items"
    asked = Headers({b"If-None-Match": had.encode("latin1")})
    answer = still.world.client.get(path, headers=asked)
    assert answer.status_code == 200


def test_a_suspension_moves_the_tags_of_all_who_see_the_corridor(still: Twin, bases: Bases) -> None:
    with given_twin(bases.stock, still.base) as twin:
        hand = Hand(twin=twin, scope=Scope.PUBLIC)
        path = f"/ogc/collections/corridors/items/{twin.base.corridors['open']}"
        before = {who: twin.world.by(who).get(path) for who in READERS}
        way = Way(world=twin.world, case=hand.case("standing"), id=twin.base.corridors["open"])
        read(way.case.to("suspended", sources=[twin.world.source()]), 201)
        for who, was in before.items():
            if was.status_code == 200:
                now = twin.world.by(who).call("GET", path, if_none_match=was.headers["ETag"])
                assert now.status_code == 200, who
                assert now.json()["properties"]["status"] == "suspended"


@pytest.fixture
def lone(request: pytest.FixtureRequest, worlds: Worlds, still: Twin) -> World:
    """Lend a world of the test's own, in which nobody sees anything yet."""
    return worlds.lend(still.base.world.database.dialect, request.node.originalname)


def asked_at(world: World, collection: str, *nows: datetime, **more: Any) -> list[tuple[str, Any]]:
    """Ask as the public at several instants; give the tag and the features of each."""
    engine = world.database.engine()
    found = []
    with reading(engine) as db:
        for now in nows:
            wish = Question(collection=collection, caller=Caller(), now=now, **more)
            marked, asked = mark(db, wish)
            page = disclosed.features(db, asked, limit=100)
            found.append((marked.text, orjson.loads(f"[{page.features}]")))
    engine.dispose()
    return found


def test_a_release_can_be_the_first_thing_that_is_seen_of_an_operation(lone: World) -> None:
    ahead = datetime.fromisoformat(from_now(hours=2))
    given_site(lone, sensitivity="high", release_at=ahead.isoformat())
    before, after = asked_at(lone, "sites", datetime.now(UTC), ahead)
    assert (before[1], len(after[1])) == ([], 1)
    assert before[0] != after[0]


def test_a_question_that_waited_is_judged_no_earlier_than_the_record(lone: World) -> None:
    """Or a stop that it reads would be taken back by a clock that is behind."""
    way = given_open(lone, sensitivity="low")
    waiting = datetime.now(UTC)
    read(way.stop(sources=[lone.source()]), 201)
    since = datetime(2022, 1, 1, tzinfo=UTC)
    for more in ({}, {"since": since}):
        late, now = asked_at(lone, "corridors", waiting, datetime.now(UTC), **more)
        assert late == now
        assert late[1][0]["properties"]["status"] == "suspended"
