"""How a refused value is named in a message: briefly, and never a secret."""

from typing import Any

from pydantic_core import PydanticCustomError

_LONGEST = 40
_OURS = "sp_"


def refused(message: str) -> PydanticCustomError:
    """A refusal of a validator whose message is shown as it is."""
    return PydanticCustomError("found_expected", "{message}", {"message": message})


def found(value: Any) -> str:
    """Name a value as it was found."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return _shortened(repr(value))
        case str():
            return _quoted(value)
        case list() | tuple():
            return f"an array of {len(value)}"
        case dict():
            return "an object"
        case _:
            return "something else"


def _quoted(text: str) -> str:
    if _OURS in text:
        return "text that looks like a token"
    return f'"{_shortened(text)}"'


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
