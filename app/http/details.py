"""Objects of the caller's own making: read as text is, kept as the record can hold them."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from app.domain.json_value import Json
from app.domain.personal_contact import find_personal_contact
from app.domain.record import canonical
from app.http.complaints import pointer
from app.http.found import refused
from app.http.text import check_contact, check_readable

MAX_VALUES = 2000
MAX_BYTES = 64 * 1024
_BETWEEN = " ¦¦¦¦¦ "


def check_details(value: dict[str, Any]) -> dict[str, Json]:
    """Refuse fractions, unreadable text, contact data of persons, and too much of all."""
    count = _count(value)
    if count > MAX_VALUES:
        raise refused(f"found {count} values, expected {MAX_VALUES} in all at most")
    texts = list(_texts(value, []))
    size = len(canonical(value))
    if size > MAX_BYTES:
        raise refused(f"found {size} bytes of JSON, expected {MAX_BYTES} at most")
    if find_personal_contact(_BETWEEN.join(text for _, text in texts)):
        for place, text in texts:
            _at(place, text)
        raise refused("found more digits than can be told from telephone numbers")
    return value


def _count(value: Any) -> int:
    match value:
        case dict():
            return 1 + sum(map(_count, value.values()))
        case list():
            return 1 + sum(map(_count, value))
        case _:
            return 1


def _texts(value: Any, steps: list[str | int]) -> Iterator[tuple[str, str]]:
    """Walk all text with its place, keys too."""
    match value:
        case float():
            raise refused(f'found a fraction at {pointer(steps)}; write it as text, like "47.0951"')
        case str():
            yield pointer(steps), check_readable(value, "\n\r\t")
        case dict():
            for key, inner in value.items():
                yield pointer(steps), check_readable(key)
                yield from _texts(inner, [*steps, key])
        case list():
            for index, inner in enumerate(value):
                yield from _texts(inner, [*steps, index])
        case _:
            pass


def _at(place: str, text: str) -> None:
    try:
        check_contact(text)
    except PydanticCustomError as error:
        raise refused(f"at {place}: {error.message()}") from None


Details = Annotated[dict[str, Any], AfterValidator(check_details)]
"""An object of the caller's own making; lengths and positions in it are text."""
