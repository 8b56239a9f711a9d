"""The words of which request and response schemas are made: strict types with plain messages."""

import re
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import available_timezones

import pycountry
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from app.domain.fact import Basis
from app.domain.instant import format_instant, parse_instant
from app.http.details import Details as Details
from app.http.found import found
from app.http.found import refused as refused
from app.http.text import MAX_FREE_TEXT, MAX_SHORT_TEXT, check_free_text, check_short_text

UUID_TEXT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Body(BaseModel):
    """A request body: no unknown members, nothing turned from one type into another."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def _text(value: Any, expected: str) -> str:
    if not isinstance(value, str):
        raise refused(f"found {found(value)}, expected {expected}")
    return value


def _read_id(value: Any) -> UUID:
    if isinstance(value, UUID):
        return value
    expected = "a UUID such as 7f8a1c52-3b0e-4f6d-9a55-0c9d1e2f3a4b"
    text = _text(value, expected)
    if not UUID_TEXT.fullmatch(text):
        raise refused(f"found text that is no UUID, expected {expected}")
    return UUID(text)


def _read_instant(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    text = _text(value, "a time such as 2022-04-26T15:00:00Z")
    try:
        return parse_instant(text)
    except ValueError as error:
        hint = "; in a query write + as %2B" if " " in text else ""
        raise refused(f"{error}{hint}") from None


def _read_day(value: Any) -> date:
    if isinstance(value, date):
        return value
    expected = "a day such as 2022-04-26"
    text = _text(value, expected)
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise refused(f"found {found(text)}, expected {expected}") from None


def _read_zone(value: Any) -> str:
    expected = "an IANA time zone such as Europe/Kyiv"
    text = _text(value, expected)
    if text not in _zones():
        raise refused(f"found {found(text)}, expected {expected}")
    return text


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones()) - {"Factory", "localtime"}


def _read_country(value: Any) -> str:
    expected = "a country as ISO 3166-1 alpha-3, such as UKR"
    text = _text(value, expected)
    if text not in _countries():
        raise refused(f"found {found(text)}, expected {expected}")
    return text


@cache
def _countries() -> frozenset[str]:
    return frozenset(country.alpha_3 for country in pycountry.countries)


def _read_sha256(value: Any) -> str:
    expected = "a SHA-256 digest, 64 characters 0-9 and a-f"
    text = _text(value, expected)
    if not _SHA256.fullmatch(text):
        raise refused(f"found {found(text)}, expected {expected}")
    return text


def _read_address(value: Any) -> str:
    expected = "an address such as https://www.un.org/sg/en"
    text = _text(value, expected)
    try:
        parts = urlsplit(text)
        fits = parts.scheme in {"http", "https"} and parts.hostname and not parts.username
    except ValueError:
        fits = False
    if not fits or len(text) > 2000 or not text.isprintable() or " " in text:
        raise refused(f"found {found(text)}, expected {expected}")
    return text


Choice = TypeVar("Choice", bound=StrEnum)


def one_of(names: type[Choice]) -> BeforeValidator:
    """Read a member of an enumeration: `Annotated[Status, one_of(Status)]`."""

    def read(value: Any) -> Any:
        expected = "one of " + ", ".join(names)
        text = _text(value, expected)
        if text not in set(names):
            raise refused(f"found {found(text)}, expected {expected}")
        return names(text)

    return BeforeValidator(read, json_schema_input_type=names)


def _before(read: Callable[[Any], Any]) -> BeforeValidator:
    return BeforeValidator(read)


IdIn = Annotated[UUID, _before(_read_id)]
"""An id from a body or a query."""
InstantIn = Annotated[datetime, _before(_read_instant)]
"""A time with a zone, from RFC 3339 text; aware and in UTC."""
InstantOut = Annotated[datetime, PlainSerializer(format_instant, return_type=str)]
"""A time in UTC with six digits of a second."""
DayIn = Annotated[date, _before(_read_day)]
"""A day of the calendar."""
Tz = Annotated[str, _before(_read_zone)]
"""A time zone of the IANA list."""
CountryCode = Annotated[str, _before(_read_country)]
"""A country as ISO 3166-1 alpha-3."""
Sha256 = Annotated[str, _before(_read_sha256)]
"""A SHA-256 digest in lower-case hexadecimal."""
WebAddress = Annotated[str, _before(_read_address)]
"""An http or https address of at most 2,000 characters, without a user name."""
FreeText = Annotated[
    str, AfterValidator(check_free_text), Field(json_schema_extra={"maxLength": MAX_FREE_TEXT})
]
"""Text of a person, with lines; no contact data of persons."""
ShortText = Annotated[
    str, AfterValidator(check_short_text), Field(json_schema_extra={"maxLength": MAX_SHORT_TEXT})
]
"""One line of text; no contact data of persons."""
BasisIn = Annotated[Basis, one_of(Basis)]
"""Whether a fact was stated or inferred."""


class Change(Body):
    """What every body that changes something may hold."""

    effective_at: InstantIn | None = None
    basis: BasisIn = Basis.STATED
