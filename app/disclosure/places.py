"""From what the record says of a place to the panes that each audience may see of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Any, TypeAlias, cast
from uuid import UUID

import orjson

from app.access.resource import Values
from app.disclosure.outline import Made, Outline, outline
from app.disclosure.panes import Pane, View, panes
from app.domain import redaction
from app.domain.disclosure import Classed, Precision, Sensitivity
from app.domain.fact import Fact
from app.domain.geometry.grid import Size, generalised
from app.domain.geometry.shape import Shape, from_recorded
from app.domain.instant import parse_instant
from app.domain.policy import Audience
from app.ledger.reading import Entry, winners

SIZES = {Precision.FINE: Size.FINE, Precision.COARSE: Size.COARSE}

RIGHTS = frozenset({"sensitivity", "release_at"})
"""What acts from recording, on all versions of a place."""

Compose: TypeAlias = "Callable[[Values, Precision, Audience, datetime], dict[str, Any]]"
"""Gives the properties of a place from its fields, for one audience that looks at an instant.

`agreement` among them is kept apart, see `DisclosedFeatureRow`.
"""


def evidence(values: Values) -> dict[str, Any]:
    """Give the sources that a place rests on; records of before there was the field say nothing."""
    return {"sources": values["sources"] or []} if "sources" in values else {}


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A place as the record tells it.

    Attributes:
        entries: those that are not replaced, in the order of (`effective_at`, `sequence`).
        classed: its class and release, which always are those of now.
        compose: see `Compose`.
        moments: when what may be seen of others that it names changes.
    """

    id: UUID
    entries: Sequence[Entry]
    classed: Classed
    compose: Compose
    moments: Sequence[datetime] = ()
    _outlines: dict[Made | None, Outline] = field(default_factory=dict, repr=False)
    _views: dict[tuple[Any, ...], View] = field(default_factory=dict, repr=False)

    def known(self, entries: Sequence[Entry]) -> "Recorded":
        """Give the place as an earlier record told it, under the same rights."""
        return replace(self, entries=entries)

    def has(self, stored: Iterable[Outline]) -> None:
        """Learn which outlines are stored already, so that they need not be made again."""
        self._outlines.update({each.made_of: each for each in stored})

    def panes(self, at: datetime) -> tuple[Pane, ...]:
        """Give all that is to be seen of the place from `at` on."""
        if not self.entries:
            return ()
        rights = self._rights(at)

        def look(audience: Audience, valid: datetime, now: datetime) -> View | None:
            precision = rights.precision(audience, now)
            if precision is None:
                return None
            return self._view(self._at(valid), precision, audience, now)

        boundaries = [entry.effective_at for entry in self.entries]
        moments = [*self.moments, *filter(None, [rights.release_at])]
        return panes(look, boundaries=boundaries, moments=moments, now=at)

    def is_late(self, at: datetime) -> bool:
        """Tell whether rows of earlier records may be missing: none was written ahead of a release."""
        release_at = self.classed.release_at
        is_severe = self.classed.sensitivity is Sensitivity.SEVERE
        return is_severe and release_at is not None and release_at <= at

    def _rights(self, at: datetime) -> Classed:
        """Give class and release as rows that are made at `at` may show them.

        Nothing of a severe place is written ahead of its release: see `releases`.
        """
        release_at = self.classed.release_at
        is_severe = self.classed.sensitivity is Sensitivity.SEVERE
        is_ahead = release_at is not None and release_at > at
        return replace(self.classed, release_at=None) if is_severe and is_ahead else self.classed

    def exact(self, as_of: datetime, now: datetime) -> View:
        """Give the exact shape, for the operational audience that asks for one place."""
        held = self._at(as_of)
        return self._view(held, Precision.EXACT, Audience.OPERATIONAL, now)

    @cached_property
    def _states(self) -> dict[datetime, dict[str, Entry]]:
        """The entries that held from each instant on at which one took effect."""
        held: dict[str, Entry] = {}
        found: dict[datetime, dict[str, Entry]] = {}
        for at, together in groupby(self.entries, key=lambda entry: entry.effective_at):
            held = held | {entry.aspect: entry for entry in together}
            found[at] = held
        return found

    def _at(self, valid: datetime) -> dict[str, Entry]:
        found = self._states.get(valid)
        if found is None:
            began = max(at for at in self._states if at <= valid)
            found = self._states[began]
        return found

    def _view(
        self, held: Mapping[str, Entry], precision: Precision, audience: Audience, now: datetime
    ) -> View:
        state = tuple(sorted((aspect, entry.event.int) for aspect, entry in held.items()))
        key = (state, precision, audience, now)
        if key not in self._views:
            self._views[key] = self._made(held, precision, audience, now)
        return self._views[key]

    def _made(
        self, held: Mapping[str, Entry], precision: Precision, audience: Audience, now: datetime
    ) -> View:
        values = {name: entry.value for name, entry in held.items()}
        shown = self.compose(values, precision, audience, now)
        agreement = shown.pop("agreement", None)
        return View(
            outline=self._outline(held.get("geometry"), precision),
            properties=orjson.dumps(shown).decode()[1:-1],
            agreement=UUID(agreement) if agreement else None,
        )

    def _outline(self, entry: Entry | None, precision: Precision) -> Outline:
        made_of = (entry.event, precision) if entry and entry.value else None
        if made_of not in self._outlines:
            shape = from_recorded(entry.value) if entry and entry.value else None
            self._outlines[made_of] = outline(self.id, seen(shape, precision), made_of)
        return self._outlines[made_of]


def seen(shape: Shape | None, precision: Precision) -> Shape | None:
    """Give a shape as it is seen at a precision."""
    if shape is None or precision is Precision.EXACT:
        return shape
    return generalised(shape, SIZES[precision])


def cell_width_m(precision: Precision) -> int | None:
    """Give how wide cells of a precision are at least; None where the shape is exact."""
    size = SIZES.get(precision)
    return size.metres if size else None


def classed(entries: Iterable[Entry]) -> Classed:
    """Give the class and release of now: they act from recording, whatever time is asked about."""
    held = winners(entry for entry in entries if entry.aspect in RIGHTS)
    release_at = held["release_at"].value if "release_at" in held else None
    return Classed(
        sensitivity=Sensitivity(cast(str, held["sensitivity"].value)),
        release_at=parse_instant(release_at) if isinstance(release_at, str) else None,
    )


def changes_rights(aspects: Iterable[str]) -> bool:
    """Tell whether a change is one of class or release, which reaches back to earlier versions."""
    return not RIGHTS.isdisjoint(aspects)


def changes_past(fact: Fact) -> bool:
    """Tell whether rows of earlier records must be made anew: for rights, and for what is erased."""
    return changes_rights(fact.aspects) or fact.kind == redaction.KIND
