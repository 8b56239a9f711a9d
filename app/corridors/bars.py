"""Why nobody may move along a corridor, from instant to instant: kept as rows, like its features.

They follow corridor and agreement together, and are cut wherever the answer changes without a
write: at the start and end of a window, at the end of what a confirmation holds for.
"""

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.agreements.recorded import Recorded as Agreement
from app.corridors.recorded import Recorded
from app.db.rows import insert_rows
from app.disclosure.counting import bars_changed
from app.disclosure.panes import Span, merged, spans
from app.disclosure.tables import FOREVER, DisclosedBarRow
from app.domain.agreement.bar import Bar
from app.domain.corridor.bar import may_leave, shown_to_others
from app.domain.instant import format_instant, parse_instant
from app.ledger.reading import Entry

_bar = DisclosedBarRow.__table__


class Told(NamedTuple):
    """A bar as text: reasons with commas between them, and until when they hold."""

    reasons: str
    until: str


Line = list[tuple[Span, Told]]


class Key(NamedTuple):
    """What one row tells of which place, to whom, from when to when."""

    place: UUID
    whole: bool
    valid: Span
    told: Told


def publish(
    db: Session,
    agreement: Agreement,
    corridors: Sequence[Recorded],
    *,
    since: datetime,
    at: datetime,
    new: Collection[UUID] = (),
) -> None:
    """Tell anew why nobody may move along corridors of one agreement, from `since` on.

    Args:
        at: from when on it is on record.
        new: corridors of which nothing was told before.
    """
    stored = _stored(db, [each.id for each in corridors if each.id not in new], since)
    before: dict[tuple[UUID, bool], list[Key]] = defaultdict(list)
    for key in stored:
        before[key.place, key.whole].append(key)
    ahead = {moment for moment in _boundaries(agreement.entries) if moment > since}
    wanted = {
        Key(corridor.id, whole, span, told)
        for corridor in corridors
        for whole, line in _lines(agreement, corridor, ahead, since).items()
        for span, told in _joined(line, before[corridor.id, whole])
    }
    fresh, gone = wanted - stored.keys(), stored.keys() - wanted
    _end(db, [stored[key] for key in gone], at)
    rows = [row(key) for key in fresh]
    insert_rows(db, _bar, rows, {"recorded_from": at, "recorded_until": FOREVER})
    bars_changed(db, [(key.place, key.whole) for key in (*fresh, *gone)], at=at)


def lines(agreement: Agreement, corridor: Recorded, since: datetime) -> dict[bool, Line]:
    """Give, with all reasons and for those who may not know the agreement, what holds when."""
    ahead = {moment for moment in _boundaries(agreement.entries) if moment > since}
    return _lines(agreement, corridor, ahead, since)


def _lines(
    agreement: Agreement, corridor: Recorded, ahead: Collection[datetime], since: datetime
) -> dict[bool, Line]:
    """Give, with all reasons and for those who may not know the agreement, what holds when.

    Args:
        ahead: when something of the agreement changes after `since`.
    """
    first = max(since, corridor.began)
    boundaries = {*ahead, *_boundaries(corridor.entries)}
    cuts = spans([first, *(moment for moment in boundaries if moment > first)])
    bars = [
        (span, may_leave(corridor.at(span.start), agreement.at(span.start), span.start))
        for span in cuts
    ]
    return {
        True: list(merged((span, _text(bar)) for span, bar in bars)),
        False: list(merged((span, _text(shown_to_others(bar))) for span, bar in bars)),
    }


def _boundaries(entries: Iterable[Entry]) -> Iterator[datetime]:
    for entry in entries:
        yield entry.effective_at
        if entry.aspect.startswith(("window:", "position:")) and isinstance(entry.value, dict):
            for name in ("starts_at", "ends_at", "valid_until"):
                if isinstance(at := entry.value.get(name), str):
                    yield parse_instant(at)


def _text(bar: Bar) -> Told:
    reasons = [orjson.dumps({"code": r.code, "message": r.message}).decode() for r in bar.reasons]
    until = orjson.dumps(format_instant(bar.until) if bar.until else None).decode()
    return Told(",".join(reasons), until)


def _joined(
    line: Sequence[tuple[Span, Told]], before: Iterable[Key]
) -> Iterator[tuple[Span, Told]]:
    """Join the new line to what stands before it, so that a row that says the same stays."""
    first = min((span.start for span, _ in line), default=FOREVER)
    ahead = [
        (Span(key.valid.start, min(key.valid.end, first)), key.told)
        for key in sorted(before, key=lambda key: key.valid.start)
        if key.valid.start < first
    ]
    yield from merged([*ahead, *line])


def _stored(db: Session, places: Sequence[UUID], since: datetime) -> dict[Key, Any]:
    if not places:
        return {}
    question = select(_bar).where(
        _bar.c.place_id.in_(places),
        _bar.c.recorded_until == FOREVER,
        _bar.c.valid_until > since,
    )
    return {
        Key(
            row.place_id,
            row.whole,
            Span(row.valid_from, row.valid_until),
            Told(row.reasons, row.until),
        ): row
        for row in db.execute(question)
    }


def _end(db: Session, rows: Sequence[Any], at: datetime) -> None:
    never = [row.id for row in rows if row.recorded_from >= at]
    ended = [row.id for row in rows if row.recorded_from < at]
    if never:
        db.execute(delete(_bar).where(_bar.c.id.in_(never)))
    if ended:
        db.execute(update(_bar).where(_bar.c.id.in_(ended)).values(recorded_until=at))


def row(key: Key) -> dict[str, Any]:
    """Give a row under a new id, but for when it is on record."""
    return {
        "id": secrets.randbits(62),
        "place_id": key.place,
        "whole": key.whole,
        "valid_from": key.valid.start,
        "valid_until": key.valid.end,
        "reasons": key.told.reasons,
        "until": key.told.until,
    }
