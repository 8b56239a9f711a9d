"""How a refused value is named in a message: briefly, and never a secret."""

from typing import Any

from pydantic_core import PydanticCustomError

from app.domain.geometry.found import found as found_plainly

_LONGEST = 40
_OURS = "sp_"


def refused(message: str) -> PydanticCustomError:
    """A refusal of a validator whose message is shown as it is."""
    return PydanticCustomError("found_expected", "{message}", {"message": message})


def found(value: Any) -> str:
    """Name a value as it was found."""
    if isinstance(value, str):
        return _quoted(value)
    return _shortened(found_plainly(value))


def _quoted(text: str) -> str:
    if _OURS in text:
        return "text that looks like a token"
    return f'"{_shortened(text)}"'


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
