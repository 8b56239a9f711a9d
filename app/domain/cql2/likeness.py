"""Does a text fit a pattern? As `LIKE` of PostgreSQL answers it, by code point and letter case."""

import re
from functools import lru_cache
from typing import NamedTuple


class _Piece(NamedTuple):
    """What stands between two %: of so many characters."""

    pattern: re.Pattern[str]
    width: int


def is_like(text: str | None, pattern: str | None) -> bool | None:
    """Tell whether a text fits: % is any text, _ one character, and after a backslash themselves.

    None, which is unknown, where one of them is. It takes no longer than the length of the text
    times that of the pattern.

    Args:
        pattern: ends in no single backslash.
    """
    if text is None or pattern is None:
        return None
    first, *inner = _pieces(pattern)
    if first.pattern.match(text) is None:
        return False
    if not inner:
        return first.width == len(text)
    at, last = first.width, inner.pop()
    for piece in inner:
        found = piece.pattern.search(text, at)
        if found is None:
            return False
        at = found.end()
    end = len(text) - last.width
    return at <= end and last.pattern.match(text, end) is not None


@lru_cache(maxsize=64)
def _pieces(pattern: str) -> tuple[_Piece, ...]:
    pieces: list[list[str]] = [[]]
    characters = iter(pattern)
    for character in characters:
        if character == "%":
            pieces.append([])
        elif character == "_":
            pieces[-1].append(".")
        else:
            meant = next(characters) if character == "\\" else character
            pieces[-1].append(re.escape(meant))
    return tuple(_Piece(re.compile("".join(each), re.DOTALL), len(each)) for each in pieces)
