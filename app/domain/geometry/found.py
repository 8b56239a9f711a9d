"""How a refused value of a geometry is named in a message: briefly, and never a secret."""

from typing import Any

_LONGEST = 20


def found(value: Any) -> str:
    """Name a value as it was found; only a single short word is repeated."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return _number(value)
        case str():
            return f'"{value}"' if value.isalpha() and len(value) <= _LONGEST else "text"
        case list() | tuple():
            return f"an array of {len(value)}"
        case dict():
            return "an object"
        case _:
            return "something else"


def _number(number: float) -> str:
    is_long = isinstance(number, int) and number.bit_length() > 53
    return "a number too great to hold" if is_long else repr(number)
