"""Versions of places, for each audience its own: a gap would betray a change that it may not know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, tuple_
from sqlalchemy.orm import Session

from app.access.caller import Caller
from app.disclosure.reading import Found
from app.disclosure.tables import DisclosedVersionRow
from app.domain.fact import Event
from app.domain.policy import Audience
from app.ledger import store as ledger
from app.ledger.reading import Reading, SubjectState
from app.ledger.tables import EventRow

_version = DisclosedVersionRow.__table__
_event = EventRow.__table__


@dataclass(frozen=True, kw_only=True)
class Head:
    """Which version a reader sees, when it was recorded, and by whom as far as it may know."""

    version: int
    recorded_at: datetime
    recorded_by: UUID | None


def heads(db: Session, found: Sequence[Found], reading: Reading) -> dict[UUID, Head]:
    """Give the version of each place: the subject's own for the operational audience."""
    whole = [one.id for one in found if one.audience is Audience.OPERATIONAL]
    part = [one for one in found if one.audience is not Audience.OPERATIONAL]
    return {**_of_subjects(db, whole, reading), **_of_audiences(db, part, reading)}


def knows_in_part(caller: Caller, subject: SubjectState) -> bool:
    """Tell whether there are changes of a place of which this caller may not know."""
    assert subject.operation is not None
    return caller.audience(subject.operation) is not Audience.OPERATIONAL


def version_of(db: Session, caller: Caller, subject: SubjectState) -> int:
    """Give the version that `If-Match` of this caller names."""
    assert subject.operation is not None
    audience = caller.audience(subject.operation)
    if audience is Audience.OPERATIONAL:
        return subject.version
    return _last(db, subject.id, audience) or 1


def version_after(db: Session, caller: Caller, event: Event) -> int:
    """Give the version of a place that a change left for this caller, whatever came after it."""
    subject = event.fact.subject
    assert subject.operation is not None
    audience = caller.audience(subject.operation)
    if audience is Audience.OPERATIONAL:
        return event.sequence
    return _last(db, subject.id, audience, _version.c.recorded_at <= event.recorded_at) or 1


def _last(
    db: Session, place: UUID, audience: Audience, *conditions: ColumnElement[bool]
) -> int | None:
    question = select(func.max(_version.c.version)).where(
        _version.c.place_id == place, _version.c.audience == audience, *conditions
    )
    found: int | None = db.scalar(question)
    return found


def _of_subjects(db: Session, ids: Sequence[UUID], reading: Reading) -> dict[UUID, Head]:
    versions = ledger.versions(db, ids, reading)
    if not versions:
        return {}
    question = select(
        _event.c.subject_id, _event.c.sequence, _event.c.recorded_at, _event.c.organisation_id
    ).where(tuple_(_event.c.subject_id, _event.c.sequence).in_(versions.items()))
    return {
        row.subject_id: Head(
            version=row.sequence, recorded_at=row.recorded_at, recorded_by=row.organisation_id
        )
        for row in db.execute(question)
    }


def _of_audiences(db: Session, found: Sequence[Found], reading: Reading) -> dict[UUID, Head]:
    if not found:
        return {}
    wanted = [(one.id, one.audience) for one in found]
    conditions: list[Any] = [
        tuple_(_version.c.place_id, _version.c.audience, types=_types()).in_(wanted)
    ]
    if reading.known_at is not None:
        conditions.append(_version.c.recorded_at <= reading.known_at)
    question = (
        select(
            _version.c.place_id,
            func.max(_version.c.version).label("version"),
            func.max(_version.c.recorded_at).label("recorded_at"),
        )
        .where(and_(*conditions))
        .group_by(_version.c.place_id)
    )
    rows = {row.place_id: row for row in db.execute(question)}
    return {
        one.id: Head(
            version=rows[one.id].version if one.id in rows else 1,
            recorded_at=rows[one.id].recorded_at if one.id in rows else one.recorded_from,
            recorded_by=None,
        )
        for one in found
    }


def _types() -> list[Any]:
    return [_version.c.place_id.type, _version.c.audience.type]
