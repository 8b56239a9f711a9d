"""The types of bodies."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any

import pytest
from pydantic import TypeAdapter, ValidationError

from app.http.schema import (
    Change,
    CountryCode,
    DayIn,
    Details,
    FreeText,
    IdIn,
    InstantIn,
    InstantOut,
    Sha256,
    ShortText,
    Tz,
    WebAddress,
    one_of,
)


class Kind(StrEnum):
    UN = "un"
    ICRC = "icrc"


KindIn = Annotated[Kind, one_of(Kind)]
DIGEST = "0f" * 32


def read(kind: Any, value: Any) -> Any:
    return TypeAdapter(kind).validate_python(value, strict=True)


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        (InstantIn, "2022-04-26T15:00:00+03:00", datetime(2022, 4, 26, 12, tzinfo=UTC)),
        (DayIn, "2022-04-26", date(2022, 4, 26)),
        (KindIn, "icrc", Kind.ICRC),
        (Tz, "Europe/Kyiv", "Europe/Kyiv"),
        (CountryCode, "UKR", "UKR"),
        (Sha256, DIGEST, DIGEST),
        (WebAddress, "https://news.un.org/en/story/2022/04/1117232", ...),
        (FreeText, "first\nsecond\tline", ...),
        (ShortText, "Гуманітарний коридор", ...),
        (Details, {"voluntary": True, "lat": "47.0951", "list": [1, None, {"a": ""}]}, ...),
    ],
)
def test_what_is_right_is_read(kind: Any, given: Any, value: Any) -> None:
    assert read(kind, given) == (given if value is ... else value)


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        (InstantIn, 1650963600, "found 1650963600, expected a time"),
        (InstantIn, "2022-04-26T15:00:00", "no zone"),
        (DayIn, "26.04.2022", 'found "26.04.2022", expected a day'),
        (DayIn, "2022-02-30", "expected a day"),
        (KindIn, "nato", 'found "nato", expected one of un, icrc'),
        (KindIn, [], "found an array of 0, expected one of un, icrc"),
        (IdIn, 7, "found 7, expected a UUID"),
        (Tz, "Europe/Nowhere", "IANA"),
        (Tz, "../etc/passwd", "IANA"),
        (CountryCode, "UA", "alpha-3"),
        (Sha256, DIGEST.upper(), "SHA-256"),
        (Sha256, DIGEST + "\n", "SHA-256"),
        (WebAddress, "javascript:alert(1)", "expected an address"),
        (WebAddress, "https://olena:pw@example.org/", "expected an address"),
        (WebAddress, "https://[", "expected an address"),
        (FreeText, "", "empty"),
        (FreeText, " \n ", "empty"),
        (FreeText, "a" * 20_001, "20000 at most"),
        (FreeText, "bell\x07", "U+0007"),
        (FreeText, "turned \u202e", "U+202E"),
        (ShortText, "two\nlines", "U+000A"),
        (ShortText, "olena@example.org", "an e-mail address"),
        (ShortText, "a" * 301, "300 at most"),
        (Details, {"at": {"lat": 47.1}}, "a fraction at /at/lat"),
        (Details, {"duty": ["", {"who": "067 123 45 67"}]}, "at /duty/1/who: found a telephone"),
        (Details, {"067 123 45 67": 1}, "a telephone number"),
        (Details, {"a": ["x" * 40_000, "y" * 40_000]}, "80013 bytes of JSON, expected 65536"),
        (Details, {"a": [0] * 1999}, "found 2001 values, expected 2000"),
        (Details, [], "dictionary"),
    ],
)
def test_what_is_wrong_says_what_was_found_and_expected(
    kind: Any, given: Any, message: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        read(kind, given)
    assert message in refused.value.errors()[0]["msg"]


def test_numbers_side_by_side_in_details_are_no_telephone_number() -> None:
    value = {"buses": ["067", "123", "45", "67"], "more": ["+380", "671234567"]}
    assert read(Details, value) == value


def test_a_time_is_shown_with_six_digits() -> None:
    shown = TypeAdapter(InstantOut).dump_python(datetime(2022, 4, 26, 12, tzinfo=UTC), mode="json")
    assert shown == "2022-04-26T12:00:00.000000Z"


def test_every_change_may_say_when_it_was_so_and_on_which_basis() -> None:
    change = Change.model_validate({"effective_at": "2022-04-26T12:00:00Z", "basis": "inferred"})
    assert (change.effective_at, change.basis) == (
        datetime(2022, 4, 26, 12, tzinfo=UTC),
        "inferred",
    )
