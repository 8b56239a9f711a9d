"""However much is sent or asked for, one request does not keep all others waiting."""

import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any
from uuid import UUID

import anyio
import orjson
import pytest
from httpx2 import Response
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from app.agreements import store
from app.db.errors import DatabaseUnavailable
from app.db.session import writing
from app.history import service as history
from app.http import gates, health
from app.http.gates import Gates, Pace
from app.http.health import Readiness
from app.http.strict_json import MAX_MEMBERS, MAX_VALUES, JsonRefused, read_json
from app.ledger.reading import Reading
from tests.http.agreements.case import all_agreed, given_proposed
from tests.http.world import World, read

HISTORY = "/v1/history"
MANY_UNKNOWN = {f"unknown_{number}": 1 for number in range(990)}


def send_contact(world: World, **changes: Any) -> Response:
    """Send talks about an agreement that nobody may take long over."""
    path = f"/v1/agreements/{given_proposed(world).id}/contacts"
    body = {"participants": [{"organisation": "ICRC"}], "channel": "call"} | changes
    began = time.process_time()
    answer = world.by("ocha").post(path, body)
    assert time.process_time() - began < 2
    assert len(answer.content) < 10_000
    return answer


class TestBodies:
    def test_ten_thousand_positions_may_be_sent(self) -> None:
        outline = [[34.5, 46.5]] * 10_000
        assert read_json(orjson.dumps({"coordinates": [outline]}))

    @pytest.mark.parametrize(
        ("body", "pointer", "reason"),
        [
            ({"a": [0] * (MAX_VALUES - 1)}, "/a", f"{MAX_VALUES} in all"),
            ([[0] * 30_000, [0] * 30_000], "/1", f"{MAX_VALUES} in all"),
            ({"a": {str(n): 0 for n in range(MAX_MEMBERS + 1)}}, "/a", "found 1001 members"),
        ],
    )
    def test_too_many_values_are_refused_with_their_place(
        self, body: Any, pointer: str, reason: str
    ) -> None:
        with pytest.raises(JsonRefused, match=reason) as refused:
            read_json(orjson.dumps(body))
        assert refused.value.pointer == pointer

    def test_as_many_as_may_be_are_read(self) -> None:
        assert read_json(orjson.dumps([0] * (MAX_VALUES - 1)))
        assert read_json(orjson.dumps({str(n): 0 for n in range(MAX_MEMBERS)}))

    @pytest.mark.parametrize("count", [51, 40_000])
    def test_a_list_that_is_too_long_is_one_fault(self, world: World, count: int) -> None:
        problem = read(send_contact(world, participants=[5] * count), 422)
        message = f"found an array of {count}, expected 50 items at most"
        assert problem["errors"] == [{"pointer": "/participants", "message": message}]

    def test_a_list_that_is_too_short_says_so(self, world: World) -> None:
        [fault] = read(send_contact(world, participants=[]), 422)["errors"]
        assert fault["message"] == "found an array of 0, expected 1 or more items"

    def test_hundreds_of_thousands_are_not_even_looked_at(self, world: World) -> None:
        problem = read(send_contact(world, participants=[5] * 400_000), 400)
        assert problem["errors"][0]["pointer"] == "/participants"

    def test_fifty_faults_are_shown_and_the_rest_counted(self, world: World) -> None:
        participants = [{"organisation": "ICRC", **MANY_UNKNOWN}] * 50
        problem = read(send_contact(world, participants=participants), 422)
        assert len(problem["errors"]) == 50
        assert problem["detail"] == (
            "49500 members of the body are not right; see errors, which shows the first 50; "
            "there are 49450 more"
        )


