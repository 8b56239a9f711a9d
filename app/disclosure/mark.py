"""By what an answer about places is told apart, without being made.

The counters of all that its reader sees, and the last boundary that has passed among them. Where
neither moved, the same question gets the same answer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import blake2b
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    false,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import Session

from app.db.any_of import any_of
from app.db.types import Instant, Named
from app.disclosure.reading import Question
from app.disclosure.tables import ALWAYS, DisclosedBoundaryRow, DisclosedCounterRow
from app.domain.disclosure import Sight

_counter = DisclosedCounterRow.__table__
_boundary = DisclosedBoundaryRow.__table__
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


def mark(db: Session, question: Question) -> Mark:
    """Tell where the record stands for who asks, in one statement."""
    sights = _sights(question)
    of_own = {sight: [o for o, its in sights.items() if its is sight] for sight in Sight}
    asked = tuple(sight for sight in Sight if of_own[sight])
    elsewhere = question.operation is None
    given: dict[str, Any] = {f"of_{sight}": of_own[sight] for sight in asked}
    given |= {"now": question.now, "own": list(sights)}
    changes, changed_at, passed = db.execute(_statement(asked, elsewhere), given).one()
    as_of = question.reading.as_of
    return Mark(
        changes=changes,
        moved_at=max(changed_at or ALWAYS, passed or ALWAYS),
        who=_who(sights.items(), elsewhere=elsewhere),
        ahead=as_of is not None and as_of > question.now,
    )


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
    """Sum up the counters, and look up the last boundary of each: one seek in an index for each."""
    passed = (
        select(_boundary.c.at)
        .where(
            _boundary.c.sight == _counter.c.sight,
            _boundary.c.operation_id == _counter.c.operation_id,
            _boundary.c.at <= bindparam("now", type_=Instant()),
        )
        .order_by(_boundary.c.at.desc())
        .limit(literal_column("1", Integer()))
        .scalar_subquery()
    )
    picked: list[ColumnElement[bool]] = [
        and_(_is(sight), any_of(_counter.c.operation_id, f"of_{sight}")) for sight in own
    ]
    if elsewhere:
        others = _is(Sight.PUBLIC)
        picked.append(and_(others, ~any_of(_counter.c.operation_id, "own")) if own else others)
    rows = select(_counter.c.changes, _counter.c.changed_at, passed.label("passed")).where(
        or_(false(), *picked)
    )
    found = rows.subquery()
    columns = (func.coalesce(func.sum(found.c.changes), 0), func.max(found.c.changed_at))
    return select(*columns, func.max(found.c.passed))


def _is(sight: Sight) -> ColumnElement[bool]:
    return _counter.c.sight == bindparam(None, sight, type_=Named(Sight), unique=True)
