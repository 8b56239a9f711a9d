"""Disclosed rows follow the record: made anew from it they say the same, and never too much."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.db.session import reading
from app.disclosure import store
from app.disclosure.places import classed
from app.disclosure.releases import disclose_due
from app.disclosure.tables import DisclosedBarRow, DisclosedFeatureRow, DisclosedShapeRow
from app.domain.disclosure import Precision, Sensitivity
from app.ledger import store as ledger
from app.ledger.reading import NOW
from tests.databases import Database
from tests.http.agreements.case import from_now, given_proposed
from tests.http.places.given import GEOJSON, Way, corridor, given_site
from tests.http.world import World, given_world, read
from tests.store.anew import differences, rows_of, shown, shown_anew

_feature = DisclosedFeatureRow.__table__
_shape = DisclosedShapeRow.__table__
_bar = DisclosedBarRow.__table__
_WHENS = (None, "2022-04-27T00:00:00Z", "2022-05-01T00:00:00Z", "2022-05-03T00:00:00Z")
_SOON_S = 0.05
_RELEASES = (-1.0, _SOON_S / 3600, 1.0, 48.0)
"""In hours from now; the second comes before anything else is written."""
_SECRET = "Basement of hall 7"
"""The name that every place has; who sees no exact place sees no name."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """One change: of what, to which value, since when."""

    what: str
    value: int
    when: str | None


changes = st.builds(
    Wish,
    what=st.sampled_from(
        (
            "site moves",
            "site status",
            "site class",
            "site release",
            "site corrected",
            "corridor moves",
            "corridor class",
            "corridor release",
            "corridor names",
            "corridor status",
            "agreement class",
            "agreement release",
        )
    ),
    value=st.integers(0, 1000),
    when=st.sampled_from(_WHENS),
)


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A site, and a corridor that names it, changed by HTTP and looked at in storage."""

    world: World
    site: str
    way: Way

    @property
    def places(self) -> tuple[UUID, UUID]:
        """The site and the corridor."""
        return UUID(self.site), UUID(self.way.id)

    def change(self, wish: Wish) -> None:
        """Do as wished; what the rules refuse changes nothing."""
        what, _, how = wish.what.partition(" ")
        path = {"site": f"/v1/sites/{self.site}", "corridor": self.way.path}.get(
            what, self.way.case.path
        )
        if how == "status" and what == "corridor":
            self.way.to(("planned", "cancelled")[wish.value % 2])
            return
        voice = self.world.by("ocha")
        tag = voice.get(path).headers["ETag"]
        answer = voice.call("PATCH", path, self._body(what, how, wish), if_match=tag)
        assert answer.status_code in {200, 409, 422}, answer.text
        if how == "release":
            sleep(_SOON_S)

    def _body(self, what: str, how: str, wish: Wish) -> dict[str, Any]:
        value = wish.value
        match how:
            case "class":
                return {"sensitivity": list(Sensitivity)[value % 4].value}
            case "release":
                return {"release_at": _release(value)}
            case "moves":
                return {"geometry": _geometry(what, value)} | _at(wish)
            case "names":
                named = {"from_site": self.site if value % 2 else None}
                return named | {"waypoints": [self.site] if value % 3 else []} | _at(wish)
            case "corrected":
                found = self.world.by("auditor").read("/v1/history", subject=self.site)["items"]
                return {"geometry": _geometry(what, value), "corrects": [found[-1]["id"]]}
            case _:
                return {"status": ("open", "closed", "full")[value % 3]} | _at(wish)


def _release(value: int) -> str | None:
    hours = (None, *_RELEASES)[value % 5]
    return None if hours is None else from_now(hours=hours)


def _at(wish: Wish) -> dict[str, Any]:
    return {} if wish.when is None else {"effective_at": wish.when}


def _geometry(what: str, value: int) -> dict[str, Any]:
    """Give a shape of which no coordinate could be the centre of a cell."""
    x, y = 37.5000123 + value * 0.0011, 47.0000456 + value * 0.0007
    if what == "site":
        return {"type": "Point", "coordinates": [x, y]}
    return {"type": "LineString", "coordinates": [[x, y], [x + 0.0312, y + 0.0113]]}


@pytest.fixture
def world(database: Database, tmp_path: Path) -> Iterator[World]:
    with given_world(database, tmp_path) as running:
        yield running


def _given(world: World, site_class: str, corridor_class: str) -> Ground:
    case = given_proposed(world)
    site = given_site(world, name=_SECRET, geometry=_geometry("site", 1), sensitivity=site_class)
    body = corridor(
        case, name=_SECRET, geometry=_geometry("corridor", 2), sensitivity=corridor_class
    )
    made = read(world.by("ocha").post("/v1/corridors", body | {"from_site": site}), 201)
    return Ground(world=world, site=site, way=Way(world=world, case=case, id=made["id"]))


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    classes=st.tuples(st.sampled_from(Sensitivity), st.sampled_from(Sensitivity)),
    wishes=st.lists(changes, min_size=1, max_size=7),
)
def test_rows_made_anew_from_the_record_say_the_same(
    world: World, classes: tuple[Sensitivity, Sensitivity], wishes: list[Wish]
) -> None:
    ground = _given(world, classes[0].value, classes[1].value)
    for wish in wishes:
        ground.change(wish)
    disclose_due(world.engine)
    assert _told_too_much(world, ground) == []
    site, way = ground.places
    before = shown(world.engine, site, way)
    assert differences(before, shown_anew(world.engine, site=site, corridor=way)) == []
    assert _told_too_much(world, ground) == []


