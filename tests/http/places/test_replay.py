"""Whatever is wished for, erased or renamed, the tables hold what the record says."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.corridors import bars
from app.db.session import reading
from app.replay import Counted, replay
from tests.http.places.wishes import Stage, Step, given_stage, steps
from tests.http.redaction import erasable
from tests.http.world import MOD, World, read
from tests.http.worlds import Worlds


def found(stage: Stage) -> list[str]:
    """Replay the agreement, its corridors and their sites."""
    corridors = [way.read() for way in stage.ways]
    sites = {corridor[end] for corridor in corridors for end in ("from_site", "to_site")}
    subjects = [stage.case.id, *(way.id for way in stage.ways), *filter(None, sites)]
    with reading(stage.world.engine) as db:
        told = replay(db, Counted(), only=[UUID(subject) for subject in subjects])
        return [each.line() for each in told]


def erase(stage: Stage, number: int) -> None:
    """Erase what may be erased of an event of the agreement or of a corridor."""
    subjects = [stage.case.id, *(way.id for way in stage.ways)]
    auditor = stage.world.by("auditor")
    subject = subjects[number % len(subjects)]
    events = auditor.read("/v1/history", subject=subject, limit=1000)["items"]
    event = events[number % len(events)]
    fields = erasable(event)
    if fields:
        body = {"fields": fields, "reason": "names_a_person"}
        path = f"/v1/history/{event['id']}/redactions"
        read(stage.world.by("administrator").post(path, body), 201)


def rename(world: World, short_name: str) -> None:
    """Give a party another short name; reasons call it so from then on."""
    path = f"/v1/organisations/{world.organisations[MOD]}"
    voice = world.by("administrator")
    tag = voice.get(path).headers["ETag"]
    read(voice.call("PATCH", path, {"short_name": short_name}, if_match=tag), 200)


def take(stage: Stage, wished: list[Step]) -> None:
    """Wish for something; what the rules refuse changes nothing."""
    for step in wished:
        assert step(stage).answer.status_code < 500


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_tables_hold_what_the_record_says(worlds: Worlds, dialect: str) -> None:
    world = worlds.lend(dialect, "replayed")

    @given(
        before=st.lists(steps, min_size=1, max_size=5),
        renamed=st.lists(steps, max_size=2),
        erased=st.lists(st.integers(0, 1000), max_size=3),
        after=st.lists(steps, max_size=3),
    )
    @settings(max_examples=10, database=None, suppress_health_check=list(HealthCheck))
    def wish(before: list[Step], renamed: list[Step], erased: list[int], after: list[Step]) -> None:
        stage = given_stage(world)
        take(stage, before)
        assert found(stage) == []
        rename(world, f"{MOD} (as it was called)")
        take(stage, renamed)
        rename(world, MOD)
        for number in erased:
            erase(stage, number)
        take(stage, after)
        assert found(stage) == []

    wish()


def test_a_bar_that_is_not_told_anew_is_found(
    worlds: Worlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = worlds.lend("sqlite", "replayed")
    stage = given_stage(world)

    def keep_quiet(*_: Any, **__: Any) -> None:
        """Seed the fault: nothing is told."""

    monkeypatch.setattr(bars, "publish", keep_quiet)
    read(stage.case.to("suspended"), 201)
    assert any("disclosed_bar" in line for line in found(stage))


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_corridors_stop_where_a_confirmation_was_erased(worlds: Worlds, dialect: str) -> None:
    stage = given_stage(worlds.lend(dialect, "replayed"))
    assert {way.read()["status"] for way in stage.ways} == {"open"}
    positions = stage.case.by("ocha").read(f"{stage.case.path}/positions")["items"]
    counted = next(p for p in positions if p["counts"])
    body = {"fields": [f"aspect/position:{counted['id']}"], "reason": "names_a_person"}
    path = f"/v1/history/{counted['id']}/redactions"
    read(stage.world.by("administrator").post(path, body), 201)
    assert {way.read()["status"] for way in stage.ways} == {"suspended"}
    assert all(way.read()["do_not_move"]["reasons"] for way in stage.ways)
    assert found(stage) == []
