"""The export: a checkpoint, and every entry under it as far as its reader may see what it says.

`docs/reference/export.md` describes the file; what reads it is `app.log.verifier`.
"""

from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Row, Table, and_, bindparam, case, func, or_, select, true
from sqlalchemy.orm import Session

from app.access.caller import Caller
from app.access.tables import PrincipalOperationRow
from app.domain.instant import format_instant
from app.domain.note import Note, read_checkpoint
from app.history.service import operations_of, visible
from app.ledger.tables import (
    EventAspectRow,
    EventRedactedRow,
    EventReplacedRow,
    EventRow,
    EventValueRow,
)
from app.log.tables import LogEntryRow

FORMAT = "safe-passage-history/1"
_BATCH = 500
_entry = LogEntryRow.__table__
_event = EventRow.__table__
_aspect = EventAspectRow.__table__
_value = EventValueRow.__table__
_replaced = EventReplacedRow.__table__
_redacted = EventRedactedRow.__table__
_named = PrincipalOperationRow.__table__

_indexed = func.count(_entry.c.leaf_index)

_Rows = Mapping[UUID, Sequence[Row[*tuple[Any, ...]]]]


def reads(caller: Caller | None) -> ColumnElement[bool]:
    """Pick the events that a reader sees whole; None is whoever holds the database.

    A token that names an operation besides the reader's own is withheld whole, so that no field of
    an event that is shown is missing.
    """
    if caller is None:
        return true()
    beyond = select(_named.c.principal_id).where(
        _named.c.operation_id.not_in(operations_of(caller))
    )
    whole = or_(_event.c.subject_kind != "token", _event.c.subject_id.not_in(beyond))
    return and_(visible(caller), whole)


class ErasedMeanwhile(Exception):
    """Something was erased while an export was written: its parts no longer belong together."""


def export(
    read: Callable[[], AbstractContextManager[Session]],
    note: Note,
    seen: ColumnElement[bool],
    now: datetime,
) -> Generator[bytes]:
    """Write the export under a checkpoint, in pieces that each end with whole lines.

    Args:
        read: gives the transaction in which a piece is read; one for all, or each its own, so that
            whoever takes the pieces slowly holds none.
        note: with the cosignatures that are to go along.
        seen: see `reads`.

    Raises:
        ErasedMeanwhile: before the last line, without which it is no whole export.
    """
    size = read_checkpoint(note).size
    digest = sha256()
    head = {"format": FORMAT, "checkpoint": str(note), "exported_at": format_instant(now)}
    digest.update(piece := _line(head))
    yield piece
    for first in range(0, size, _BATCH):
        with read() as db:
            piece = b"".join(_entries(db, first, min(first + _BATCH, size), seen))
        digest.update(piece)
        yield piece
    with read() as db:
        reach = reach_of_redactions(db)
    if reach is None or reach > size:
        raise ErasedMeanwhile
    yield _line({"entries": size, "sha256": digest.hexdigest()})


def reach_of_redactions(db: Session) -> int | None:
    """Count the entries up to the last redaction; None where one has no index yet."""
    question = (
        select(func.coalesce(func.max(_entry.c.leaf_index) + 1, 0), func.count(), _indexed)
        .select_from(_redacted)
        .outerjoin(_entry, _entry.c.event_id == _redacted.c.by_event_id)
    )
    reach, all_of_them, indexed = db.execute(question).one()
    return int(reach) if indexed == all_of_them else None


def _line(members: Mapping[str, Any]) -> bytes:
    """Write one line in canonical form; there are texts and small integers only."""
    return orjson.dumps(members, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def _entries(db: Session, first: int, stop: int, seen: ColumnElement[bool]) -> Iterator[bytes]:
    rows = db.execute(
        select(_entry.c.leaf_index, _entry.c.leaf_hash, _event, case((seen, 1)).label("is_seen"))
        .join(_event, _event.c.id == _entry.c.event_id)
        .where(_entry.c.leaf_index >= first, _entry.c.leaf_index < stop)
        .order_by(_entry.c.leaf_index)
    ).all()
    shown = [row.id for row in rows if row.is_seen]
    parts = _Parts(db, shown)
    for row in rows:
        if row.is_seen:
            yield _line({"i": row.leaf_index, **_told(row), **parts.of(row.id)})
        else:
            yield _line({"i": row.leaf_index, "leaf": row.leaf_hash.hex()})


def _told(row: Any) -> dict[str, Any]:
    return {
        "record": row.record.decode(),
        "columns": {
            "event": str(row.id),
            "subject": str(row.subject_id),
            "subject_kind": row.subject_kind,
            "operation": None if row.operation_id is None else str(row.operation_id),
            "sequence": row.sequence,
            "kind": row.kind,
            "effective_at": format_instant(row.effective_at),
            "recorded_at": format_instant(row.recorded_at),
            "basis": row.basis,
            "organisation": str(row.organisation_id),
        },
    }


class _Parts:
    """What other tables hold of some events."""

    def __init__(self, db: Session, events: Sequence[UUID]) -> None:
        self._aspects = _rows_of(db, _aspect, events)
        self._values = _rows_of(db, _value, events)
        self._replaced = _rows_of(db, _replaced, events, by="by_event_id")
        self._redacted = _rows_of(db, _redacted, events)

    def of(self, event: UUID) -> dict[str, Any]:
        """Give the members of an event's line."""
        redacted = {row.field: str(row.by_event_id) for row in self._redacted[event]}
        return {
            "aspects": {
                row.aspect: [
                    str(row.subject_id),
                    format_instant(row.effective_at),
                    format_instant(row.recorded_at),
                    row.sequence,
                ]
                for row in self._aspects[event]
            },
            "values": {row.field: [row.salt.hex(), row.value] for row in self._values[event]},
            "replaced": sorted([str(row.event_id), row.aspect] for row in self._replaced[event]),
            **({"redacted": redacted} if redacted else {}),
        }


def _rows_of(db: Session, table: Table, events: Sequence[UUID], *, by: str = "event_id") -> _Rows:
    found: dict[UUID, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    if events:
        asked = table.c[by].in_(bindparam("events", expanding=True))
        for row in db.execute(select(table).where(asked), {"events": events}):
            found[getattr(row, by)].append(row)
    return found
