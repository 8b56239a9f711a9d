"""Strict bodies and queries over HTTP."""

import gzip
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.access.caller import CurrentCaller
from app.domain.policy import Role
from app.http.deps import Page, Times
from app.http.schema import Body, FreeText, IdIn, InstantIn
from app.http.strict_json import MAX_BYTES
from tests.databases import Database
from tests.http.given import bearer, given_client, given_route, given_token

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


class Inner(Body):
    at: InstantIn


class Given(Body):
    title: FreeText
    count: int = 0
    inner: list[Inner] | None = None
    site: IdIn | None = None


def take(body: Given, caller: CurrentCaller) -> dict[str, Any]:
    return {"title": body.title, "count": body.count}


def ask(times: Times, page: Page, caller: CurrentCaller) -> dict[str, Any]:
    return {"limit": page.limit, "as_of": times.as_of}


def change(caller: CurrentCaller) -> dict[str, Any]:
    return {}


@pytest.fixture
def client(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    router = given_route(take)
    given_route(ask, method="GET", router=router)
    given_route(take, method="PATCH", path="/v1/sources/{source_id}", router=router)
    given_route(change, method="DELETE", path="/v1/tokens/{token_id}", router=router)
    with given_client(database, tmp_path, router) as client:
        engine = client.app.state.engine  # type: ignore[attr-defined]
        client.headers.update(bearer(given_token(engine)))
        yield client


def post(client: TestClient, raw: bytes | Iterator[bytes], **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(
        "/v1/sources", content=raw, headers={"Content-Type": "application/json"} | named
    )


class TestBody:
    def test_a_body_is_read(self, client: TestClient) -> None:
        answer = post(client, b'{"title": "Azovstal", "count": 3}')
        assert answer.json() == {"title": "Azovstal", "count": 3}

    def test_what_cannot_be_read_says_where(self, client: TestClient) -> None:
        answer = post(client, b'{"title": "x", "inner": [{"at": NaN}]}')
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == "/inner/0/at"

    @pytest.mark.parametrize(
        ("raw", "pointer", "message"),
        [
            (b'{"count": 1}', "/title", "missing; expected a value"),
            (b'{"title": 1}', "/title", "found 1, expected text"),
            (b'{"title": null}', "/title", "found null, expected text"),
            (b'{"title": "x", "count": "5"}', "/count", 'found "5", expected a whole number'),
            (b'{"title": "x", "count": true}', "/count", "found true, expected a whole number"),
            (b'{"title": "x", "count": 1.0}', "/count", "found 1.0, expected a whole number"),
            (b'{"title": "x", "more": 1}', "/more", "unknown member"),
            (b'{"title": "x", "inner": {}}', "/inner", "found an object, expected an array"),
            (b'{"title": "x", "inner": [1]}', "/inner/0", "found 1, expected an object"),
            (b'{"title": "x", "inner": [{"at": "2022-04-26"}]}', "/inner/0/at", "without a time"),
            (b'{"title": "x", "site": "Azovstal"}', "/site", "expected a UUID"),
            (b"[]", "", "found an array of 0, expected an object"),
            (b"null", "", "found null, expected an object"),
            (b"", "", "missing; expected a value"),
        ],
    )
    def test_what_is_not_right_says_what_was_found_and_expected(
        self, client: TestClient, raw: bytes, pointer: str, message: str
    ) -> None:
        answer = post(client, raw)
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert error["pointer"] == pointer
        assert message in error["message"]

    def test_a_telephone_number_is_refused_and_not_repeated(self, client: TestClient) -> None:
        answer = post(client, b'{"title": "call +380 67 123 45 67"}')
        assert answer.status_code == 422
        assert "a telephone number" in answer.json()["errors"][0]["message"]
        assert "123" not in answer.text

    def test_a_token_in_a_wrong_place_is_not_repeated(self, client: TestClient) -> None:
        answer = post(client, b'{"title": "x", "count": "sp_AAAA"}')
        assert "AAAA" not in answer.text

    def test_deep_nesting_is_refused_fast(self, client: TestClient) -> None:
        began = time.monotonic()
        assert post(client, b"[" * 300_000 + b"]" * 300_000).status_code == 400
        assert time.monotonic() - began < 2

    @pytest.mark.parametrize("chunked", [True, False])
    def test_more_than_two_mebibytes_is_refused(self, client: TestClient, chunked: bool) -> None:
        raw = b'{"title": "' + b"a" * MAX_BYTES + b'"}'
        answer = post(client, iter([raw[:1000], raw[1000:]]) if chunked else raw)
        assert answer.status_code == 413
        assert answer.json()["type"] == "/problems/too-large"

    @pytest.mark.parametrize(
        "kind",
        [
            "",
            "text/plain",
            "application/xml",
            "application/json; charset=latin-1",
            "application/geo+json",
            "application/merge-patch+json",
            "multipart/form-data",
        ],
    )
    def test_another_type_is_refused(self, client: TestClient, kind: str) -> None:
        answer = post(client, b'{"title": "x"}', Content_Type=kind)
        assert answer.status_code == 415

    @pytest.mark.parametrize("kind", ["application/json", 'Application/JSON; charset="UTF-8"'])
    def test_json_is_taken(self, client: TestClient, kind: str) -> None:
        assert post(client, b'{"title": "x"}', Content_Type=kind).status_code == 200

    def test_a_patch_may_be_a_merge_patch(self, client: TestClient) -> None:
        for kind in ("application/json", "application/merge-patch+json"):
            headers = {"Content-Type": kind}
            answer = client.patch("/v1/sources/x", content=b'{"title": "x"}', headers=headers)
            assert answer.status_code == 200

    def test_a_compressed_body_is_refused(self, client: TestClient) -> None:
        answer = post(client, gzip.compress(b'{"title": "x"}'), Content_Encoding="gzip")
        assert answer.status_code == 415

    def test_a_body_where_none_is_expected_is_refused(self, client: TestClient) -> None:
        engine = client.app.state.engine  # type: ignore[attr-defined]
        headers = bearer(given_token(engine, Role.ADMINISTRATOR))
        assert client.delete("/v1/tokens/x", headers=headers).status_code == 200
        answer = client.request("DELETE", "/v1/tokens/x", content=b"{}", headers=headers)
        assert answer.status_code == 400


class TestQuery:
    @pytest.mark.parametrize(
        ("query", "pointer"),
        [
            ("as_off=2022-04-26T00:00:00Z", "query"),
            ("as_of=", "query/as_of"),
            ("as_of", "query/as_of"),
            ("as_of=2022-04-26", "query/as_of"),
            ("as_of=2022-04-26T00:00:00+03:00", "query/as_of"),
            ("as_of=2022-04-26T00:00:00Z&as_of=2022-04-26T00:00:00Z", "query/as_of"),
            ("known_at=%ff", "query/known_at"),
            ("limit=0", "query/limit"),
            ("limit=1001", "query/limit"),
            ("limit=1_0", "query/limit"),
            ("limit=" + "9" * 5000, "query/limit"),
            ("limit=1.0", "query/limit"),
            ("cursor=x", "query/cursor"),
            ("cursor=%00", "query/cursor"),
            ("LIMIT=1", "query"),
            ("&=", "query"),
        ],
    )
    def test_what_is_unknown_repeated_empty_or_wrong_is_refused(
        self, client: TestClient, query: str, pointer: str
    ) -> None:
        answer = client.get(f"/v1/sources?{query}")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == pointer

    def test_a_plus_sign_must_be_written_as_a_code(self, client: TestClient) -> None:
        answer = client.get("/v1/sources?as_of=2022-04-26T00:00:00+03:00")
        assert "%2B" in answer.json()["errors"][0]["message"]
        answer = client.get("/v1/sources?as_of=2022-04-26T00:00:00%2B03:00")
        assert answer.json()["as_of"].startswith("2022-04-25T21:00:00")

    def test_a_route_without_parameters_takes_none(self, client: TestClient) -> None:
        answer = client.post("/v1/sources?dry=1", json={"title": "x"})
        assert answer.status_code == 400

    def test_the_usual_page_has_a_hundred_items(self, client: TestClient) -> None:
        assert client.get("/v1/sources").json() == {"limit": 100, "as_of": None}
