"""What disclosed rows say of places, beside what the record makes of them anew."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.agreements import store as agreements
from app.corridors import bars, recorded
from app.corridors import following as corridors
from app.corridors.tables import CorridorRow
from app.db.session import reading, writing
from app.disclosure.tables import (
    FOREVER,
    DisclosedBarRow,
    DisclosedFeatureRow,
    DisclosedShapeRow,
    DisclosedVersionRow,
)
from app.domain.policy import Audience
from app.ledger import store as ledger
from app.ledger.reading import NOW
from app.sites import following as sites

_feature = DisclosedFeatureRow.__table__
_shape = DisclosedShapeRow.__table__
_bar = DisclosedBarRow.__table__
_INSTANT = timedelta(microseconds=1)
_LOOKS_H = (0, 2, 72)
"""How many hours from now readers look: what may be seen changes with the time."""


class Shown(NamedTuple):
    """All that can be told of some places.

    Attributes:
        answers: by place, audience, look, `as_of` and `known_at`.
        bars: why nobody may move, as it is on record now.
        versions: what was counted, of all places.
    """

    answers: Mapping[tuple[Any, ...], Any]
    bars: set[tuple[Any, ...]]
    versions: set[tuple[Any, ...]]


def differences(one: Shown, other: Shown) -> list[Any]:
    """List where both differ; the first few, for there may be thousands."""
    keys = one.answers.keys() | other.answers.keys()
    answers = [
        (key, one.answers.get(key), other.answers.get(key))
        for key in keys
        if one.answers.get(key) != other.answers.get(key)
    ]
    return [*answers[:3], *(one.bars ^ other.bars), *(one.versions ^ other.versions)]


def shown(engine: Engine, *places: UUID) -> Shown:
    """Give what can be told of places."""
    with reading(engine) as db:
        return Shown(
            answers={key: told for place in places for key, told in _answers(db, place)},
            bars=_bars(db, places),
            versions={tuple(row) for row in db.execute(select(DisclosedVersionRow.__table__))},
        )


def shown_anew(engine: Engine, *, site: UUID, corridor: UUID) -> Shown:
    """Make all rows of both anew from the record, and give what can be told of them then."""
    _make_anew(engine, site, corridor)
    return shown(engine, site, corridor)


def changed_when_made_anew(engine: Engine, *, site: UUID, corridor: UUID) -> set[Any]:
    """Make all rows of both anew, and give those that were not there before or are not now.

    For places with a long history, of which no release has come since it was last changed.
    """
    before = _stored(engine, site, corridor)
    _make_anew(engine, site, corridor)
    return before ^ _stored(engine, site, corridor)


def _make_anew(engine: Engine, site: UUID, corridor: UUID) -> None:
    with writing(engine) as db:
        now = ledger.moment(db)
        sites.make_anew(db, [site], now)
        corridors.make_anew(db, [corridor], now)
        _bar_anew(db, corridor, now)


def _stored(engine: Engine, *places: UUID) -> set[Any]:
    with reading(engine) as db:
        rows = [row for place in places for row in rows_of(db, place)]
        return {(*_spans(row), row.recorded_until, *_content(row)) for row in rows} | _bars(
            db, places
        )


def _spans(row: Any) -> tuple[Any, ...]:
    return (row.place_id, row.audience, row.visible_from, row.visible_until)


def rows_of(db: Session, place: UUID) -> Sequence[Any]:
    """Give the rows of a place, each with its shape."""
    question = (
        select(_feature, _shape.c.geojson, _shape.c.geometry)
        .join(_shape, _shape.c.id == _feature.c.shape_id)
        .where(_feature.c.place_id == place)
    )
    return db.execute(question).all()


def _answers(db: Session, place: UUID) -> Iterator[tuple[tuple[Any, ...], Any]]:
    said, rows, now = ledger.said_over_time(db, place), rows_of(db, place), datetime.now(UTC)
    states = _around({one.entry.effective_at for one in said})
    records = _around({one.entry.recorded_at for one in said})
    for audience, hours, valid, known in product(Audience, _LOOKS_H, states, records):
        look = now + timedelta(hours=hours)
        held = [
            row
            for row in rows
            if row.audience is audience
            and row.visible_from <= look < row.visible_until
            and row.valid_from <= valid < row.valid_until
            and row.recorded_from <= known < row.recorded_until
        ]
        assert len(held) <= 1, held
        yield (place, audience, hours, valid, known), [_content(row) for row in held]


def _content(row: Any) -> tuple[Any, ...]:
    sides = (row.west, row.south, row.east, row.north)
    spans = (row.valid_from, row.valid_until, row.recorded_from)
    return (row.properties, row.agreement_id, row.geojson, row.geometry, sides, spans)


def _around(instants: set[datetime]) -> list[datetime]:
    """Give the instants, and those right before them."""
    return sorted({at + step for at in instants for step in (-_INSTANT, timedelta(0))})


def _bars(db: Session, places: Sequence[UUID]) -> set[tuple[Any, ...]]:
    question = select(_bar).where(_bar.c.place_id.in_(places), _bar.c.recorded_until == FOREVER)
    return {
        (row.place_id, row.whole, row.valid_from, row.valid_until, row.reasons, row.until)
        for row in db.execute(question)
    }


def _bar_anew(db: Session, corridor: UUID, at: datetime) -> None:
    """Tell anew why nobody may move, from the first entry on."""
    row = db.get_one(CorridorRow, corridor)
    found = recorded.load(db, [corridor], NOW)[corridor]
    key = (row.agreement_id, row.operation_id)
    agreement = agreements.load(db, [key], NOW)[row.agreement_id]
    bars.publish(db, agreement, [found], since=found.began, at=at)