class TestHistoryPages:
    def test_a_page_of_large_events_ends_early_and_the_next_goes_on(self, world: World) -> None:
        case = given_proposed(world)
        for letter in "abcd":
            details = {"words": [letter * 1000] * 60}
            terms = {key: term | {"details": details} for key, term in all_agreed().items()}
            read(case.change("PUT", "/terms", {"terms": terms}), 200)
        asked: dict[str, Any] = {"subject": case.id, "limit": 1000}
        first = world.by("auditor").get(HISTORY, **asked)
        assert len(first.content) < 2.5 * history.MAX_PAGE_TEXT
        document = read(first, 200)
        rest = read(world.by("auditor").get(document["next"]), 200)
        sequences = [item["sequence"] for item in document["items"] + rest["items"]]
        assert sequences == [1, 2, 3, 4, 5]
        assert rest["items"]
        assert rest["next"] is None

    def test_one_event_is_shown_however_large(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(history, "MAX_PAGE_TEXT", 1)
        case = given_proposed(world)
        read(case.change("PATCH", "", {"title": "Evacuation of Azovstal"}), 200)
        first = world.by("auditor").read(HISTORY, subject=case.id)
        second = world.by("auditor").read(first["next"])
        assert [item["sequence"] for item in first["items"] + second["items"]] == [1, 2]
        assert second["next"] is None


class TestFilters:
    @pytest.mark.parametrize("who", ["anonymous", "nrc"])
    def test_what_is_known_in_outline_only_is_not_even_loaded(
        self, world: World, monkeypatch: pytest.MonkeyPatch, who: str
    ) -> None:
        case = given_proposed(world, sensitivity="low")
        loaded: list[Any] = []
        load = store.load

        def noticed(db: Session, wanted: Sequence[tuple[UUID, UUID]], then: Reading) -> Any:
            loaded.extend(wanted)
            return load(db, wanted, then)

        monkeypatch.setattr(store, "load", noticed)
        caller = world.by(who)
        assert caller.read("/v1/agreements", kind="evacuation")["items"] == []
        assert loaded == []
        shown = caller.read("/v1/agreements", limit=1000)["items"]
        assert case.id in {item["id"] for item in shown}

    def test_a_party_still_finds_its_own(self, world: World) -> None:
        case = given_proposed(world, sensitivity="high")
        found = world.by("mod").read("/v1/agreements", kind="evacuation", limit=1000)
        assert case.id in {item["id"] for item in found["items"]}


_READERS = 11  # of sixteen connections


async def enter(turns: Gates, *, reads: bool, times: int, pace: Pace = Pace.USUAL) -> int:
    """Send requests that never end through the gate, and count those that got in."""
    inside = 0

    async def stay() -> None:
        nonlocal inside
        async with turns.turn(reads=reads, pace=pace):
            inside += 1
            await anyio.sleep_forever()

    async with anyio.create_task_group() as requests:
        for _ in range(times):
            requests.start_soon(stay)
        await anyio.wait_all_tasks_blocked()
        if reads:
            assert await enter(turns, reads=False, times=1) == 1
        if pace is not Pace.USUAL and inside < _READERS:
            assert await enter(turns, reads=True, times=40) == _READERS - inside
        requests.cancel_scope.cancel()
    return inside


async def _leave_later(held: AsyncExitStack) -> None:
    await anyio.sleep(0.3)
    await held.aclose()


class TestGates:
    @pytest.mark.parametrize("url", ["sqlite://", "postgresql+psycopg://"])
    @pytest.mark.parametrize(("pool_size", "readers"), [(16, 11), (4, 2), (3, 1)])
    def test_slow_readers_leave_room_for_a_stop(
        self, url: str, pool_size: int, readers: int
    ) -> None:
        async def crowd() -> int:
            return await enter(Gates(create_engine(url), pool_size), reads=True, times=40)

        assert anyio.run(crowd) == readers

    @pytest.mark.parametrize(("url", "writers"), [("sqlite://", 1), ("postgresql+psycopg://", 15)])
    def test_writers_leave_one_connection_to_readiness(self, url: str, writers: int) -> None:
        async def crowd() -> int:
            return await enter(Gates(create_engine(url), 16), reads=False, times=40)

        assert anyio.run(crowd) == writers

    @pytest.mark.parametrize(
        ("url", "pace", "places"),
        [
            ("sqlite://", Pace.BRIEF, 3),
            ("sqlite://", Pace.HEAVY, 1),
            ("postgresql+psycopg://", Pace.BRIEF, 11),
            ("postgresql+psycopg://", Pace.HEAVY, 11),
        ],
    )
    def test_what_works_in_our_threads_waits_for_its_like(
        self, url: str, pace: Pace, places: int
    ) -> None:
        """And takes no place from others while it waits."""

        async def crowd() -> int:
            turns = Gates(create_engine(url), 16)
            return await enter(turns, reads=True, pace=pace, times=40)

        assert anyio.run(crowd) == places

    @pytest.mark.parametrize(("pace", "is_patient"), [(Pace.BRIEF, False), (Pace.HEAVY, True)])
    def test_what_is_heavy_waits_longer(
        self, pace: Pace, is_patient: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A map shows several coarse tiles, of which one after another is drawn."""
        assert gates._PATIENCE_S[Pace.HEAVY] > gates._PATIENCE_S[Pace.BRIEF]
        monkeypatch.setattr(gates, "_PATIENCE_S", {Pace.BRIEF: 0.05, Pace.HEAVY: 60.0})
        most = gates._MOST_AT_ONCE[pace]

        async def follow() -> bool:
            turns = Gates(create_engine("sqlite://"), 16)
            async with AsyncExitStack() as held:
                for _ in range(most):
                    await held.enter_async_context(turns.turn(reads=True, pace=pace))
                async with anyio.create_task_group() as others:
                    others.start_soon(_leave_later, held)
                    with suppress(DatabaseUnavailable):
                        async with turns.turn(reads=True, pace=pace):
                            return True
            return False

        assert anyio.run(follow) is is_patient

    def test_who_waited_in_vain_is_told_that_others_wait(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(gates, "_PATIENCE_S", dict.fromkeys(Pace, 0.05))

        async def wait() -> None:
            turns = Gates(create_engine("sqlite://"), 16)
            async with turns.turn(reads=False), turns.turn(reads=False):
                pytest.fail("two write at once")

        with pytest.raises(DatabaseUnavailable, match="more requests wait for the database"):
            anyio.run(wait)

    def test_who_waited_in_vain_leaves_no_place_taken(self) -> None:
        async def crowd() -> tuple[int, int]:
            turns = Gates(create_engine("postgresql+psycopg://"), 16)
            first = await enter(turns, reads=True, times=40)
            return first, await enter(turns, reads=True, times=40)

        assert anyio.run(crowd) == (11, 11)


class TestReadiness:
    def test_however_many_ask_one_looks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        looks: list[Any] = []

        def look(engine: Engine) -> list[str]:
            looks.append(engine)
            return []

        monkeypatch.setattr(health, "what_is_missing", look)

        async def crowd() -> None:
            readiness = Readiness(create_engine("sqlite://"))
            async with anyio.create_task_group() as requests:
                for _ in range(100):
                    requests.start_soon(readiness.missing)

        anyio.run(crowd)
        assert len(looks) == 1

    def test_it_waits_for_no_writer(self, world: World) -> None:
        with writing(world.engine) as db:
            db.execute(text("SELECT 1"))
            assert world.by("anonymous").get("/readyz").status_code == 200
