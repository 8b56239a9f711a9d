"""Pages by key."""

import contextlib
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response

from app.domain.instant import parse_instant
from app.http.paging import Listing, PageWish, page_of, read_cursor, write_cursor
from app.http.problems import Problem

KEYS = st.lists(st.text(max_size=20) | st.integers(-(2**53), 2**53), max_size=4)


@given(KEYS)
def test_a_cursor_comes_back_as_its_key(key: list[str | int]) -> None:
    assert read_cursor(write_cursor(key)) == tuple(key)


@given(st.text(max_size=50) | st.text("abcdefABCDEF0123456789-_=", max_size=50))
def test_any_text_is_a_cursor_or_a_problem(text: str) -> None:
    with contextlib.suppress(Problem):
        assert isinstance(read_cursor(text), tuple)


@pytest.mark.parametrize(
    "key", [["x", str(UUID(int=0))], ["2022-04-26T00:00:00Z"], [], [1, 2], ["a"] * 3]
)
def test_a_cursor_of_another_list_is_a_problem(key: list[str | int]) -> None:
    wish = PageWish(limit=1, after=read_cursor(write_cursor(key)))
    with pytest.raises(Problem):
        wish.key(parse_instant, UUID)


def test_a_key_is_read_by_its_kinds() -> None:
    id = uuid4()
    cursor = write_cursor(["2022-04-26T12:00:00Z", str(id)])
    wish = PageWish(limit=1, after=read_cursor(cursor))
    assert wish.key(parse_instant, UUID) == (datetime(2022, 4, 26, 12, tzinfo=UTC), id)


def listed(found: list[int], limit: int, query: bytes = b"") -> tuple[Listing[str], Response]:
    request = Request({"type": "http", "path": "/v1/sources", "query_string": query})
    response = Response()
    wish = PageWish(limit=limit)
    page = page_of(request, response, wish, found, key=lambda item: [item], show=str)
    return page, response


def test_the_last_page_has_no_next() -> None:
    page, response = listed([1, 2], 2)
    assert (page.items, page.next) == (["1", "2"], None)
    assert "Link" not in response.headers


def test_the_next_page_keeps_the_question_and_names_no_host() -> None:
    page, response = listed([1, 2, 3], 2, b"kind=un&limit=2&cursor=old")
    assert page.items == ["1", "2"]
    assert page.next == f"/v1/sources?kind=un&limit=2&cursor={write_cursor([2])}"
    assert response.headers["Link"] == f'<{page.next}>; rel="next"'
