"""An endpoint's work is done in one visit to a thread, and nothing is kept that was not answered."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, field_serializer
from sqlalchemy import Engine, event, func, select
from starlette.responses import PlainTextResponse, Response
from starlette.testclient import TestClient

from app.access.caller import CurrentCaller
from app.http.deps import Db
from app.ledger.tables import EventRow
from tests.databases import Database
from tests.http.given import bearer, given_client, given_route, given_subject, given_token


class Told(BaseModel):
    """What is answered."""

    text: str

    @field_serializer("text")
    def write(self, text: str) -> str:
        threads["written"] = threading.get_ident()
        if text == "not to be written":
            raise ValueError(text)
        return text


threads: dict[str, int] = {}


def add(db: Db, _: CurrentCaller, response: Response) -> Told:
    threads["called"] = threading.get_ident()
    given_subject(db, "organisation")
    response.headers["Location"] = "/v1/sources/7"
    return Told(text="added")


def add_unwritable(db: Db, _: CurrentCaller) -> Told:
    given_subject(db, "organisation")
    return Told(text="not to be written")


def add_another_type(db: Db, _: CurrentCaller) -> Told:
    given_subject(db, "organisation")
    return {"text": 7}  # type: ignore[return-value]


def add_by_itself(db: Db, _: CurrentCaller) -> Response:
    given_subject(db, "organisation")
    return PlainTextResponse("added", status_code=202)


async def add_in_the_loop(db: Db, _: CurrentCaller) -> Told:
    given_subject(db, "organisation")
    return Told(text="added")


@contextmanager
def serving(
    database: Database, folder: Path, endpoint: Callable[..., Any], **options: Any
) -> Iterator[TestClient]:
    with given_client(database, folder, given_route(endpoint, **options)) as client:
        client.headers.update(bearer(given_token(engine_of(client))))
        yield client


def engine_of(client: TestClient) -> Engine:
    engine: Engine = client.app.state.engine  # type: ignore[attr-defined]
    return engine


def events(client: TestClient) -> int:
    with engine_of(client).connect() as db:
        count = db.scalar(select(func.count()).select_from(EventRow.__table__))
    return count or 0


def test_it_is_called_written_and_committed_in_one_thread(
    database: Database, tmp_path: Path
) -> None:
    with serving(database, tmp_path, add, status_code=201) as client:
        before = events(client)
        committed: set[int] = set()

        @event.listens_for(engine_of(client), "commit")
        def _(_: object) -> None:
            committed.add(threading.get_ident())  # whoever keeps the log commits too

        answer = client.post("/v1/sources")
        assert (answer.status_code, answer.json()) == (201, {"text": "added"})
        assert answer.headers["Location"] == "/v1/sources/7"
        assert answer.headers["Content-Type"] == "application/json"
        assert events(client) == before + 1
    assert threads["called"] == threads["written"]
    assert threads["called"] in committed


@pytest.mark.parametrize("endpoint", [add_unwritable, add_another_type])
def test_what_cannot_be_answered_is_not_kept(
    database: Database, tmp_path: Path, endpoint: Callable[..., Any]
) -> None:
    with serving(database, tmp_path, endpoint) as client:
        before = events(client)
        assert client.post("/v1/sources").status_code == 500
        assert events(client) == before


@pytest.mark.parametrize(("endpoint", "status"), [(add_by_itself, 202), (add_in_the_loop, 200)])
def test_an_answer_of_another_kind_is_kept_too(
    database: Database, tmp_path: Path, endpoint: Callable[..., Any], status: int
) -> None:
    with serving(database, tmp_path, endpoint) as client:
        before = events(client)
        assert client.post("/v1/sources").status_code == status
        assert events(client) == before + 1
