"""The words of a filter in text: names, numbers, texts in quotes, and marks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from app.domain.cql2.refused import FilterRefused

LONGEST = 4000
"""So many characters a filter may have as text."""

_WORD = re.compile(
    r"""\s*(?:
    (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)
    |(?P<name>[^\W\d][\w.:]*|:[\w.:]*)
    |"(?P<quoted>[^"]+)"
    |'(?P<text>(?:[^'\\]|''|\\.)*)'
    |(?P<mark><>|<=|>=|[-+=<>(),])
    |(?P<end>\Z)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"''|\\\\|\\([abtnvfr'])")
_MEANT = {
    "''": "'",
    "a": "\a",
    "b": "\b",
    "t": "\t",
    "n": "\n",
    "v": "\v",
    "f": "\f",
    "r": "\r",
    "'": "'",
}


class What(Enum):
    """What a word is."""

    NUMBER = auto()
    NAME = auto()
    QUOTED = auto()
    TEXT = auto()
    MARK = auto()
    END = auto()


@dataclass(frozen=True)
class Word:
    """A word, and how many characters stand before it.

    Attributes:
        text: of what stands in quotes, what it means.
    """

    what: What
    text: str
    at: int

    @property
    def key(self) -> str:
        """The word as a keyword, which is one in large or small letters; empty for others."""
        return self.text.lower() if self.what in {What.NAME, What.MARK} else ""


def words(text: str) -> Iterator[Word]:
    """Give the words of a filter, last of all an empty one that is its end.

    Raises:
        FilterRefused: it is too long, or holds what is no word.
    """
    if len(text) > LONGEST:
        raise FilterRefused(f"found {len(text)} characters, expected {LONGEST} at most")
    at = 0
    while True:
        found = _WORD.match(text, at)
        if found is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            raise FilterRefused(
                f"found at character {at + 1} what is no word of CQL2; a text stands between "
                "single quotes, and a single quote in it is written twice"
            )
        kind = str(found.lastgroup)
        yield Word(What[kind.upper()], _meant(kind, found[kind]), found.start(kind))
        if kind == "end":
            return
        at = found.end()


def _meant(kind: str, text: str) -> str:
    """Give what is meant; a backslash before other characters stays, as does one of two."""
    if kind != "text":
        return text
    return _ESCAPED.sub(lambda found: _MEANT.get(found[1] or found[0], found[0]), text)
