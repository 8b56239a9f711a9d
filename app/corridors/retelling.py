"""All that was ever told of why nobody may move along a corridor, made anew from the record."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.agreements.recorded import Recorded as Agreement
from app.agreements.recorded import organisations_in
from app.agreements.store import names_in
from app.corridors import bars
from app.corridors.bars import Told
from app.corridors.recorded import Recorded
from app.db.rows import insert_rows
from app.disclosure.counting import bars_changed
from app.disclosure.panes import Span, merged, recorded
from app.disclosure.tables import ALWAYS, FOREVER, DisclosedBarRow
from app.ledger import store as ledger
from app.ledger.projection import Difference, Owned, told
from app.ledger.reading import Entry, winners
from app.ledger.whole import Whole, load

_bar = DisclosedBarRow.__table__
BAR = Owned(table=_bar, by="place_id", apart=True)

Line = Sequence[tuple[Span, Told]]
Names = Mapping[UUID, str]


@dataclass(frozen=True, kw_only=True)
class Ways:
    """A corridor and its agreement, each with its whole record."""

    corridor: Whole
    agreement: Whole

    @property
    def instants(self) -> list[datetime]:
        """When something of either was recorded, from the first event of the corridor on."""
        steps = (*self.corridor.steps, *self.agreement.steps)
        return sorted({s.recorded_at for s in steps if s.recorded_at >= self.corridor.created_at})

    def entries(self, known_at: datetime) -> list[Entry]:
        """Give what was known of the agreement."""
        return self.agreement.known(known_at)

    def lines(self, known_at: datetime, names: Names) -> Mapping[bool, Line]:
        """Tell why nobody may move from when to when, as it was known at an instant.

        Args:
            names: the short names by which reasons call organisations.
        """
        return self._lines(known_at, names, since=ALWAYS)

    def history(self, names: Names) -> Iterator[tuple[datetime, Mapping[bool, Line]]]:
        """Tell it for each of the instants in turn; each changes it from some moment on only."""
        lines: Mapping[bool, Line] = {True: (), False: ()}
        for at in self.instants:
            since = self._moved(at)
            if since < FOREVER:
                fresh = self._lines(at, names, since=since)
                lines = {whole: _joined(lines[whole], since, fresh[whole]) for whole in lines}
            yield at, lines

    def _moved(self, at: datetime) -> datetime:
        """Give the first moment of which something else was known from an instant on."""
        if at == self.corridor.created_at:
            return ALWAYS  # the agreement may have been told of long before
        said = (*self.corridor.said, *self.agreement.said)
        moved = (one.entry.effective_at for one in said if at in (one.entry.recorded_at, one.until))
        return min(moved, default=FOREVER)

    def _lines(self, known_at: datetime, names: Names, *, since: datetime) -> Mapping[bool, Line]:
        assert self.agreement.subject.operation is not None
        corridor = Recorded(id=self.corridor.id, entries=self.corridor.known(known_at))
        agreement = Agreement(
            id=self.agreement.id,
            operation=self.agreement.subject.operation,
            entries=self.entries(known_at),
            names=names,
        )
        return bars.lines(agreement, corridor, since)


def _joined(before: Line, since: datetime, fresh: Line) -> Line:
    """Join what holds from a moment on to what held before it."""
    kept = [
        (Span(span.start, min(span.end, since)), told)
        for span, told in before
        if span.start < since
    ]
    return list(merged((*kept, *fresh)))


def ways(db: Session, corridor: Whole) -> Ways:
    """Read the agreement of a corridor too."""
    agreement = load(db, UUID(str(winners(corridor.standing)["agreement"].value)))
    assert agreement is not None
    return Ways(corridor=corridor, agreement=agreement)


def rebuild(db: Session, corridor: UUID, *, at: datetime) -> None:
    """Make all rows of a corridor anew, those of earlier records too, after something was erased.

    Args:
        at: when that was recorded.
    """
    whole = load(db, corridor)
    assert whole is not None
    both = ways(db, whole)
    names = names_in(db, [one.entry for one in both.agreement.said])
    steps = [
        (
            known_at,
            [
                bars.Key(corridor, is_whole, span, text)
                for is_whole, line in lines.items()
                for span, text in line
            ],
        )
        for known_at, lines in both.history(names)
    ]
    old, new = _kept(db, corridor), recorded(steps)
    db.execute(delete(_bar).where(_bar.c.place_id == corridor))
    rows = [
        {**bars.row(key), "recorded_from": known.start, "recorded_until": known.end}
        for key, known in new
    ]
    insert_rows(db, _bar, rows, {})
    bars_changed(db, [(corridor, key.whole) for key, _ in old ^ set(new)], at=at)


def _kept(db: Session, corridor: UUID) -> set[tuple[bars.Key, Span]]:
    """Give the rows of a corridor, each with when it was on record."""
    return {
        (
            bars.Key(corridor, row.whole, Span(row.valid_from, row.valid_until), _text(row)),
            Span(row.recorded_from, row.recorded_until),
        )
        for row in db.execute(select(_bar).where(_bar.c.place_id == corridor))
    }


def check(db: Session, whole: Whole) -> Iterator[Difference]:
    """Compare what is told of a corridor with what its record and its agreement's make of it.

    At each instant of the record, and as a function of time: how rows are cut tells nothing.
    """
    both = ways(db, whole)
    rows = db.execute(select(_bar).where(BAR.of(whole.id)).order_by(_bar.c.valid_from)).all()
    now = names_in(db, [one.entry for one in both.agreement.said])
    seen: set[str] = set()
    edges = {edge for row in rows for edge in (row.recorded_from, row.recorded_until)}
    for at in sorted({*both.instants, *edges} - {FOREVER}):
        lines = both.lines(max(at, whole.created_at), now)
        for is_whole, line in lines.items():
            held = [r for r in rows if r.whole is is_whole and _holds(r, at)]
            for difference in _compare(db, both, line, held, at):
                if difference.row not in seen:
                    seen.add(difference.row)
                    yield difference


def _holds(row: Any, at: datetime) -> bool:
    return bool(row.recorded_from <= at < row.recorded_until)


def _compare(
    db: Session, both: Ways, line: Line, held: Sequence[Any], at: datetime
) -> Iterator[Difference]:
    """Compare what held at one instant of the record, from cut to cut."""
    cuts = {s.start for s, _ in line} | {s.end for s, _ in line}
    cuts |= {row.valid_from for row in held} | {row.valid_until for row in held}
    for cut in sorted(cuts)[:-1]:
        wanted = next((text for span, text in line if span.start <= cut < span.end), None)
        here = [row for row in held if row.valid_from <= cut < row.valid_until]
        if wanted is None or len(here) != 1:
            found = f"{len(here)} rows at {cut}, known at {at}"
            yield _difference(both, here, None, found, "one" if wanted else "none")
        elif _text(here[0]) != wanted and not _was_said(db, both, here[0], cut, at):
            name, is_, said = _first(here[0], wanted)
            yield _difference(both, here, name, told(is_), told(said))


def _was_said(db: Session, both: Ways, row: Any, cut: datetime, at: datetime) -> bool:
    """Tell whether a row calls organisations by names that they had by the time it was written.

    What holds before a change is kept as it was told, so they may be older than the row.
    """
    for names in _names(db, both, row.recorded_from):
        line = both.lines(max(at, both.corridor.created_at), names)[row.whole]
        if any(span.start <= cut < span.end and text == _text(row) for span, text in line):
            return True
    return False


def _names(db: Session, both: Ways, until: datetime) -> Iterator[Names]:
    """Give the short names of all whom the agreement names, as they were after each change."""
    ids = sorted(organisations_in(one.entry for one in both.agreement.said))
    said = {
        id: [one for one in ledger.said_over_time(db, id) if one.entry.aspect == "short_name"]
        for id in ids
    }
    changes = {one.entry.recorded_at for of_one in said.values() for one in of_one}
    for at in sorted(change for change in changes if change <= until):
        held = {
            id: winners(o.entry for o in of_one if o.is_known(at)) for id, of_one in said.items()
        }
        yield {id: str(won["short_name"].value) for id, won in held.items() if won}


def _text(row: Any) -> Told:
    return Told(row.reasons, row.until)


def _first(row: Any, wanted: Told) -> tuple[str, str, str]:
    if row.reasons != wanted.reasons:
        return "reasons", row.reasons, wanted.reasons
    return "until", row.until, wanted.until


def _difference(
    both: Ways, here: Sequence[Any], column: str | None, found: str, expected: str
) -> Difference:
    name = str(here[0].id) if here else f"of corridor {both.corridor.id}"
    return Difference(table=_bar.name, row=name, column=column, found=found, expected=expected)
