"""Entity tags and If-Match."""

from datetime import UTC, datetime

import pytest

from app.http.problems import Problem
from app.http.versions import check_if_match, etag, etag_then

NOON = datetime(2022, 4, 26, 12, tzinfo=UTC)


def refused(header: str | None) -> int:
    with pytest.raises(Problem) as problem:
        check_if_match(header, 7)
    return problem.value.status


@pytest.mark.parametrize("header", ['"7"', ' "7" ', '"6", "7"', '"6","7","8"', 'W/"6", "7"'])
def test_the_present_version_matches(header: str) -> None:
    check_if_match(header, 7)


@pytest.mark.parametrize("header", ['"6"', 'W/"7"', '"07"', '""', "*", " * ", '"7;now;now"'])
def test_another_version_does_not(header: str) -> None:
    assert refused(header) == 412


def test_nothing_at_all_is_asked_for() -> None:
    assert refused(None) == 428


@pytest.mark.parametrize(
    "header", ["7", "", '"7', '"7" "8"', '"7",', '*, "7"', '"6"x', '"7",' * 999]
)
def test_what_is_no_list_of_tags_is_unreadable(header: str) -> None:
    assert refused(header) == 400


@pytest.mark.parametrize("times", [(NOON, None), (None, NOON), (NOON, NOON)])
def test_the_tag_of_an_answer_about_the_past_never_matches(
    times: tuple[datetime | None, datetime | None],
) -> None:
    tag = etag_then(7, as_of=times[0], known_at=times[1])
    assert refused(tag) == 412


def test_the_tag_of_an_answer_about_now_matches() -> None:
    assert etag_then(7, as_of=None, known_at=None) == etag(7)
