"""What files for devices say in plain words: whether anybody may move, until when, and what then."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from app.domain.device import Advice, advice
from app.domain.instant import parse_instant
from app.formats.shapes import begins_at, ends_at, is_exact, square
from app.formats.writer import About, Feature
from app.formats.xml_text import one_line

DO_NOT_MOVE = "DO NOT MOVE: "
CORRIDORS = "corridors"
_KINDS = {CORRIDORS: "Corridor", "sites": "Site"}
_ASK = "Ask the service again right before leaving"


def minute(at: datetime) -> str:
    """Write an instant for people, to the minute before it."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True)
class Said:
    """The words about one feature."""

    about: About
    feature: Feature

    @cached_property
    def advice(self) -> Advice | None:
        """Whether anybody may move; None of what nobody moves along."""
        if self.about.collection != CORRIDORS:
            return None
        return advice(
            self.feature["properties"].get("do_not_move"),
            is_exact=is_exact(self.feature),
            is_present=self.about.is_present,
            read_at=self.about.read_at,
        )

    @property
    def is_barred(self) -> bool:
        """Whether anything stands against moving."""
        return self.advice is not None and self.advice.until is None

    @property
    def name(self) -> str:
        """Give a name that says at once whether anybody may move, and until when."""
        name = one_line(self.feature["properties"].get("name") or self._unnamed)
        if self.advice is None:
            return name
        if self.advice.until is None:
            return DO_NOT_MOVE + name
        return f"{name} (only until {minute(self.advice.until)})"

    @property
    def short(self) -> str:
        """Say in one line when it was read and what to do."""
        return f"Read {minute(self.about.read_at)}. {_ASK}."

    @property
    def long(self) -> str:
        """Say all that matters, a line for each thing."""
        return "\n".join([*self._on_moving(), *self._on_place(), *stale(self.about)])

    @property
    def _unnamed(self) -> str:
        kind = _KINDS.get(self.about.collection, self.about.title)
        return f"{kind} {self.feature['id'][:8]}"

    def _on_moving(self) -> list[str]:
        if self.advice is None:
            return ["This is a place. It does not say that the way there is open."]
        if self.advice.until is None:
            return ["DO NOT MOVE along this corridor:", *(f"- {r}" for r in self.advice.reasons)]
        until = minute(self.advice.until)
        return [
            f"Nothing stood against moving when this was read. Do not rely on it after {until}."
        ]

    def _on_place(self) -> list[str]:
        geometry, since = self.feature["geometry"], self.feature["properties"]["valid_from"]
        ends = (
            (begins_at(geometry), "From" if ends_at(geometry) else "At"),
            (ends_at(geometry), "To"),
        )
        lines = [
            f"{word} {_degrees(end, is_exact(self.feature))}, MGRS {square(self.feature, end)}."
            for end, word in ends
            if end is not None
        ]
        return [*(lines or ["No place is shown."]), f"So since {minute(parse_instant(since))}."]


def _degrees(position: tuple[float, float], exact: bool) -> str:
    longitude, latitude = position
    about = "" if exact else "about "
    return f"{about}latitude {latitude}, longitude {longitude}"


def stale(about: About) -> list[str]:
    """Say that a file does not change when the world does."""
    return [
        f"Read at {about.read_at:%Y-%m-%d %H:%M:%S} UTC. This file does not change by itself.",
        f"{_ASK}: what it says may have been taken back since.",
    ]
