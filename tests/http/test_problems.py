"""Problem documents and the pages that explain them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.access.caller import CurrentCaller
from app.db.errors import DatabaseUnavailable, OutcomeUnknown
from app.domain import errors
from app.domain.unmet import Unmet
from app.http.kinds import KINDS
from app.http.problems import REFUSALS, problem_of
from tests.databases import Database
from tests.http.given import given_client, given_route

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/problems.md").read_text(encoding="utf-8")


@pytest.fixture
def client(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    def nothing(caller: CurrentCaller) -> None: ...

    router = given_route(nothing)
    given_route(nothing, method="GET", router=router)
    with given_client(database, tmp_path, router) as client:
        yield client


@pytest.mark.parametrize("slug", KINDS)
def test_every_kind_has_its_section_in_the_docs(slug: str) -> None:
    kind = KINDS[slug]
    section = PAGE.split(f"## {slug}\n", 1)[1].split("\n## ", 1)[0]
    assert f"**{kind.status} {kind.title}.** {kind.meaning}" in section
    assert f"What to do: {kind.advice}" in section


def test_the_docs_have_no_section_without_a_kind() -> None:
    assert re.findall(r"(?m)^## (.+)$", PAGE) == list(KINDS)


def test_every_kind_that_the_code_names_exists() -> None:
    named = set(REFUSALS.values())
    for path in (ROOT / "app").rglob("*.py"):
        named |= set(re.findall(r'Problem\(\s*"([a-z-]+)"', path.read_text(encoding="utf-8")))
    assert named <= set(KINDS)


def test_every_refusal_of_the_domain_has_a_kind() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    refusals = {kind for kind in kinds if issubclass(kind, errors.RuleRefused)}
    assert set(REFUSALS) == refusals


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.MoveUnknown("no"), 409),
        (errors.OutOfOrder("no"), 409),
        (errors.NotEligible("no"), 403),
        (errors.Unacceptable("/stated_at", "no"), 422),
        (OutcomeUnknown("x"), 503),
        (DatabaseUnavailable("x"), 503),
        (ValueError("secret"), 500),
    ],
)
def test_each_error_has_its_status(error: Exception, status: int) -> None:
    problem = problem_of(error)
    assert problem.status == status
    assert "secret" not in str(problem.document())


def test_who_is_not_answered_is_told_why_and_that_nothing_was_stored() -> None:
    detail = str(problem_of(DatabaseUnavailable("all places are taken")).document()["detail"])
    assert detail == "all places are taken; nothing was stored; try again"


def test_unmet_conditions_are_all_listed() -> None:
    missing = [
        Unmet(code="no_window", message="a"),
        Unmet(code="term_not_agreed", message="b", term="routes"),
    ]
    document = problem_of(errors.GuardsUnmet("not yet", missing)).document()
    assert document["status"] == 422
    assert document["unmet"] == [
        {"code": "no_window", "message": "a"},
        {"code": "term_not_agreed", "message": "b", "term": "routes"},
    ]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
class TestOverHttp:
    def test_an_unknown_address_is_a_problem_document(self, client: TestClient) -> None:
        for path in ("/v2", "/v1/", "/v1/sources/", "/%00", "/" + "a" * 3000):
            answer = client.get(path, follow_redirects=False)
            assert answer.status_code == 404
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert set(answer.json()) == {"type", "title", "status", "detail"}

    def test_another_method_is_told_which_there_are(self, client: TestClient) -> None:
        answer = client.put("/v1/sources")
        assert answer.status_code == 405
        assert answer.headers["Allow"] == "GET, HEAD, POST"

    @pytest.mark.parametrize("slug", KINDS)
    def test_the_type_of_a_problem_is_a_page(self, client: TestClient, slug: str) -> None:
        page = client.get(f"/problems/{slug}")
        assert page.status_code == 200
        assert page.headers["Content-Type"].startswith("text/html")
        assert KINDS[slug].title.replace("'", "&#x27;") in page.text
        assert "http" not in page.text
        assert f"/problems/{slug}" in client.get("/problems").text

    def test_an_unknown_kind_has_no_page(self, client: TestClient) -> None:
        assert client.get("/problems/nothing").status_code == 404
