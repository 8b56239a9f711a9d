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
    ColumnElement,
    FromClause,
    Integer,
    Select,
    and_,
    bindparam,
    case,
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
from app.db.known import known
from app.db.types import Id, Instant, Named
from app.disclosure.asking import ask
from app.disclosure.reading import Question
from app.disclosure.tables import (
    ALWAYS,
    FOREVER,
    DisclosedBoundaryRow,
    DisclosedCellRow,
    DisclosedCounterRow,
)
from app.domain.disclosure import Sight
from app.domain.tiles.cell import EVERYWHERE

_counter = DisclosedCounterRow.__table__
_cell = DisclosedCellRow.__table__
_boundary = DisclosedBoundaryRow.__table__
_operation = table("operation", column("id", Id()))
_NOW = bindparam("now", type_=Instant())
_ONLY = "public"
_LONG = 16  # bytes by which readers are told apart


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Where the record stands for a reader.

    Attributes:
        changes: how many changes it has seen.
        moved_at: the last of them, or a boundary that passed later.
        pin: to what the pages that follow are pinned: where it is asked how the record stood later
            than `moved_at`, it is so pinned too.
        who: as whom it reads, as a short text.
        ahead: which of its two times lie in the future, as a short text.
        since: for which instant this was told.
        until: before this instant it is the same, if no change comes.
    """

    changes: int
    moved_at: datetime
    pin: datetime
    who: str
    ahead: str
    since: datetime
    until: datetime

    @property
    def text(self) -> str:
        """Give it as a part of an entity tag."""
        at = int((self.moved_at - ALWAYS).total_seconds()) * 10**6 + self.moved_at.microsecond
        return f"{self.changes}.{at:x}.{self.who}{self.ahead}"


def mark(db: Session, question: Question) -> tuple[Mark, Question]:
    """Tell where the record stands for who asks, in one statement; and how it is to be asked.

    What is on record already is never later than now: this clock may be behind the database's, and
    the question may have waited. Judged before the last change, an answer could become another one
    without a boundary.
    """
    asked = _Asked.of(question)
    statement = _statement(asked.sights, asked.elsewhere)
    changes, changed_at, passed, coming = _edges_of(db, asked, statement)
    moved_at = max(changed_at or ALWAYS, passed or ALWAYS)
    return asked.marked(changes, moved_at, coming, max(question.now, moved_at))


def mark_cell(db: Session, question: Question, cell: int) -> tuple[Mark, Question]:
    """Tell it of one cell of the map, see `app.domain.tiles.cell`: what changes elsewhere moves nothing.

    Boundaries count wherever they are, and none is later than the last change of all.
    """
    asked = _Asked.of(question)
    statement = _cell_statement(asked.sights, asked.elsewhere)
    changes, changed_at, passed, coming, last = _edges_of(db, asked, statement, cell)
    moved_at = max(changed_at or ALWAYS, passed or ALWAYS)
    return asked.marked(changes, moved_at, coming, max(question.now, last or ALWAYS))


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What a question asks of the counters.

    Attributes:
        own: the operations that it or its reader's token names, and as whom the reader sees them.
        elsewhere: whether it is also about all others.
    """

    question: Question
    own: Mapping[UUID, Sight]
    elsewhere: bool

    @classmethod
    def of(cls, question: Question) -> "_Asked":
        """Tell it of a question."""
        own, elsewhere = _sights(question), question.operation is None
        return cls(question=question, own=own, elsewhere=elsewhere)

    @property
    def sights(self) -> tuple[Sight, ...]:
        """As whom the reader sees some operation that is named."""
        return tuple(sight for sight in Sight if sight in self.own.values())

    @property
    def given(self) -> dict[str, Any]:
        """The parameters of a statement."""
        of_own = {
            f"of_{sight}": [o for o, its in self.own.items() if its is sight]
            for sight in self.sights
        }
        return {**of_own, "now": self.question.now, "own": list(self.own)}

    def marked(
        self, changes: int, moved_at: datetime, coming: datetime | None, now: datetime
    ) -> tuple[Mark, Question]:
        """Give the mark, and the question as of an instant.

        Args:
            coming: the next boundary.
        """
        as_of, known_at = self.question.reading.as_of, self.question.reading.known_at
        times = ((".f", as_of), (".k", known_at))
        ahead = {name: at for name, at in times if at is not None and at > now}
        until = min(coming or FOREVER, *ahead.values(), FOREVER)
        if not self.elsewhere and moved_at == ALWAYS and coming is None:
            until = self.question.now  # of an operation that is not known yet no boundary tells
        found = Mark(
            changes=changes,
            moved_at=moved_at,
            who=_who(self.own.items(), elsewhere=self.elsewhere),
            pin=moved_at if known_at is None or known_at > now else max(moved_at, known_at),
            ahead="".join(ahead),
            since=self.question.now,
            until=until,
        )
        return found, replace(self.question, now=now)


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


