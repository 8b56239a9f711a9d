"""No sequence of wishes lets anybody move who should not, and all that is shown agrees."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.agreements import store as agreements
from app.corridors import recorded
from app.corridors.recorded import Recorded
from app.db.session import reading
from app.domain.agreement.bar import Bar
from app.domain.agreement.standing import stands
from app.domain.agreement.status import Status
from app.domain.corridor.bar import may_leave, shown_to_others
from app.domain.corridor.passage import corridor_windows
from app.domain.instant import format_instant
from app.ledger.reading import Reading
from tests.http.places.given import GEOJSON, Way
from tests.http.places.wishes import Stage, Step, given_stage, steps
from tests.http.world import World, read
from tests.http.worlds import Worlds

_HOUR = timedelta(hours=1)
_HOURS = (0.25, 1, 2, 3.25, 3.6, 5.1, 6.5)
"""So long ago, when something may have been otherwise."""


class Afresh:
    """Both corridors of a stage with their agreement, read from the record."""

    def __init__(self, stage: Stage, known_at: datetime | None = None) -> None:
        """Read them as the record stood then."""
        asked = Reading(known_at=known_at)
        of = UUID(stage.case.id), UUID(stage.world.operations["mariupol-2022"])
        with reading(stage.world.engine) as db:
            self.agreement = agreements.load(db, [of], asked)[of[0]]
            ids = [UUID(way.id) for way in stage.ways]
            self.corridors = recorded.load(db, ids, asked)

    def of(self, way: Way) -> Recorded:
        """Give the corridor of a way."""
        return self.corridors[UUID(way.id)]

    def bar(self, way: Way, at: datetime) -> Bar:
        """Tell why nobody may leave, by the rules alone."""
        return may_leave(self.of(way).at(at), self.agreement.at(at), at)

    def is_safe(self, way: Way, at: datetime) -> bool:
        """Tell whether all holds that must hold where people move."""
        agreement = self.agreement.at(at)
        windows = corridor_windows(self.of(way).at(at), agreement, at)
        in_force = agreement.status.to is Status.IN_FORCE
        return in_force and stands(agreement, at) and any(w.is_open(at) for w in windows)


def shown(bar: Bar) -> dict[str, Any]:
    """Write a bar as answers show it."""
    return {
        "reasons": [{"code": r.code, "message": r.message} for r in bar.reasons],
        "until": format_instant(bar.until) if bar.until else None,
    }


def check_now(stage: Stage) -> None:
    """Nobody is let go who should stay, and what is shown is what the record gives."""
    now = datetime.now(UTC)
    afresh = Afresh(stage)
    listed = {
        item["id"]: item
        for item in stage.case.by("ocha").read("/v1/corridors", **_mine(stage))["items"]
    }
    for way in stage.ways:
        passable = afresh.of(way).at(now).is_passable
        bar = listed[way.id]["do_not_move"]
        assert bar == shown(afresh.bar(way, now))
        assert passable is (listed[way.id]["status"] in ("open", "restricted"))
        if passable and not bar["reasons"]:
            assert afresh.is_safe(way, now)


def check_all(stage: Stage, *, as_of: datetime | None, known_at: datetime | None = None) -> None:
    """The list, the single resource, the feature and readiness say what the record gives."""
    times = {n: format_instant(t) for n, t in (("as_of", as_of), ("known_at", known_at)) if t}
    at = as_of or datetime.now(UTC)
    afresh = Afresh(stage, known_at)
    for who in ("ocha", "mod"):
        found = list(_answers(stage, who, times))
        for way in stage.ways:
            bar = afresh.bar(way, at)
            wanted = shown(bar if who == "ocha" else shown_to_others(bar))
            told = [answers[way.id] for answers in found if way.id in answers]
            assert len(told) in (0, len(found))  # known everywhere or nowhere
            assert told == [wanted] * len(told)
            if who == "ocha":
                assert told


def _answers(stage: Stage, who: str, times: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Give `do_not_move` of corridors by their ids, once for each form in which it is shown."""
    voice = stage.world.by(who)
    mine = _mine(stage) if who == "ocha" else {"limit": "1000"}  # others may not ask for it
    items = voice.read("/v1/corridors", **mine, **times)["items"]
    yield {item["id"]: item["do_not_move"] for item in items}
    page = voice.call("GET", "/v1/corridors", params=mine | times, accept=GEOJSON)
    yield {f["id"]: f["properties"]["do_not_move"] for f in read(page, 200)["features"]}
    paths = {way.id: way.path for way in stage.ways}
    for accept in ("application/json", GEOJSON):
        answers = {
            id: voice.call("GET", path, params=times, accept=accept) for id, path in paths.items()
        }
        bodies = {id: a.json() for id, a in answers.items() if a.status_code == 200}
        yield {id: body.get("properties", body)["do_not_move"] for id, body in bodies.items()}
    ready = {id: voice.get(path + "/readiness", **times) for id, path in paths.items()}
    told = {id: answer.json() for id, answer in ready.items() if answer.is_success}
    assert all(body["ready"] is (not body["unmet"]) for body in told.values())
    yield {id: {"reasons": b["unmet"], "until": b["until"]} for id, b in told.items()}


def _mine(stage: Stage) -> dict[str, str]:
    return {"agreement": stage.case.id, "limit": "1000"}


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_whatever_is_wished_for_nobody_moves_who_should_not(worlds: Worlds, dialect: str) -> None:
    world: World = worlds.lend(dialect, "wishes")

    @given(
        taken=st.lists(steps, min_size=3, max_size=10),
        ago=st.sampled_from(_HOURS),
        earlier=st.integers(0, 7),
    )
    @settings(max_examples=25, database=None, suppress_health_check=list(HealthCheck))
    def wish(taken: list[Step], ago: float, earlier: int) -> None:
        stage = given_stage(world)
        for step in taken:
            _take(stage, step)
        check_all(stage, as_of=None)
        check_all(stage, as_of=datetime.now(UTC) - ago * _HOUR)
        known_at = stage.moments[earlier % len(stage.moments)]
        check_all(stage, as_of=known_at - ago * _HOUR, known_at=known_at)

    wish()


def _take(stage: Stage, step: Step) -> None:
    done = step(stage)
    assert done.answer.status_code < 500, done.answer.text
    if done.stops and done.answer.is_success:
        statuses = [way.read()["status"] for way in stage.ways]
        assert not {"open", "restricted"} & set(statuses)
    stage.moments.append(datetime.now(UTC))
    check_now(stage)
