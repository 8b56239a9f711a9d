"""By what an answer about places is told apart, without being made.

The counters of all that its reader sees, and the last boundary that has passed among them. Where
neither moved, the same question gets the same answer.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from hashlib import blake2b
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Integer,
    Select,
    and_,
    bindparam,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
    union_all,
)
from sqlalchemy.orm import Session

from app.db.any_of import any_of
from app.db.types import Id, Instant, Named
from app.disclosure.reading import Question
from app.disclosure.tables import ALWAYS, DisclosedBoundaryRow, DisclosedCounterRow
from app.domain.disclosure import Sight

_counter = DisclosedCounterRow.__table__
_boundary = DisclosedBoundaryRow.__table__
_operation = table("operation", column("id", Id()))
_ONLY = "public"
_LONG = 16  # bytes by which readers are told apart


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Where the record stands for a reader.

    Attributes:
        changes: how many changes it has seen.
        moved_at: the last of them, or a boundary that passed later.
        who: as whom it reads, as a short text.
        ahead: it asks about what lies in the future.
    """

    changes: int
    moved_at: datetime
    who: str
    ahead: bool

    @property
    def text(self) -> str:
        """Give it as a part of an entity tag."""
        at = int((self.moved_at - ALWAYS).total_seconds()) * 10**6 + self.moved_at.microsecond
        return f"{self.changes}.{at:x}.{self.who}{'.f' if self.ahead else ''}"


def mark(db: Session, question: Question) -> tuple[Mark, Question]:
    """Tell where the record stands for who asks, in one statement; and how it is to be asked.

    What is on record already is never later than now: this clock may be behind the database's, and
    the question may have waited. Judged before the last change, an answer could become another one
    without a boundary.
    """
    sights = _sights(question)
    of_own = {sight: [o for o, its in sights.items() if its is sight] for sight in Sight}
    asked = tuple(sight for sight in Sight if of_own[sight])
    elsewhere = question.operation is None
    given: dict[str, Any] = {f"of_{sight}": of_own[sight] for sight in asked}
    given |= {"now": question.now, "own": list(sights)}
    changes, changed_at, passed = db.execute(_statement(asked, elsewhere), given).one()
    as_of, moved_at = question.reading.as_of, max(changed_at or ALWAYS, passed or ALWAYS)
    now = max(question.now, moved_at)
    marked = Mark(
        changes=changes,
        moved_at=moved_at,
        who=_who(sights.items(), elsewhere=elsewhere),
        ahead=as_of is not None and as_of > now,
    )
    return marked, replace(question, now=now)


def _sights(question: Question) -> Mapping[UUID, Sight]:
    """Give the operations that are asked about by name, or that the reader's token names."""
    caller, operation = question.caller, question.operation
    named = {operation: caller.audience(operation)} if operation else caller.operations
    return {each: Sight.of(audience, caller.role) for each, audience in named.items()}


def _who(sights: Iterable[tuple[UUID, Sight]], *, elsewhere: bool) -> str:
    told = [f"{operation}{sight}" for operation, sight in sorted(sights)]
    if not told and elsewhere:
        return _ONLY
    return blake2b(",".join(told).encode(), digest_size=_LONG).hexdigest()


@cache
def _statement(own: tuple[Sight, ...], elsewhere: bool) -> Select[Any]:
    """Sum up the counters, and look up the last boundary: two seeks in an index for each operation.

    A release can be the first that a sight sees of an operation, so there may be no counter yet.
    """
    seen = union_all(*_seen(own, elsewhere)).subquery()
    passed = (
        select(_boundary.c.at)
        .where(
            _boundary.c.sight == seen.c.sight,
            _boundary.c.operation_id == seen.c.operation_id,
            _boundary.c.at <= bindparam("now", type_=Instant()),
        )
        .order_by(_boundary.c.at.desc())
        .limit(literal_column("1", Integer()))
        .scalar_subquery()
    )
    counted = seen.outerjoin(
        _counter,
        and_(_counter.c.sight == seen.c.sight, _counter.c.operation_id == seen.c.operation_id),
    )
    rows = select(_counter.c.changes, _counter.c.changed_at, passed.label("passed"))
    found = rows.select_from(counted).subquery()
    changes = func.coalesce(func.sum(found.c.changes), 0)
    return select(changes, func.max(found.c.changed_at), func.max(found.c.passed))


def _seen(own: tuple[Sight, ...], elsewhere: bool) -> Iterator[Select[Any]]:
    """Give which operations the reader sees, and as whom."""
    for sight in own:
        yield _as(sight).where(any_of(_operation.c.id, f"of_{sight}"))
    if elsewhere:
        others = _as(Sight.PUBLIC)
        yield others.where(~any_of(_operation.c.id, "own")) if own else others


def _as(sight: Sight) -> Select[Any]:
    named = literal(sight, Named(Sight)).label("sight")
    return select(_operation.c.id.label("operation_id"), named)
