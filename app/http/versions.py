"""Entity tags: which version an answer shows, and which version a change was decided on."""

import re
from datetime import datetime

from app.domain.instant import format_instant
from app.http.problems import Fault, Problem, unreadable

_TAG = re.compile(r'\s*(W/)?("[\x21\x23-\x7e\x80-\xff]*")\s*')
_LONGEST = 2000


def etag(version: int) -> str:
    """Write the tag of the present version, the only kind that `If-Match` takes."""
    return f'"{version}"'


def etag_then(version: int, *, as_of: datetime | None, known_at: datetime | None) -> str:
    """Write the tag of an answer about the past; it never matches in `If-Match`.

    Without both times it is the tag of the present version.
    """
    if as_of is None and known_at is None:
        return etag(version)
    times = (format_instant(at) if at else "now" for at in (as_of, known_at))
    return f'"{version};{";".join(times)}"'


def check_if_match(header: str | None, version: int) -> None:
    """Refuse a change that was not decided on the present version.

    Raises:
        Problem: 428 without a header, 412 where none of its strong tags is the present one;
            `*` names no version and never matches. 400 where it is no list of tags.
    """
    if header is None:
        raise Problem("version-missing", "expected If-Match with the ETag of the version you read")
    if header.strip() == "*":
        raise Problem(
            "stale-version", "found If-Match: *; name the version you read, so that none is lost"
        )
    if etag(version) not in _strong_tags(header):
        raise Problem(
            "stale-version",
            f"it is now at version {version}, and If-Match names another; "
            "read it again and decide again",
        )


def _strong_tags(header: str) -> list[str]:
    tags: list[str] = []
    at = 0
    while at < len(header) <= _LONGEST:
        match = _TAG.match(header, at)
        if match is None:
            break
        if match[1] is None:
            tags.append(match[2])
        at = match.end()
        if at == len(header):
            return tags
        if header[at] != ",":
            break
        at += 1
    message = 'expected tags like "7", with commas between them'
    raise unreadable(Fault(pointer="header/If-Match", message=message))


def names(header: str, tag: str) -> bool:
    """Tell whether `If-None-Match` names a tag, weak or strong; what is no list of tags names none."""
    given = header.split(",") if len(header) <= _LONGEST else []
    return tag in (each.strip().removeprefix("W/") for each in given)
