"""Rows that follow from the record, and how the rows that are stored differ from them.

Each feature tells how its rows follow from the whole record of a subject. What is stored is read
as it lies in the database, so that a value that the service could not even read is found too.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Dialect, Table, exists, literal_column, select
from sqlalchemy.orm import Session

from app.ledger.tables import EventRow, SubjectRow
from app.ledger.whole import Whole

_event = EventRow.__table__
_subject = SubjectRow.__table__

Row: TypeAlias = Mapping[str, Any]
Rows: TypeAlias = Mapping[Table, Iterable[Row]]
_LONGEST = 200


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that the tables say otherwise than the record.

    Attributes:
        column: None where a whole row is missing, or is there and should not be.
    """

    table: str
    row: str
    column: str | None
    found: str
    expected: str

    def line(self) -> str:
        """Tell it in one line."""
        column = f", {self.column}" if self.column else ""
        return (
            f"{self.table} {self.row}{column}: found {self.found}; the record says {self.expected}"
        )


@dataclass(frozen=True, kw_only=True)
class Owned:
    """A table whose rows follow from the record of subjects.

    Attributes:
        by: the column that says whose a row is.
        via_event: that column names an event of the subject, not the subject.
        untold: columns of which the record tells nothing. Where the key is one of them, rows are
            compared by all that they hold besides.
        apart: the feature compares its rows by itself.
    """

    table: Table
    by: str
    via_event: bool = False
    untold: frozenset[str] = frozenset()
    apart: bool = False

    def of(self, subject: UUID) -> ColumnElement[bool]:
        """Pick the rows of one subject."""
        column = self.table.c[self.by]
        if not self.via_event:
            return column == subject
        return column.in_(select(_event.c.id).where(_event.c.subject_id == subject))

    def of_nobody(self, kind: str) -> ColumnElement[bool]:
        """Pick the rows that belong to no subject of this kind."""
        column = self.table.c[self.by]
        if self.via_event:
            owner = exists().where(_event.c.id == column, _event.c.subject_kind == kind)
        else:
            owner = exists().where(_subject.c.id == column, _subject.c.kind == kind)
        return ~owner

    @property
    def columns(self) -> list[str]:
        """The columns that are compared."""
        return [column.name for column in self.table.c if column.name not in self.untold]

    @property
    def key(self) -> list[str]:
        """The columns by which rows are told apart."""
        key = [column.name for column in self.table.primary_key.columns]
        return self.columns if self.untold & set(key) else key


@dataclass(frozen=True, kw_only=True)
class Projection:
    """How the rows of one kind of subject follow from its record.

    Attributes:
        rows: gives them, by table; those of an owned table that it leaves out are none.
        apart: compares what cannot be compared row by row; the instant is now.
    """

    kind: str
    owned: Sequence[Owned]
    rows: Callable[[Whole], Rows]
    apart: "Callable[[Session, Whole, datetime], Iterator[Difference]] | None" = None


def differences(
    db: Session, projection: Projection, whole: Whole, now: datetime
) -> Iterator[Difference]:
    """Compare the rows of one subject with what its record tells."""
    wanted = projection.rows(whole)
    for owned in projection.owned:
        if not owned.apart:
            yield from compare(
                owned, stored(db, owned, owned.of(whole.id)), as_stored(db, owned, wanted)
            )
    if projection.apart is not None:
        yield from projection.apart(db, whole, now)


def stored(db: Session, owned: Owned, which: ColumnElement[bool]) -> list[dict[str, Any]]:
    """Give rows as the driver hands them out, without any reading of their values."""
    columns: list[ColumnElement[Any]] = [
        literal_column(f'"{column.name}"').label(column.name) for column in owned.table.c
    ]
    question = select(*columns).select_from(owned.table).where(which)
    return [
        {name: _plain(value) for name, value in row.items()}
        for row in db.execute(question).mappings()
    ]


def as_stored(db: Session, owned: Owned, rows: Rows) -> list[dict[str, Any]]:
    """Give rows of a projection as the driver would hand them out."""
    dialect = db.get_bind().dialect
    return [
        {name: in_store(owned.table, name, row.get(name), dialect) for name in owned.columns}
        for row in rows.get(owned.table, ())
    ]


def in_store(table: Table, column: str, value: Any, dialect: Dialect) -> Any:
    """Give a value as the driver hands it out."""
    if isinstance(value, bytes):
        return value
    type_ = table.c[column].type
    process = type_.dialect_impl(dialect).bind_processor(dialect)
    return process(value) if process is not None and value is not None else value


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def compare(owned: Owned, found: Sequence[Row], wanted: Sequence[Row]) -> Iterator[Difference]:
    """Compare rows as they are stored with those that the record tells."""
    if owned.key == owned.columns:
        yield from _compare_whole(owned, found, wanted)
        return
    here = {_key(row, owned.key): row for row in found}
    told = {_key(row, owned.key): row for row in wanted}
    for key in here.keys() | told.keys():
        yield from _compare_one(owned, key, here.get(key), told.get(key))


def _compare_one(
    owned: Owned, key: tuple[Any, ...], found: Row | None, wanted: Row | None
) -> Iterator[Difference]:
    name = " ".join(str(part) for part in key)
    if found is None or wanted is None:
        yield _row_itself(owned, name, found)
        return
    for column in owned.columns:
        if found[column] != wanted[column]:
            yield Difference(
                table=owned.table.name,
                row=name,
                column=column,
                found=told(found[column]),
                expected=told(wanted[column]),
            )


def _compare_whole(
    owned: Owned, found: Sequence[Row], wanted: Sequence[Row]
) -> Iterator[Difference]:
    """Compare rows without a key of the record; each that is too many with the one most like it."""
    here = Counter(_key(row, owned.columns) for row in found)
    there = Counter(_key(row, owned.columns) for row in wanted)
    missing = list((there - here).elements())
    for extra in (here - there).elements():
        row = dict(zip(owned.columns, extra, strict=True))
        name = told(row[owned.by])
        if not missing:
            yield _row_itself(owned, name, row)
            continue
        like = min(missing, key=lambda one: sum(a != b for a, b in zip(one, extra, strict=True)))
        missing.remove(like)
        for column, is_, said in zip(owned.columns, extra, like, strict=True):
            if is_ != said:
                yield Difference(
                    table=owned.table.name,
                    row=name,
                    column=column,
                    found=told(is_),
                    expected=told(said),
                )
    for gone in missing:
        row = dict(zip(owned.columns, gone, strict=True))
        yield _row_itself(owned, told(row[owned.by]), None)


def _row_itself(owned: Owned, name: str, found: Row | None) -> Difference:
    is_, said = ("no such row", "there is one") if found is None else ("a row", "there is none")
    return Difference(table=owned.table.name, row=name, column=None, found=is_, expected=said)


def _key(row: Row, columns: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row[column] for column in columns)


def told(value: Any) -> str:
    """Give a value in a form that fits into a line."""
    text = value.hex() if isinstance(value, bytes) else str(value)
    text = "nothing" if value is None else text
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
