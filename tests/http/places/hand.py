"""Whoever writes in one of two worlds, what is wished for, and from whom it is hidden."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from random import Random
from typing import Any, TypeVar

from httpx2 import Response

from app.domain.disclosure import WHO_SEES, Precision, Sensitivity
from app.domain.policy import Audience
from tests.http.agreements.case import Case
from tests.http.places.twins import CLASSES, Twin

WHENS = (None, "2022-04-27T00:00:00Z", "2022-05-01T00:00:00Z")
_T = TypeVar("_T")
NAMES = ("Hall 7", "Gate of the north", "Школа 12", "A")


class Scope(StrEnum):
    """From whom something is hidden."""

    PUBLIC = "public"
    PARTNER = "partner"

    def sees(self, sensitivity: str) -> Precision | None:
        """Tell how exactly a place of a class is seen."""
        return WHO_SEES[Sensitivity(sensitivity)][Audience(self.value)]

    @property
    def hidden(self) -> tuple[str, ...]:
        """The classes of places that do not exist here."""
        return tuple(name for name in CLASSES if self.sees(name) is None)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """One write: what, to which of those that it may be done to, and with which values."""

    what: str
    target: int
    value: int
    when: str | None

    @cached_property
    def _chance(self) -> Random:
        return Random(self.value)

    def pick(self, options: Iterable[_T]) -> _T:
        """Choose among options, one after another, by the value."""
        return self._chance.choice(list(options))

    def one_of(self, *steps: Callable[[], Response]) -> Response:
        """Take one of some steps."""
        return self.pick(steps)()


@dataclass(frozen=True, kw_only=True)
class Hand:
    """Who writes, in which world, hidden from whom."""

    twin: Twin
    scope: Scope

    def post(self, path: str, body: Any) -> Response:
        """Make something new, and remember it."""
        answer = self.twin.world.by("ocha").post(path, body)
        if answer.status_code == 201 and path.count("/") == 2:
            self.twin.touched.append(answer.json()["id"])
        return answer

    def patch(self, path: str, body: Any) -> Response:
        """Change something on its present version, and remember it."""
        voice = self.twin.world.by("ocha")
        self.twin.touched.append(path.rsplit("/", 1)[1])
        return voice.call("PATCH", path, body, if_match=voice.get(path).headers["ETag"])

    def case(self, name: str = "talks") -> Case:
        """Give one of the agreements of the base."""
        return Case(world=self.twin.world, id=self.twin.base.agreements[name])

    def of_scope(self, places: Mapping[str, str], *seen: Precision | None) -> list[tuple[str, str]]:
        """Give those places of the base that are seen in one of these ways, with their class."""
        return [(name, places[name]) for name in CLASSES if self.scope.sees(name) in seen]
