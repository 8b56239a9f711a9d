"""Instants and intervals as map clients write them."""

from datetime import UTC, datetime

import pytest

from app.domain.interval import Interval, read_interval

FIRST, SECOND = datetime(2022, 4, 26, tzinfo=UTC), datetime(2022, 5, 1, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2022-04-26T00:00:00Z", Interval(FIRST, FIRST)),
        ("2022-04-26T03:00:00+03:00/2022-05-01T06:00:00Z", Interval(FIRST, SECOND)),
        ("2022-04-26T00:00:00Z/2022-04-26T00:00:00Z", Interval(FIRST, FIRST)),
        ("2022-04-26T00:00:00Z/..", Interval(FIRST, None)),
        ("2022-04-26T00:00:00Z/", Interval(FIRST, None)),
        ("../2022-05-01T06:00:00Z", Interval(None, SECOND)),
        ("/2022-05-01T06:00:00Z", Interval(None, SECOND)),
    ],
)
def test_an_instant_or_an_interval_is_read(text: str, found: Interval) -> None:
    assert read_interval(text) == found
    assert found.is_instant == (found.start == found.end)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not a date"),
        ("..", "not a date"),
        ("2022-04-26", "date without a time"),
        ("2022-04-26T00:00:00", "no zone"),
        ("../..", "no end"),
        ("/", "no end"),
        ("../", "no end"),
        ("a/b", "not a date"),
        ("2022-05-01T06:00:00Z/2022-04-26T00:00:00Z", "ends before it starts"),
        ("2022-04-26T00:00:00Z/2022-05-01T06:00:00Z/..", "found 3 parts"),
        ("2022-04-26T00:00:00Z/bogus", "not a date"),
    ],
)
def test_anything_else_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_interval(text)
