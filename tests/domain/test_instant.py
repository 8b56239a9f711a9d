"""Instants are read strictly and written in one form."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.instant import format_instant, parse_instant

MOSCOW = timezone(timedelta(hours=3))


def test_ten_in_the_morning_in_moscow_is_seven_in_utc() -> None:
    assert parse_instant("2022-03-05T10:00:00+03:00") == datetime(2022, 3, 5, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["2022-04-26T15:00:00Z", "2022-04-26t15:00:00z", "2022-04-26T15:00:00.0-00:00"],
)
def test_every_way_to_write_utc_is_read(text: str) -> None:
    assert format_instant(parse_instant(text)) == "2022-04-26T15:00:00.000000Z"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "not a date"),
        ("yesterday", "not a date"),
        ("2022-04-26", "without a time"),
        ("2022-04-26T15:00:00", "no zone"),
        ("2022-04-26T15:00:00 03:00", "zone that cannot be read"),
        ("2022-04-26T15:00:00+3", "zone that cannot be read"),
        ("2022-04-26T15:00:00+24:00", "zone that cannot be read"),
        ("2022-04-26T15:00:00Z\n", "zone that cannot be read"),
        ("2022-04-26T23:59:60Z", "leap second"),
        ("2022-04-26T15:00:00.1234567Z", "more than six digits"),
        ("2022-02-30T15:00:00Z", "no such date"),
        ("2022-04-26T24:00:00Z", "no such date"),
        ("0000-01-01T00:00:00Z", "no such date"),
        ("0001-01-01T00:00:00+01:00", "no such date"),
        ("9999-12-31T23:59:59-01:00", "no such date"),
        ("٢٠٢٢-04-26T15:00:00Z", "not a date"),
    ],
)
def test_what_is_no_instant_is_refused_with_what_was_found(text: str, found: str) -> None:
    with pytest.raises(ValueError, match=found):
        parse_instant(text)


def test_a_time_without_a_zone_is_not_written() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        format_instant(datetime(2022, 4, 26, 15))  # noqa: DTZ001


instants = st.datetimes(timezones=st.just(UTC))


@given(instants)
def test_what_was_written_is_read_as_the_same_instant(at: datetime) -> None:
    assert parse_instant(format_instant(at)) == at


@given(instants, instants)
def test_texts_sort_like_the_instants_that_they_name(one: datetime, other: datetime) -> None:
    assert (format_instant(one) < format_instant(other)) == (one < other)


@given(
    st.datetimes(
        min_value=datetime(1, 1, 2),  # noqa: DTZ001
        max_value=datetime(9999, 12, 30),  # noqa: DTZ001
        timezones=st.just(MOSCOW),
    )
)
def test_the_zone_does_not_change_the_instant(at: datetime) -> None:
    assert parse_instant(at.isoformat(timespec="microseconds")) == at
