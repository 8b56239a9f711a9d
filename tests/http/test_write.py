"""The one way to write: order of checks, one effect for one key."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import pytest
from fastapi import Depends
from sqlalchemy import Engine, func, select
from starlette.testclient import TestClient

from app.access.write import Write, Writing
from app.db.session import reading
from app.domain.errors import MoveUnknown
from app.domain.fact import Event, Fact, Subject
from app.http.deps import PathId
from app.http.problems import not_allowed, not_found
from app.http.schema import Body
from app.ledger import store
from app.ledger.reading import SubjectState
from app.ledger.tables import EventRow
from tests.databases import Database
from tests.http.given import bearer, given_client, given_route, given_subject, given_token


class Wish(Body):
    note: str = ""
    rule: bool = True
    allowed: bool = True


def begin(body: Wish, write: Writing) -> dict[str, str]:
    def change() -> Event:
        return given_subject(write.db, "source")

    return {"id": str(write.once(authority=lambda: None, version=None, change=change))}


def a_source(source_id: PathId, write: Writing) -> SubjectState:
    source = store.lock(write.db, source_id)
    if source is None:
        raise not_found()
    return source


def edit(
    body: Wish, write: Writing, source: Annotated[SubjectState, Depends(a_source)]
) -> dict[str, str]:
    def authority() -> None:
        if not body.allowed:
            raise not_allowed("not yours")

    def change() -> Event:
        if not body.rule:
            raise MoveUnknown("no such move")
        return edited(write, source)

    return {"id": str(write.once(authority=authority, version=source.version, change=change))}


def edited(write: Write, source: SubjectState) -> Event:
    at = store.moment(write.db)
    fact = Fact(
        subject=Subject(kind=source.kind, id=source.id, operation=source.operation),
        kind="edited",
        effective_at=at,
        actor=write.caller.actor,
        aspects={"name": "Mariupol"},
    )
    return store.append(write.db, fact, at=at)


@pytest.fixture
def client(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    router = given_route(begin, status_code=201)
    given_route(edit, method="PATCH", path="/v1/sources/{source_id}", router=router)
    with given_client(database, tmp_path, router) as client:
        engine = client.app.state.engine  # type: ignore[attr-defined]
        client.headers.update(bearer(given_token(engine)))
        yield client


def events(engine: Engine, kind: str = "source") -> int:
    with reading(engine) as db:
        question = select(func.count()).where(EventRow.__table__.c.subject_kind == kind)
        return db.execute(question).scalar_one()


def begun(client: TestClient, engine: Engine) -> UUID:
    event = UUID(client.post("/v1/sources", json={}).json()["id"])
    with reading(engine) as db:
        row = db.get(EventRow, event)
        assert row is not None
        return row.subject_id


def patch(client: TestClient, id: UUID, body: dict[str, Any], **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.patch(f"/v1/sources/{id}", json=body, headers=named)


class TestIdempotency:
    def test_the_same_key_has_one_effect_and_one_answer(
        self, client: TestClient, engine: Engine
    ) -> None:
        headers = {"Idempotency-Key": "a-1"}
        one, two = (client.post("/v1/sources", json={}, headers=headers) for _ in range(2))
        assert (one.status_code, one.json()) == (two.status_code, two.json()) == (201, one.json())
        assert events(engine) == 1

    def test_without_a_key_each_request_counts(self, client: TestClient, engine: Engine) -> None:
        one, two = (client.post("/v1/sources", json={}).json() for _ in range(2))
        assert one != two
        assert events(engine) == 2

    def test_another_request_under_the_key_is_refused(
        self, client: TestClient, engine: Engine
    ) -> None:
        headers = {"Idempotency-Key": "a-1"}
        client.post("/v1/sources", json={}, headers=headers)
        answer = client.post("/v1/sources", json={"note": "x"}, headers=headers)
        assert answer.status_code == 409
        assert answer.json()["type"] == "/problems/idempotency-conflict"
        assert events(engine) == 1

    def test_a_key_is_of_one_principal(self, client: TestClient, engine: Engine) -> None:
        headers = {"Idempotency-Key": "a-1"}
        one = client.post("/v1/sources", json={}, headers=headers)
        two = client.post("/v1/sources", json={}, headers=headers | bearer(given_token(engine)))
        assert one.json() != two.json()

    def test_a_refusal_is_not_kept(self, client: TestClient, engine: Engine) -> None:
        id = begun(client, engine)
        wish = {"rule": False}
        assert patch(client, id, wish, If_Match='"1"', Idempotency_Key="k").status_code == 409
        assert patch(client, id, {}, If_Match='"1"', Idempotency_Key="k").status_code == 200

    def test_a_repeated_request_is_answered_though_its_version_is_over(
        self, client: TestClient, engine: Engine
    ) -> None:
        id = begun(client, engine)
        one, two = (patch(client, id, {}, If_Match='"1"', Idempotency_Key="k") for _ in range(2))
        assert (two.status_code, two.json()) == (200, one.json())

    @pytest.mark.parametrize("key", [b"", b" ", b"a b", b"a" * 201, "ü".encode(), b"\x7f"])
    def test_a_key_of_another_form_is_refused(self, client: TestClient, key: bytes) -> None:
        headers = [(b"Idempotency-Key", key)]
        assert client.post("/v1/sources", json={}, headers=headers).status_code == 400

    def test_copies_at_once_have_one_effect(self, client: TestClient, engine: Engine) -> None:
        def post(number: int) -> tuple[int, str]:
            headers = {"Idempotency-Key": f"key-{number % 8}"}
            answer = client.post("/v1/sources", json={}, headers=headers)
            assert answer.status_code == 201, answer.text
            return number % 8, answer.json()["id"]

        with ThreadPoolExecutor(16) as pool:
            answers = set(pool.map(post, range(40)))
        assert len(answers) == events(engine) == 8

    def test_copies_of_a_change_at_once_do_not_wait_for_each_other_for_good(
        self, client: TestClient, engine: Engine
    ) -> None:
        ids = [begun(client, engine) for _ in range(2)]

        def change(number: int) -> int:
            id = ids[number % 2]
            answer = patch(client, id, {}, If_Match='"1"', Idempotency_Key=f"k{number % 2}")
            return int(answer.status_code)

        with ThreadPoolExecutor(16) as pool:
            assert set(pool.map(change, range(32))) == {200}
        assert events(engine) == 4


class TestOrder:
    def test_unknown_then_authority_then_version_then_rule(
        self, client: TestClient, engine: Engine
    ) -> None:
        id = begun(client, engine)
        wrong = {"allowed": False, "rule": False}
        assert patch(client, uuid4(), wrong).status_code == 404
        assert patch(client, id, wrong).status_code == 403
        assert patch(client, id, {"rule": False}).status_code == 428
        assert patch(client, id, {"rule": False}, If_Match='"2"').status_code == 412
        assert patch(client, id, {"rule": False}, If_Match='"1"').status_code == 409
        assert patch(client, id, {}, If_Match='"1"').status_code == 200
        assert events(engine) == 2

    def test_a_repeated_request_is_judged_by_present_authority(
        self, client: TestClient, engine: Engine
    ) -> None:
        id = begun(client, engine)
        patch(client, id, {}, If_Match='"1"', Idempotency_Key="k")
        answer = patch(client, id, {"allowed": False}, If_Match='"1"', Idempotency_Key="k")
        assert answer.status_code == 403

    def test_of_many_writers_of_one_version_one_wins(
        self, client: TestClient, engine: Engine
    ) -> None:
        id = begun(client, engine)

        def change(_: int) -> int:
            return int(patch(client, id, {}, If_Match='"1"').status_code)

        with ThreadPoolExecutor(20) as pool:
            answers = sorted(pool.map(change, range(20)))
        assert answers == [200] + [412] * 19
