"""Free text: readable characters, a bounded length, and no way to reach a person."""

import re
import unicodedata

from app.domain.personal_contact import find_personal_contact
from app.http.found import refused

MAX_FREE_TEXT = 20_000
MAX_SHORT_TEXT = 300
_UNREADABLE = {"Cc", "Cs", "Co", "Cn"}
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def check_free_text(text: str) -> str:
    """Refuse text of more than 20,000 characters, unreadable text and contact data of persons."""
    return check_contact(check_readable(_check_length(text, MAX_FREE_TEXT), "\n\r\t"))


def check_short_text(text: str) -> str:
    """Refuse more than one line of 300 characters, unreadable text and contact data of persons."""
    return check_contact(check_readable(_check_length(text, MAX_SHORT_TEXT)))


def check_contact(text: str) -> str:
    """Refuse text that holds a person's telephone number or e-mail address."""
    kind = find_personal_contact(text)
    if kind:
        raise refused(
            f"found {kind}; free text must not hold how to reach a person, because whoever "
            "reads the record could find them. Name the office in its place"
        )
    return text


def check_readable(text: str, allowed: str = "") -> str:
    """Refuse control characters, all but `allowed`, and marks that turn the order of reading."""
    if text.isascii() and text.isprintable():
        return text
    for at, character in enumerate(text, start=1):
        unreadable = unicodedata.category(character) in _UNREADABLE
        if (unreadable and character not in allowed) or _TURNING.match(character):
            code = f"U+{ord(character):04X}"
            raise refused(f"found {code} as character {at}, expected readable text")
    return text


def _check_length(text: str, longest: int) -> str:
    if len(text) > longest:
        raise refused(f"found {len(text)} characters, expected {longest} at most")
    if not text.strip():
        raise refused("found empty text; leave it out or say something")
    return text
