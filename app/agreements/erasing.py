"""The rows that bear statuses out follow a redaction: what was erased counts no more."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, delete, select
from sqlalchemy.orm import Session

from app.agreements.rows import (
    ATTESTATION,
    CONFIRMATION,
    IN_ORDER,
    POSITION,
    REVISION,
    STATUS,
    SUCCESSION,
    standing,
)
from app.domain import redaction
from app.domain.fact import Event
from app.ledger import store as ledger
from app.ledger.tables import EventRow

_EVENT = EventRow.__table__


def follow(db: Session, events: Sequence[Event]) -> None:
    """Delete the rows that the record of an agreement does not tell any more."""
    for event in events:
        fact = event.fact
        if fact.subject.kind == "agreement" and fact.kind == redaction.KIND:
            _forget(db, fact.subject.id)


def _forget(db: Session, agreement: UUID) -> None:
    wanted = standing(one.entry for one in ledger.said_over_time(db, agreement))
    for table in reversed(IN_ORDER):
        kept = {_key(table, row) for row in wanted[table]}
        stored = db.execute(select(table).where(of_agreement(table, agreement))).mappings()
        for key in {_key(table, row) for row in stored} - kept:
            columns = zip(table.primary_key.columns, key, strict=True)
            db.execute(delete(table).where(and_(*(column == value for column, value in columns))))


def _key(table: Table, row: Mapping[Any, Any]) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key.columns)


def of_agreement(table: Table, agreement: UUID) -> ColumnElement[bool]:
    """Pick the rows of one agreement in a table that bears statuses out."""
    if table in {POSITION, SUCCESSION, STATUS}:
        return table.c.agreement_id == agreement
    if table is ATTESTATION:
        mine = select(POSITION.c.id).where(POSITION.c.agreement_id == agreement)
        return ATTESTATION.c.position_id.in_(mine)
    assert table in {CONFIRMATION, REVISION}
    changes = select(_EVENT.c.id).where(_EVENT.c.subject_id == agreement)
    return table.c.change_id.in_(changes)
