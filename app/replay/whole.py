"""The replay: one subject after another, then what belongs to none of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.disclosure import projecting as disclosed
from app.ledger import checking
from app.ledger import store as ledger
from app.ledger.projection import Difference, Owned, differences, stored
from app.ledger.tables import EventRow, IdempotencyKeyRow, SubjectRow
from app.ledger.whole import load
from app.replay.kinds import PROJECTIONS

_subject, _event = SubjectRow.__table__, EventRow.__table__
_kept = IdempotencyKeyRow.__table__
_BY_KIND = {projection.kind: projection for projection in PROJECTIONS}
_BATCH = 500

Say = Callable[[int, int], None]
"""Is told how many subjects of how many were looked at."""


@dataclass(kw_only=True)
class Counted:
    """What was looked at."""

    subjects: int = 0
    events: int = 0
    found: int = 0


def replay(
    db: Session,
    counted: Counted,
    say: Say = lambda done, all_of_them: None,
    *,
    only: Sequence[UUID] | None = None,
) -> Iterator[Difference]:
    """Compare all tables with the record; changes nothing.

    Args:
        counted: is brought up to date on the way.
        only: the subjects to look at, and what belongs to none; all of them where left out.
    """
    every = select(_subject.c.id).order_by(_subject.c.id)
    ids = list(db.execute(every).scalars()) if only is None else only
    for number, subject in enumerate(ids):
        if number % _BATCH == 0:
            say(number, len(ids))
        counted.subjects += 1
        for difference in _of_subject(db, subject, counted):
            counted.found += 1
            yield difference
        db.expire_all()
    for difference in (*_strays(db), *_keys(db)):
        counted.found += 1
        yield difference


def _of_subject(db: Session, subject: UUID, counted: Counted) -> Iterator[Difference]:
    try:
        whole = load(db, subject)
        if whole is None:
            yield _unreadable(subject, "no events", "a subject begins with one")
            return
        counted.events += len(whole.steps)
        yield from checking.check(db, whole)
        projection = _BY_KIND.get(whole.subject.kind)
        if projection is not None:
            yield from differences(db, projection, whole, ledger.moment(db))
    except (LookupError, ValueError, TypeError, AttributeError, AssertionError) as error:
        told = f"what cannot be read ({type(error).__name__}: {error})"
        yield _unreadable(subject, told, "values that the service wrote")


def _unreadable(subject: UUID, found: str, expected: str) -> Difference:
    return Difference(
        table=_subject.name, row=str(subject), column=None, found=found, expected=expected
    )


def _strays(db: Session) -> Iterator[Difference]:
    """Name the rows that belong to no subject."""
    for owned, kinds in owners():
        nobody = and_(*(owned.of_nobody(kind) for kind in kinds))
        for row in stored(db, owned, nobody):
            key = " ".join(str(row[column.name]) for column in owned.table.primary_key.columns)
            yield _too_many(owned.table.name, key)
    for owned in checking.OWNED[1:]:
        for row in stored(db, owned, _of_no_event(owned)):
            key = " ".join(str(row[column.name]) for column in owned.table.primary_key.columns)
            yield _too_many(owned.table.name, key)
    yield from disclosed.strays(db)


def owners() -> Sequence[tuple[Owned, list[str]]]:
    """Give each table of the features, with the kinds of subjects whose rows it holds."""
    kinds: dict[Any, tuple[Owned, list[str]]] = {}
    for projection in PROJECTIONS:
        for owned in projection.owned:
            kinds.setdefault(owned.table, (owned, []))[1].append(projection.kind)
    return list(kinds.values())


def _of_no_event(owned: Owned) -> Any:
    column = owned.table.c[owned.by]
    known = _event.c.id if owned.via_event else _subject.c.id
    return column.not_in(select(known))


def _too_many(table: str, key: str) -> Difference:
    return Difference(table=table, row=key, column=None, found="a row", expected="there is none")


def _keys(db: Session) -> Iterator[Difference]:
    """Name the idempotency keys whose event is not one of their subject."""
    question = (
        select(_kept.c.key, _kept.c.subject_id)
        .outerjoin(_event, _event.c.id == _kept.c.event_id)
        .where(or_(_event.c.id.is_(None), _event.c.subject_id != _kept.c.subject_id))
    )
    for row in db.execute(question):
        yield Difference(
            table=_kept.name,
            row=row.key,
            column="subject_id",
            found=str(row.subject_id),
            expected="another: the event is of another subject",
        )