def _told_too_much(world: World, ground: Ground) -> list[str]:
    """Name the rows that hold what their audience may not see now, or what no row may hold."""
    with reading(world.engine) as db:
        return [told for place in ground.places for told in _too_much_of(db, place)]


def _too_much_of(db: Session, place: UUID) -> Iterator[str]:
    now, secret = datetime.now(UTC), _secrets(db, place)
    rights = classed(ledger.entries(db, [place], NOW)[place])
    for row in rows_of(db, place):
        sees = rights.precision(row.audience, now)
        if row.visible_from > now and rights.sensitivity is not Sensitivity.SEVERE:
            sees = rights.precision(row.audience, row.visible_from)
        if sees is not Precision.EXACT and _holds(row, secret):
            yield f"{row.audience}: {dict(row._mapping)}"
    if rights.at(now) is Sensitivity.SEVERE:
        shapes = db.execute(select(_shape).where(_shape.c.place_id == place))
        yield from (f"shape: {row}" for row in shapes if _holds_shape(row, secret))


def _secrets(db: Session, place: UUID) -> list[float]:
    """Give every coordinate that was ever said of a place."""
    said = [
        one.entry.value
        for one in ledger.said_over_time(db, place)
        if one.entry.aspect == "geometry"
    ]
    return [float(number) for value in said if value for number in _numbers(value["coordinates"])]  # type: ignore[index, call-overload]


def _numbers(coordinates: Any) -> list[str]:
    if isinstance(coordinates, list):
        return [number for inner in coordinates for number in _numbers(inner)]
    return [coordinates]


def _holds(row: Any, secret: Sequence[float]) -> bool:
    sides = (row.west, row.south, row.east, row.north)
    return _SECRET in row.properties or bool({*sides} & {*secret}) or _holds_shape(row, secret)


def _holds_shape(row: Any, secret: Sequence[float]) -> bool:
    return any(
        repr(number) in row.geojson or struct.pack("<d", number) in (row.geometry or b"")
        for number in secret
    )


def test_no_table_holds_anything_exact_of_a_severe_place(world: World) -> None:
    ground = _given(world, "high", "low")
    for path in (f"/v1/sites/{ground.site}", ground.way.path):
        for body in ({"sensitivity": "severe"}, {"release_at": from_now(hours=1)}):
            voice = world.by("ocha")
            tag = voice.get(path).headers["ETag"]
            read(voice.call("PATCH", path, body, if_match=tag), 200)
    with reading(world.engine) as db:
        for place in ground.places:
            secret = _secrets(db, place)
            assert not any(_holds(row, secret) for row in rows_of(db, place))
            assert not _indexed(db, place, secret)
            for table in (_shape, _bar, _feature):
                rows = db.execute(select(table).where(table.c.place_id == place))
                told = [str(tuple(row)) for row in rows]
                assert not any(_SECRET in one or repr(n) in one for one in told for n in secret)


def _indexed(db: Session, place: UUID, secret: Sequence[float]) -> bool:
    """Tell whether the R*Tree holds an edge of the exact place; PostgreSQL indexes the rows."""
    if db.get_bind().dialect.name != "sqlite":
        return False
    ids = [row.id for row in rows_of(db, place)]
    edges: set[int] = set()
    for id in ids:
        entry = db.execute(
            text("SELECT west, east, south, north FROM disclosed_index WHERE id = :id"), {"id": id}
        )
        edges |= {edge + step for edge in entry.one() for step in (-2, -1, 0, 1, 2)}
    return any(round(number * 10**7) in edges for number in secret)


def test_a_severe_place_is_on_every_list_once_its_release_has_come(world: World) -> None:
    soon = from_now(seconds=1)
    id = given_site(world, name=_SECRET, sensitivity="severe", release_at=soon)
    public = world.by("anonymous")
    assert public.get(f"/v1/sites/{id}").status_code == 404
    sleep(2.5)
    assert public.read(f"/v1/sites/{id}")["name"] == _SECRET
    assert public.read("/v1/sites", name=_SECRET)["items"][0]["id"] == id
    features = public.call("GET", "/v1/sites", accept=GEOJSON).json()["features"]
    assert [f["properties"]["name"] for f in features if f["id"] == id] == [_SECRET]
    partner = world.by("mod").read(f"/v1/sites/{id}", known_at=from_now(seconds=-1))
    assert partner["name"] == _SECRET


def test_what_was_written_after_an_unread_release_shows_the_time_before_too(world: World) -> None:
    id = given_site(world, sensitivity="severe", release_at=from_now(seconds=0.3))
    voice = world.by("ocha")
    before = voice.get(f"/v1/sites/{id}")
    made, tag = before.json()["recorded_at"], before.headers["ETag"]
    sleep(0.5)
    read(voice.call("PATCH", f"/v1/sites/{id}", {"status": "open"}, if_match=tag), 200)
    shown = world.by("anonymous").read(f"/v1/sites/{id}", known_at=made)
    assert (shown["status"], shown["version"]) == ("planned", 1)


@pytest.mark.parametrize("fault", ["nothing is made anew", "a severe place is written ahead"])
def test_rows_that_do_not_follow_are_found_out(
    world: World, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    ground = _given(world, "low", "low")
    if fault == "nothing is made anew":
        monkeypatch.setattr(store, "rebuild", lambda *_, **__: None)
    else:
        monkeypatch.setattr("app.disclosure.places.Recorded._rights", lambda self, _: self.classed)
    ground.change(Wish(what="site class", value=3, when=None))
    ground.change(Wish(what="site release", value=3, when=None))
    assert _told_too_much(world, ground)
