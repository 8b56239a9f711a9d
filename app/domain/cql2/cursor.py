"""Going through the words of a filter, one after the other, and saying where it stopped."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from app.domain.cql2.refused import FilterRefused
from app.domain.cql2.words import What, Word, words

DEEPEST = 32
"""So many parentheses and NOT may stand within each other."""

_LONGEST_SHOWN = 20
_RESERVED = frozenset({"and", "or", "not", "like", "between", "in", "is", "null"})
Item = TypeVar("Item")


class Cursor:
    """A place among the words of a filter."""

    def __init__(self, text: str) -> None:
        self._words = list(words(text))
        self._at = 0
        self._depth = 0

    @property
    def word(self) -> Word:
        """The word that comes next."""
        return self._words[self._at]

    @property
    def following(self) -> Word:
        """The word after that."""
        return self._words[min(self._at + 1, len(self._words) - 1)]

    def go_on(self) -> None:
        """Pass a word that is not the end."""
        self._at += 1

    def calls(self) -> bool:
        """Tell whether a name with a parenthesis comes next."""
        return self.word.what is What.NAME and self._is_free() and self.following.text == "("

    def is_text(self) -> bool:
        """Tell whether a text in quotes comes next."""
        return self.word.what is What.TEXT

    def takes(self, keyword: str) -> bool:
        """Pass a keyword or mark if it comes next, and tell whether it did."""
        if self.word.key != keyword:
            return False
        self.go_on()
        return True

    def require(self, keyword: str) -> None:
        """Pass a keyword or mark.

        Raises:
            FilterRefused: something else comes next.
        """
        if not self.takes(keyword):
            raise self.refused(keyword.upper())

    def require_end(self) -> None:
        """Check that nothing comes next.

        Raises:
            FilterRefused: something does.
        """
        if self.word.what is not What.END:
            raise self.refused("AND, OR or the end")

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """Go one level deeper.

        Raises:
            FilterRefused: that is too deep.
        """
        self._depth += 1
        if self._depth > DEEPEST:
            raise FilterRefused(f"nested deeper than {DEEPEST}; expected {DEEPEST} at most")
        yield
        self._depth -= 1

    def listed(self, read: Callable[[], Item]) -> list[Item]:
        """Read a list in parentheses."""
        self.require("(")
        items = [read()]
        while self.takes(","):
            items.append(read())
        self.require(")")
        return items

    def literal(self) -> Any:
        """Read a text, a number or a property."""
        if self.is_text():
            return self.quoted()
        if self.word.key in {"+", "-"} or self.word.what is What.NUMBER:
            return self.number()
        return self.property()

    def quoted(self) -> str:
        """Read a text in quotes."""
        if not self.is_text():
            raise self.refused("a text between single quotes")
        text = self.word.text
        self.go_on()
        return text

    def number(self) -> float:
        """Read a number, which may be too great to hold."""
        sign = -1 if self.word.key == "-" else 1
        if self.word.key in {"+", "-"}:
            self.go_on()
        if self.word.what is not What.NUMBER:
            raise self.refused("a number")
        number = float(self.word.text)
        self.go_on()
        return sign * number

    def property(self) -> dict[str, str]:
        """Read the name of a property; one that is a keyword stands in double quotes."""
        is_name = self.word.what is What.NAME and self._is_free()
        if not is_name and self.word.what is not What.QUOTED:
            raise self.refused("a property or a value")
        name = self.word.text
        self.go_on()
        return {"property": name}

    def refused(self, expected: str) -> FilterRefused:
        """Say what comes next, and what was expected in its place; no text in quotes is repeated."""
        word = self.word
        match word.what:
            case What.END:
                found = "the end"
            case What.TEXT | What.QUOTED:
                found = f"a text at character {word.at}"
            case _:
                shown = word.text if len(word.text) <= _LONGEST_SHOWN else "a long word"
                found = f"{shown} at character {word.at + 1}"
        return FilterRefused(f"found {found}, expected {expected}")

    def _is_free(self) -> bool:
        return self.word.key not in _RESERVED
