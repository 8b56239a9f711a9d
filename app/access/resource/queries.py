"""Query parameters that lists of resources share."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from app.http.found import found
from app.http.schema import refused


def _read_truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value not in {"true", "false"}:
        raise refused(f"found {found(value)}, expected true or false")
    return bool(value == "true")


def _read_whole_number(value: Any) -> int:
    if isinstance(value, int):
        return value
    if not isinstance(value, str) or not value.isascii() or not value.isdigit() or len(value) > 9:
        raise refused(f"found {found(value)}, expected a whole number")
    return int(value)


Truth = Annotated[bool, BeforeValidator(_read_truth)]
"""`true` or `false`, and no other word for it."""
WholeNumber = Annotated[int, BeforeValidator(_read_whole_number)]
"""A number of digits only."""
Asked = Annotated[str, Field(max_length=300)]
"""Text to be found exactly; also an id, slug or short name."""