def _edges_of(
    db: Session, asked: _Asked, statement: Select[Any], cell: int | None = None
) -> tuple[Any, ...]:
    """Ask for counters and boundaries, but for those with a token only where they may have moved.

    The public never gets an answer sooner: how long it takes would tell it that somebody wrote.
    """
    now = asked.question.now
    there = known(db) if asked.question.caller.principal else {}
    key = (statement, cell, *asked.own.items())
    found, since = there.get(key, (None, now))
    if found is None or not since <= now < (found[3] or FOREVER):
        (found,) = ask(db, statement, {**asked.given, "cell": cell})
        there[key] = found, now
    edges: tuple[Any, ...] = found
    return edges


@cache
def _statement(own: tuple[Sight, ...], elsewhere: bool) -> Select[Any]:
    """Sum up the counters, and look up the boundaries: three seeks in an index for each operation.

    A release can be the first that a sight sees of an operation, so there may be no counter yet.
    """
    seen = union_all(*_seen(own, elsewhere)).subquery()
    counted = seen.outerjoin(_counter, _is_of(_counter, seen))
    rows = select(_counter.c.changes, _counter.c.changed_at, *_boundaries(seen, _NOW))
    found = rows.select_from(counted).subquery()
    changes = func.coalesce(func.sum(found.c.changes), 0)
    return select(changes, *_edges(found))


@cache
def _cell_statement(own: tuple[Sight, ...], elsewhere: bool) -> Select[Any]:
    """Sum up the counters of cells, and look up the boundaries and the last change of all."""
    seen = union_all(*_seen(own, elsewhere)).cte("seen")
    counters = seen.join(_counter, _is_of(_counter, seen))
    last = select(func.max(_counter.c.changed_at)).select_from(counters).cte("last")
    changed_at = select(last.c[0]).scalar_subquery()
    now = case((changed_at > _NOW, changed_at), else_=_NOW)
    in_cell = _cell.c.cell.in_([bindparam("cell", type_=Integer()), EVERYWHERE])
    counted = seen.outerjoin(_cell, and_(_is_of(_cell, seen), in_cell))
    rows = select(_cell.c.changes, _cell.c.changed_at, *_boundaries(seen, now))
    found = rows.select_from(counted).subquery()
    changes = func.coalesce(func.sum(found.c.changes), 0)
    return select(changes, *_edges(found), changed_at.label("last"))


def _is_of(counters: FromClause, seen: FromClause) -> ColumnElement[bool]:
    return and_(counters.c.sight == seen.c.sight, counters.c.operation_id == seen.c.operation_id)


def _edges(found: FromClause) -> Iterator[ColumnElement[datetime]]:
    """Give the last change, the last boundary and the next one, of all operations together."""
    yield func.max(found.c.changed_at)
    yield func.max(found.c.passed)
    yield func.min(found.c.coming)


def _boundaries(
    seen: FromClause, now: ColumnElement[datetime]
) -> Iterator[ColumnElement[datetime]]:
    """Give the last boundary of an operation that has passed, and the next one."""
    at = _boundary.c.at
    yield _first(select(at).where(_is_of(_boundary, seen), at <= now).order_by(at.desc()), "passed")
    yield _first(select(at).where(_is_of(_boundary, seen), at > now).order_by(at), "coming")


def _first(rows: Select[tuple[datetime]], name: str) -> ColumnElement[datetime]:
    return rows.limit(literal_column("1", Integer())).scalar_subquery().label(name)


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
