"""Tokens over HTTP: shown once, revoked at once, on record for all parties."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from tests.databases import Database
from tests.http.mariupol import Service, codes

PATH = "/v1/tokens"
NEW: dict[str, Any] = {
    "organisation": "Ukraine",
    "role": "coordinator",
    "operations": ["mariupol-2022"],
    "holder": "ukraine-night-desk",
}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"organisation": "nobody"}, "/organisation"),
    ({"role": "king"}, "/role"),
    ({"operations": ["mariupol-2022", "nowhere"]}, "/operations/1"),
    ({"operations": ["mariupol-2022", "mariupol-2022"]}, "/operations/1"),
    ({"audience": "everyone"}, "/audience"),
    ({"holder": "a.person@example.org"}, "/holder"),
    ({"holder": "+380 44 123 45 67"}, "/holder"),
    ({"holder": "x" * 81}, "/holder"),
    ({"holder": "two\nlines"}, "/holder"),
    ({"holder": ""}, "/holder"),
    ({"holder": "ukraine\u200b-desk"}, "/holder"),
    ({"holder": "ukraine\u00ad-desk"}, "/holder"),
    ({"role": "administrator"}, "/operations"),
    ({"role": "administrator", "operations": [], "audience": "public"}, "/audience"),
    ({"role": "witness"}, "/operations"),
    ({"role": "witness", "operations": [], "audience": "public"}, "/audience"),
    ({"effective_at": "2022-04-26T00:00:00Z"}, "/effective_at"),
    ({"token": "mine"}, "/token"),
]


def given_token(service: Service, **fields: Any) -> Any:
    return service.made("administrator", PATH, NEW | fields)


class TestListTokens:
    def test_administrators_only(self, service: Service) -> None:
        assert service.get("anonymous", PATH).status_code == 401
        for who in ("ocha", "auditor", "map_client", "stranger"):
            assert service.get(who, PATH).status_code == 403
        assert len(service.items("administrator", PATH)) == 7

    def test_it_never_shows_a_token(self, service: Service) -> None:
        given_token(service)
        assert "sp_" not in service.get("administrator", PATH).text

    def test_filters_pick_now_and_then_alike(self, service: Service) -> None:
        made = given_token(service, audience="partner")
        service.delete("administrator", f"{PATH}/{made['id']}")
        then = service.get("administrator", f"{PATH}/{made['id']}").json()["recorded_at"]
        for query, expected in (
            ({"role": "auditor"}, 1),
            ({"organisation": "ukraine"}, 1),
            ({"audience": "partner"}, 1),
            ({"holder": "ukraine-night-desk"}, 1),
            ({"operation": "sumy-2022"}, 1),
            ({"operation": "nowhere"}, 0),
            ({"revoked": "true"}, 1),
            ({"revoked": "false"}, 7),
        ):
            for times in ({}, {"known_at": then}):
                assert len(service.items("administrator", PATH, **query, **times)) == expected


class TestCreateToken:
    def test_the_answer_holds_the_token_that_signs_in(self, service: Service) -> None:
        answer = service.post("administrator", PATH, NEW)
        made = answer.json()
        assert answer.status_code == 201
        assert answer.headers["location"] == f"{PATH}/{made['id']}"
        assert "warnings" not in made
        found = service.items(made["token"], "/v1/operations")
        assert [item["slug"] for item in found] == ["mariupol-2022"]

    def test_one_key_has_one_effect_and_one_answer(self, service: Service) -> None:
        with ThreadPoolExecutor(4) as pool:
            answers = list(
                pool.map(
                    lambda _: service.post("administrator", PATH, NEW, Idempotency_Key="night"),
                    range(4),
                )
            )
        assert len({answer.text for answer in answers}) == 1
        assert len(service.items("administrator", PATH, holder="ukraine-night-desk")) == 1
        other = service.post("administrator", PATH, NEW, Idempotency_Key="day").json()
        assert other["token"] != answers[0].json()["token"]

    def test_it_is_stored_as_a_hash_only(
        self, service: Service, engine: Engine, tmp_path: Path
    ) -> None:
        token = given_token(service)["token"]
        with engine.connect() as connection:
            for table in ("principal", "event_value", "event"):
                rows = connection.execute(text(f"SELECT * FROM {table}")).all()
                assert token not in str(rows)

    def test_no_other_role_does(self, service: Service) -> None:
        assert service.post("anonymous", PATH, NEW).status_code == 401
        for who in ("ocha", "auditor", "map_client", "stranger"):
            assert service.post(who, PATH, NEW).status_code == 403

    def test_what_is_wrong_is_refused_with_its_place(self, service: Service) -> None:
        for fields, pointer in WRONG:
            answer = service.post("administrator", PATH, NEW | fields)
            assert answer.status_code == 422
            assert codes(answer) == [pointer]

    def test_it_warns_where_the_organisation_is_no_member(self, service: Service) -> None:
        made = given_token(service, organisation="Mariupol")
        assert [warning["code"] for warning in made["warnings"]] == ["not_a_member"]
        assert "Mariupol 2022" in made["warnings"][0]["message"]

    def test_an_audience_narrows_what_the_token_sees(self, service: Service) -> None:
        made = given_token(service, organisation="ICRC", audience="partner")
        assert made["audience"] == "partner"


class TestReadToken:
    def test_administrators_only(self, service: Service) -> None:
        made = given_token(service)
        path = f"{PATH}/{made['id']}"
        assert service.get("anonymous", path).status_code == 401
        assert service.get("ocha", path).status_code == 403
        answer = service.get("administrator", path)
        assert answer.headers["etag"] == '"1"'
        assert answer.json() == {name: made[name] for name in made if name != "token"}
        unknown = f"{PATH}/7f8a1c52-3b0e-4f6d-9a55-0c9d1e2f3a4b"
        assert service.get("administrator", unknown).status_code == 404


class TestRevokeToken:
    def test_a_revoked_token_is_refused_at_once(self, service: Service) -> None:
        made = given_token(service)
        path = f"{PATH}/{made['id']}"
        assert service.get(made["token"], "/v1/sources").status_code == 200
        answer = service.delete("administrator", path)
        assert (answer.status_code, answer.content) == (204, b"")
        assert service.get(made["token"], "/v1/sources").status_code == 401
        assert service.get(made["token"], "/v1/operations").status_code == 401
        again = service.delete("administrator", path)
        assert again.status_code == 204
        shown = service.get("administrator", path).json()
        assert (shown["revoked"], shown["version"]) == (True, 2)

    def test_a_version_is_looked_at_where_it_is_given(self, service: Service) -> None:
        path = f"{PATH}/{given_token(service)['id']}"
        assert service.delete("administrator", path, 7).status_code == 412
        assert service.delete("administrator", path, 1).status_code == 204

    def test_the_database_keeps_it_revoked(self, service: Service, database: Database) -> None:
        id = given_token(service)["id"]
        service.delete("administrator", f"{PATH}/{id}")
        for engine in (database.engine(), database.owner_engine()):
            ways = ["UPDATE principal SET revoked_at = NULL", "DELETE FROM principal"]
            if database.dialect == "sqlite":
                ways.append(
                    "INSERT OR REPLACE INTO principal SELECT id, token_hash, organisation_id, "
                    "role, holder, created_at, audience, NULL FROM principal"
                )
            for way in ways:
                with pytest.raises(DBAPIError), engine.begin() as connection:
                    connection.execute(text(f"{way} WHERE id = '{id}'"))
            engine.dispose()
        assert service.get("administrator", f"{PATH}/{id}").json()["revoked"]

    def test_no_other_role_does(self, service: Service) -> None:
        path = f"{PATH}/{given_token(service)['id']}"
        assert service.delete("anonymous", path).status_code == 401
        assert service.delete("ocha", path).status_code == 403
        unknown = f"{PATH}/7f8a1c52-3b0e-4f6d-9a55-0c9d1e2f3a4b"
        assert service.delete("administrator", unknown).status_code == 404

    def test_an_administrator_remains(self, service: Service) -> None:
        only = service.items("administrator", PATH, role="administrator")[0]
        answer = service.delete("administrator", f"{PATH}/{only['id']}")
        assert answer.status_code == 409
        given_token(service, role="administrator", operations=[])
        assert service.delete("administrator", f"{PATH}/{only['id']}").status_code == 204
        assert service.get("administrator", PATH).status_code == 401

    def test_administrators_who_revoke_each_other_leave_one(self, service: Service) -> None:
        second = given_token(service, role="administrator", operations=[])
        first = service.items("administrator", PATH, role="administrator")[0]
        with ThreadPoolExecutor(2) as pool:
            answers = pool.map(
                lambda pair: service.delete(pair[0], f"{PATH}/{pair[1]}").status_code,
                [("administrator", second["id"]), (second["token"], first["id"])],
            )
            assert min(answers) == 204
        alive = [service.get(who, PATH).status_code for who in ("administrator", second["token"])]
        assert sorted(alive) == [200, 401]
