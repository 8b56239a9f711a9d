"""Who calls: tokens, audiences, and the order of 401, 404 and 403."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import pytest
from fastapi import Depends
from sqlalchemy import Engine, event
from starlette.testclient import TestClient

from app.access.caller import Caller, CurrentCaller, find_caller, require_role
from app.access.token import bearer_token, new_token, token_hash
from app.db.session import reading
from app.domain.policy import Audience, Role
from app.http.deps import PathId
from app.http.problems import not_found
from tests.databases import Database
from tests.http.given import (
    NOON,
    bearer,
    given_client,
    given_membership,
    given_operation,
    given_organisation,
    given_route,
    given_token,
)

KNOWN = UUID("7f8a1c52-3b0e-4f6d-9a55-0c9d1e2f3a4b")


def who(caller: CurrentCaller) -> dict[str, Any]:
    return {"role": caller.role, "holder": caller.holder}


async def a_source(source_id: PathId, caller: CurrentCaller) -> UUID:
    if source_id != KNOWN:
        raise not_found()
    require_role(caller)
    return source_id


async def one(source: Annotated[UUID, Depends(a_source)]) -> dict[str, str]:
    return {"id": str(source)}


@pytest.fixture
def client(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    router = given_route(who, status_code=200)
    given_route(who, method="GET", path="/v1/agreements", router=router)
    given_route(who, method="GET", path="/v1/sources", router=router)
    given_route(one, method="PATCH", path="/v1/sources/{source_id}", router=router)
    with given_client(database, tmp_path, router) as client:
        yield client


def call(engine: Engine, token: str) -> Caller:
    with reading(engine) as db:
        caller = find_caller(db, token)
    assert caller is not None
    return caller


class TestTokens:
    def test_a_token_names_its_holder_and_role(self, engine: Engine, client: TestClient) -> None:
        token = given_token(engine, Role.AUDITOR)
        answer = client.get("/v1/sources", headers=bearer(token))
        assert answer.json() == {"role": "auditor", "holder": "ada"}

    def test_without_a_token_only_open_routes_answer(self, client: TestClient) -> None:
        assert client.get("/v1/agreements").json() == {"role": None, "holder": ""}
        answer = client.get("/v1/sources")
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"

    def test_a_revoked_token_is_refused_even_where_none_is_needed(
        self, engine: Engine, client: TestClient
    ) -> None:
        token = given_token(engine, revoked_at=NOON)
        assert client.get("/v1/agreements", headers=bearer(token)).status_code == 401

    @pytest.mark.parametrize(
        "header",
        ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer sp_ü", "Bearer sp_" + "a" * 43, "sp_"],
    )
    def test_a_bad_token_is_refused(self, client: TestClient, header: str) -> None:
        answer = client.get(
            "/v1/agreements", headers=[(b"Authorization", header.encode("latin-1"))]
        )
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"

    def test_two_tokens_in_one_request_are_refused(
        self, engine: Engine, client: TestClient
    ) -> None:
        one, two = (("Authorization", f"Bearer {given_token(engine)}") for _ in range(2))
        assert client.get("/v1/agreements", headers=[one, two]).status_code == 401

    def test_only_a_hash_of_a_token_is_kept(self) -> None:
        token = new_token()
        assert bearer_token(f"Bearer {token}") == token
        assert token not in token_hash(token)
        assert new_token() != token

    def test_a_caller_is_found_in_one_statement(self, engine: Engine) -> None:
        operations = (given_operation(engine), given_operation(engine))
        token = given_token(engine, operations=operations)
        statements: list[str] = []
        event.listen(engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
        call(engine, token)
        assert len([text for text in statements if text.startswith(("SELECT", "WITH"))]) == 1


class TestAuthority:
    def test_a_role_that_may_not_call_is_refused_at_once(
        self, engine: Engine, client: TestClient
    ) -> None:
        answer = client.post("/v1/sources", headers=bearer(given_token(engine, Role.AUDITOR)))
        assert answer.status_code == 403
        assert "auditor" in answer.json()["detail"]

    def test_what_may_not_be_known_comes_before_what_may_not_be_done(
        self, engine: Engine, client: TestClient
    ) -> None:
        headers = bearer(given_token(engine, Role.AUDITOR))
        assert client.patch(f"/v1/sources/{uuid4()}", headers=headers).status_code == 404
        assert client.patch(f"/v1/sources/{KNOWN}", headers=headers).status_code == 403

    def test_without_a_token_nothing_is_said_of_what_exists(self, client: TestClient) -> None:
        answers = [client.patch(f"/v1/sources/{id}") for id in (KNOWN, uuid4())]
        assert [answer.status_code for answer in answers] == [401, 401]
        assert answers[0].content == answers[1].content

    @pytest.mark.parametrize("id", ["x", "0", "%00", "{" + str(KNOWN) + "}", KNOWN.hex])
    def test_an_id_that_cannot_be_is_unknown(
        self, engine: Engine, client: TestClient, id: str
    ) -> None:
        headers = bearer(given_token(engine))
        answer = client.patch(f"/v1/sources/{id}", headers=headers)
        unknown = client.patch(f"/v1/sources/{uuid4()}", headers=headers)
        assert (answer.status_code, answer.content) == (404, unknown.content)

    def test_the_host_header_does_not_move_the_route(
        self, engine: Engine, client: TestClient
    ) -> None:
        headers = bearer(given_token(engine, Role.AUDITOR), Host="x/v1/agreements?")
        assert client.post("/v1/sources", headers=headers).status_code == 403


class TestAudiences:
    def test_a_coordinator_is_operational_and_a_belligerent_partner(self, engine: Engine) -> None:
        operation = given_operation(engine)
        for is_belligerent, audience in ((False, "operational"), (True, "partner")):
            organisation = given_organisation(engine, is_belligerent=is_belligerent)
            given_membership(engine, operation, organisation)
            token = given_token(engine, organisation=organisation, operations=(operation,))
            assert call(engine, token).operations == {operation: audience}

    def test_whoever_stands_below_a_belligerent_is_partner_too(self, engine: Engine) -> None:
        operation, fights = given_operation(engine), given_organisation(engine, is_belligerent=True)
        below = given_organisation(engine, parent=fights)
        beside = given_organisation(engine, parent=given_organisation(engine))
        for organisation, audience in (
            (below, "partner"),
            (given_organisation(engine, parent=below), "partner"),
            (beside, "operational"),
        ):
            given_membership(engine, operation, organisation)
            token = given_token(engine, organisation=organisation, operations=(operation,))
            assert call(engine, token).operations == {operation: audience}

    def test_the_membership_speaks_before_the_usual(self, engine: Engine) -> None:
        operation, organisation = given_operation(engine), given_organisation(engine)
        given_membership(engine, operation, organisation, audience=Audience.PARTNER)
        token = given_token(engine, organisation=organisation, operations=(operation,))
        assert call(engine, token).audience(operation) is Audience.PARTNER

    def test_a_token_narrows_what_its_organisation_sees(self, engine: Engine) -> None:
        operation, organisation = given_operation(engine), given_organisation(engine)
        given_membership(engine, operation, organisation)
        token = given_token(
            engine, organisation=organisation, operations=(operation,), audience=Audience.PUBLIC
        )
        assert call(engine, token).audience(operation) is Audience.PUBLIC

    def test_a_membership_that_has_ended_takes_the_operation_away(self, engine: Engine) -> None:
        operation, organisation = given_operation(engine), given_organisation(engine)
        given_membership(engine, operation, organisation, removed_at=NOON)
        caller = call(
            engine, given_token(engine, organisation=organisation, operations=(operation,))
        )
        assert not caller.names(operation)
        assert caller.audience(operation) is Audience.PUBLIC

    def test_an_operation_that_the_token_does_not_name_is_public(self, engine: Engine) -> None:
        assert call(engine, given_token(engine)).audience(uuid4()) is Audience.PUBLIC
