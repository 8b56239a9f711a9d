"""Instants as text: read strictly, written in one form only."""

import re
from datetime import UTC, datetime, timedelta, timezone

_RFC_3339 = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[Tt](?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.(?P<fraction>[0-9]+))?(?P<zone>.*))?",
    re.DOTALL,
)
_ZONE = re.compile(r"[Zz]|(?P<sign>[+-])(?P<hours>[01][0-9]|2[0-3]):(?P<minutes>[0-5][0-9])")
_EXPECTED = "expected a date and a time with a zone, like 2022-04-26T15:00:00Z"


def parse_instant(text: str) -> datetime:
    """Read an RFC 3339 date and time with a zone; the answer is aware and in UTC.

    Raises:
        ValueError: what was found and what was expected. Refused are a missing time or zone,
            a leap second, more than six digits of a second, and years outside 1 to 9999 (UTC).
    """
    found = _RFC_3339.fullmatch(text)
    if found is None:
        raise ValueError(f"this is not a date and time; {_EXPECTED}")
    if found["time"] is None:
        raise ValueError(f"found a date without a time; {_EXPECTED}")
    if found["time"].endswith(":60"):
        raise ValueError("found a leap second; expected seconds from 00 to 59")
    fraction = found["fraction"] or ""
    if len(fraction) > 6:
        raise ValueError("found more than six digits of a second; expected at most six")
    zone = _zone(found["zone"])
    try:
        local = datetime.fromisoformat(f"{found['date']}T{found['time']}")
        return local.replace(microsecond=int(fraction.ljust(6, "0")), tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"no such date or time in the years 1 to 9999; {_EXPECTED}") from None


def _zone(text: str) -> timezone:
    found = _ZONE.fullmatch(text)
    if found is None:
        what = "no zone" if not text else "a zone that cannot be read"
        raise ValueError(f"found {what}; expected Z or an offset like +03:00 at the end")
    if found["sign"] is None:
        return UTC
    offset = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"]))
    return timezone(offset if found["sign"] == "+" else -offset)


def format_instant(at: datetime) -> str:
    """Write an aware instant in UTC, always with six digits of a second and Z.

    Texts of this form sort like the instants that they name.
    """
    utc = require_zone(at).astimezone(UTC)
    return utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def require_zone(at: datetime) -> datetime:
    """Give an aware instant as it is.

    Raises:
        ValueError: it has no zone.
    """
    if at.tzinfo is None:
        raise ValueError("found a time without a zone; expected an aware one")
    return at
