"""The history's one way in, `append`, and its readers; nothing else."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import (
    Table,
    bindparam,
    case,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Session

from app.db.any_of import any_of
from app.db.rows import insert_rows
from app.db.together import together
from app.domain import redaction
from app.domain.fact import Basis, Event, Fact
from app.domain.record import SALT_BYTES, fields, seal
from app.ledger import followers, questions
from app.ledger.history import HistoryItem as HistoryItem
from app.ledger.history import event as event
from app.ledger.history import events as events
from app.ledger.history import events_of as events_of
from app.ledger.reading import NOW as NOW
from app.ledger.reading import Entry as Entry
from app.ledger.reading import Reading as Reading
from app.ledger.reading import Said as Said
from app.ledger.reading import SubjectState as SubjectState
from app.ledger.reading import winners as winners
from app.ledger.redaction import erase
from app.ledger.tables import (
    EventAspectRow,
    EventReplacedRow,
    EventRow,
    EventValueRow,
    SubjectRow,
)
from app.ledger.within import bounds, shape

_LAST_CHARACTER = "\U0010ffff"

_subject = SubjectRow.__table__
_event = EventRow.__table__
_aspect = EventAspectRow.__table__
_value = EventValueRow.__table__
_replaced = EventReplacedRow.__table__

_ADD_SUBJECT = insert(_subject)
_ADD_EVENT = insert(_event)
_LOCK = (
    select(_subject).where(_subject.c.id == bindparam("subject")).with_for_update(key_share=True)
)
_held = _LOCK.subquery("held")
# The clock is read around the lock: once it is given, however long that took.
_LOCK_AND_MOMENT = select(_held, func.clock_timestamp().label("held_at"))
_GO_ON = (
    update(_subject)
    .values(
        version=_subject.c.version + 1,
        recorded_at=case(
            (_subject.c.recorded_at < bindparam("at"), bindparam("at")),
            else_=_subject.c.recorded_at,
        ),
    )
    .returning(_subject.c.id, _subject.c.version, _subject.c.recorded_at)
)
_NEXT = _GO_ON.where(_subject.c.id == bindparam("subject"))
_NEXT_OF_ALL = _GO_ON.where(any_of(_subject.c.id, "subjects"))
_LOCK_ALL = (
    select(_subject.c.recorded_at)
    .where(any_of(_subject.c.id, "subjects"))
    .order_by(_subject.c.id)
    .with_for_update(key_share=True)
)


def lock(db: Session, subject: UUID) -> SubjectState | None:
    """Hold `subject` until the transaction ends, and give its state; None if unknown.

    In SQLite a transaction that writes is alone from its beginning.
    """
    embedded = db.get_bind().dialect.name == "sqlite"
    question = _LOCK if embedded else _LOCK_AND_MOMENT
    row = db.execute(question, {"subject": subject}).one_or_none()
    if row is None:
        return None
    return SubjectState(
        id=row.id,
        kind=row.kind,
        operation=row.operation_id,
        version=row.version,
        recorded_at=row.recorded_at,
        held_at=datetime.now(UTC) if embedded else row.held_at.astimezone(UTC),
    )


def lock_all(db: Session, subjects: Sequence[UUID]) -> datetime | None:
    """Hold `subjects`, one after another by their ids, until the transaction ends.

    Returns:
        when the last of them was recorded; None where there are none.
    """
    return max(db.execute(_LOCK_ALL, {"subjects": list(subjects)}).scalars(), default=None)


def moment(db: Session) -> datetime:
    """Give the present instant by the database's clock, not that of the transaction's start."""
    if db.get_bind().dialect.name == "sqlite":
        return datetime.now(UTC)
    at: datetime = db.execute(select(func.clock_timestamp())).scalar_one()
    return at.astimezone(UTC)


def append(db: Session, fact: Fact, *, at: datetime, new: bool = False) -> Event:
    """Add `fact` to the history of its subject, as its next version.

    Args:
        at: the moment of recording; the subject's last one where that is later.
        new: the subject begins with this fact.

    Raises:
        LookupError: the subject is unknown and not new.
        ValueError: `fact` takes effect after its recording.
        NotRecordable: a value that the record cannot hold.
    """
    return append_all(db, [fact], at=at, new=new)[0]


def append_all(
    db: Session, facts: Sequence[Fact], *, at: datetime, new: bool = False
) -> list[Event]:
    """Add facts of different subjects, as `append` adds one; followers meet them together."""
    numbered = {f.subject.id: _begin(db, f, at) for f in facts} if new else _go_on(db, facts, at)
    made = [_recorded(fact, *numbered[fact.subject.id]) for fact in facts]
    with together(db):
        _write(db, made)
    for recorded in made:
        if recorded.fact.kind == redaction.KIND:
            erase(db, recorded)
    followers.tell(db, made)
    return made


def _recorded(fact: Fact, version: int, recorded_at: datetime) -> Event:
    if fact.effective_at > recorded_at:
        raise ValueError("a fact takes effect at its recording or before, never later")
    return Event(fact=fact, sequence=version, recorded_at=recorded_at)


def _begin(db: Session, fact: Fact, at: datetime) -> tuple[int, datetime]:
    row = {
        "id": fact.subject.id,
        "kind": fact.subject.kind,
        "operation_id": fact.subject.operation,
        "version": 1,
        "created_at": at,
        "recorded_at": at,
    }
    db.execute(_ADD_SUBJECT, row)
    return 1, at


def _go_on(db: Session, facts: Sequence[Fact], at: datetime) -> dict[UUID, tuple[int, datetime]]:
    if len(facts) == 1:
        rows = db.execute(_NEXT, {"subject": facts[0].subject.id, "at": at})
    else:
        rows = db.execute(_NEXT_OF_ALL, {"subjects": [f.subject.id for f in facts], "at": at})
    numbered = {row.id: (row.version, row.recorded_at) for row in rows}
    for fact in facts:
        if fact.subject.id not in numbered:
            raise LookupError(f"there is no {fact.subject.kind} of this id to go on with")
    return numbered


def _write(db: Session, made: Sequence[Event]) -> None:
    written = [_Written(recorded) for recorded in made]
    if len(made) == 1:
        (one,) = written
        db.execute(_ADD_EVENT, one.row)
        for table, rows, shared in one.parts():
            insert_rows(db, table, rows, shared)
        return
    insert_rows(db, _event, [each.row for each in written], {})
    for parts in zip(*(each.parts() for each in written), strict=True):
        rows = [{**shared, **row} for _, rows, shared in parts for row in rows]
        insert_rows(db, parts[0][0], rows, {})


class _Written:
    """The rows of one event."""

    def __init__(self, recorded: Event) -> None:
        self._recorded = recorded
        self._salts = _salts(list(fields(recorded.fact)))
        self._sealed = seal(recorded, self._salts)

    @property
    def row(self) -> dict[str, Any]:
        """The row of the event itself."""
        return _event_row(self._recorded, self._sealed.record)

    def parts(self) -> list[tuple[Table, list[dict[str, Any]], dict[str, Any]]]:
        """Give the rows that go with it, by table, and what all rows of a table share."""
        recorded, fact = self._recorded, self._recorded.fact
        known = {"sequence": recorded.sequence, "recorded_at": recorded.recorded_at}
        about = {"subject_id": fact.subject.id, "effective_at": fact.effective_at}
        values = [
            {"field": field, "salt": self._salts[field], "value": value.decode()}
            for field, value in self._sealed.values.items()
        ]
        replaced = [
            {"event_id": replaced.event, "aspect": aspect}
            for replaced in fact.replaces
            for aspect in replaced.aspects
        ]
        aspects = [{"aspect": aspect} for aspect in fact.aspects]
        return [
            (_aspect, aspects, {"event_id": fact.id, **about, **known}),
            (_value, values, {"event_id": fact.id}),
            (_replaced, replaced, {"by_event_id": fact.id, **known}),
        ]


def _salts(names: Sequence[str]) -> dict[str, bytes]:
    random = os.urandom(SALT_BYTES * len(names))
    return {
        name: random[index * SALT_BYTES : (index + 1) * SALT_BYTES]
        for index, name in enumerate(names)
    }


def _event_row(recorded: Event, record: bytes) -> dict[str, Any]:
    fact = recorded.fact
    return {
        "id": fact.id,
        "subject_id": fact.subject.id,
        "subject_kind": fact.subject.kind,
        "operation_id": fact.subject.operation,
        "sequence": recorded.sequence,
        "kind": fact.kind,
        "effective_at": fact.effective_at,
        "recorded_at": recorded.recorded_at,
        "basis": fact.basis.value,
        "organisation_id": fact.actor.organisation,
        "record": record,
    }


def entries(
    db: Session,
    subjects: Sequence[UUID],
    reading: Reading,
    *,
    names: Sequence[str] = (),
    prefixes: Sequence[str] = (),
) -> dict[UUID, list[Entry]]:
    """Give what each of `subjects` was said to be, by (`effective_at`, `sequence`).

    One statement. Aspects that were taken out by a later event known to the reading are left
    out; a subject of which nothing is known has an empty list.

    Args:
        names: only these aspects, and those whose name begins with one of `prefixes`.
    """
    found: dict[UUID, list[Entry]] = {subject: [] for subject in subjects}
    if not found:
        return found
    one = len(found) == 1
    question = questions.aspects(shape(reading), one=one, names=bool(names), prefixes=len(prefixes))
    parameters = bounds(reading) | ({"subject": subjects[0]} if one else {"subjects": list(found)})
    if names:
        parameters["names"] = list(names)
    for number, prefix in enumerate(prefixes):
        parameters[f"prefix_{number}"] = prefix
        parameters[f"end_{number}"] = prefix + _LAST_CHARACTER
    for row in db.execute(question, parameters).all():
        found[row.subject_id].append(_entry(row))
    return found


def look_up(db: Session, subject: UUID, aspect: str, reading: Reading) -> Entry | None:
    """Give what held of one aspect: the latest in effect, and of those the latest recorded."""
    parameters = bounds(reading) | {"subject": subject, "aspect": aspect}
    row = db.execute(questions.one_aspect(shape(reading)), parameters).one_or_none()
    return None if row is None else _entry(row)


def kind_of(db: Session, subject: UUID) -> str | None:
    """Give what kind of aggregate a subject is; None if unknown."""
    return db.execute(select(_subject.c.kind).where(_subject.c.id == subject)).scalar_one_or_none()


def said_over_time(db: Session, subject: UUID) -> list[Said]:
    """Give all that was ever said of `subject`, also what was taken out, in the order of effect."""
    rows = db.execute(questions.over_time(), {"subject": subject}).all()
    return [Said(entry=_entry(row[:-1]), until=row.until) for row in rows]


def versions(db: Session, subjects: Sequence[UUID], reading: Reading) -> dict[UUID, int]:
    """Give the latest sequence known of each of `subjects` that exists in the reading.

    A subject exists where its first event was known and in effect.
    """
    if not subjects:
        return {}
    parameters = bounds(reading) | {"subjects": list(subjects)}
    rows = db.execute(questions.latest_versions(shape(reading)), parameters)
    return {row.subject_id: row.version for row in rows}


def _entry(row: Sequence[Any]) -> Entry:
    of, aspect, subject, effective_at, sequence, recorded_at, kind, basis, by, value = row
    return Entry(
        subject=subject,
        aspect=aspect,
        value=redaction.blank(aspect) if value is None else orjson.loads(value),
        event=of,
        sequence=sequence,
        effective_at=effective_at,
        recorded_at=recorded_at,
        kind=kind,
        basis=Basis(basis),
        organisation=by,
    )
