"""A database whose owner took all guards away, and edits in it behind the service's back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    Row,
    Table,
    and_,
    event,
    exists,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session

from app.db.base import Base
from app.db.types import Day, Flag, Id, Instant, Named, Number
from app.disclosure.tables import ALWAYS, FOREVER
from app.ledger import checking
from app.ledger.tables import EventRedactedRow, EventRow
from app.replay import owners
from tests.databases import Database

_event, _redacted = EventRow.__table__, EventRedactedRow.__table__
OWNED = {owned.table.name: owned for owned in (*checking.OWNED, *(one for one, _ in owners()))}


def unguarded(database: Database) -> Engine:
    """Enter as the owner, and take away all triggers, foreign keys and checks for good."""
    engine = database.owner_engine()
    if database.dialect == "sqlite":
        event.listen(engine, "connect", _without_checks)
    with engine.begin() as db:
        _take_away(db)
    return engine


def _without_checks(connection: Any, _: object) -> None:
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA ignore_check_constraints = ON")


def _take_away(db: Connection) -> None:
    if db.dialect.name == "sqlite":
        names = db.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        for name in names.scalars().all():
            db.execute(text(f"DROP TRIGGER {name}"))
        return
    found = inspect(db)
    for table in Base.metadata.tables:
        db.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        for key in found.get_foreign_keys(table):
            db.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {key['name']}"))
        for check in found.get_check_constraints(table):
            db.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {check['name']}"))


@contextmanager
def behind_its_back(engine: Engine) -> Iterator[Session]:
    """Lend a transaction that is rolled back."""
    with engine.connect() as connection, Session(bind=connection) as db:
        yield db
        db.rollback()


def columns(*leave_out: str) -> list[tuple[str, str]]:
    """Name every column of every table, by reflection of the models; tables can be left out."""
    return [
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if not table.name.startswith(leave_out)
    ]


def some_row(db: Session, table: Table, column: Column[Any] | None = None) -> Row[Any] | None:
    """Give a row of a table, if there is one, of which a column is filled."""
    question = select(table).order_by(*table.primary_key.columns)
    filled = question if column is None else question.where(column.is_not(None))
    if "recorded_until" in table.c:
        now = datetime.now(UTC)
        filled = filled.where(table.c.recorded_until == FOREVER, table.c.valid_until > now)
    if table.name == "event_aspect":
        filled = filled.where(table.c.aspect == "sensitivity")
    if column is _event.c.organisation_id:  # an event with an erased actor cannot tell
        filled = filled.where(~exists().where(_redacted.c.event_id == table.c.id))
    return db.execute(filled).first() or db.execute(question).first()


def owner_of(db: Session, table: Table, row: Row[Any]) -> list[UUID]:
    """Give the subject that a row belongs to."""
    owned = OWNED[table.name]
    key = row._mapping[owned.by]
    if not owned.via_event:
        return [key]
    return list(db.execute(select(_event.c.subject_id).where(_event.c.id == key)).scalars())


def edit(db: Session, column: Column[Any], row: Row[Any]) -> None:
    """Give a column another value in one row."""
    table = column.table
    assert isinstance(table, Table)
    this = and_(*(key == row._mapping[key.name] for key in table.primary_key.columns))
    value = another(column, row._mapping[column.name])
    db.execute(update(table).where(this).values({column.name: value}))


def another(column: Column[Any], value: Any) -> Any:
    """Give another value that a column could hold."""
    kind = column.type
    if value is None:
        return _some(kind)
    match kind:
        case Id():
            return uuid4()
        case Instant():
            return _later(value)
        case Day():
            return value + timedelta(days=1)
        case Flag():
            return not value
        case Named():
            return next(name for name in kind.names if name != value)
        case LargeBinary():
            return bytes(value)[:-1] + bytes([bytes(value)[-1] ^ 1])
        case Integer() | Number():
            return value + 1000
        case _:
            return _other_text(str(value))


def _later(value: datetime) -> datetime:
    if value == FOREVER:
        return datetime.now(UTC) + timedelta(days=1)
    if value == ALWAYS:
        return datetime.now(UTC) + timedelta(days=1)
    return value + timedelta(hours=1)


def _other_text(value: str) -> str:
    """Change text so that JSON stays JSON."""
    for one, other in (("a", "e"), ("1", "2"), ("null", "true"), ("[]", "[1]")):
        if one in value:
            return value.replace(one, other, 1)
    return value + " x"


def _some(kind: Any) -> Any:
    match kind:
        case Id():
            return uuid4()
        case Instant():
            return datetime(2022, 5, 9, tzinfo=UTC)
        case Day():
            return datetime(2022, 5, 9, tzinfo=UTC).date()
        case Named():
            return next(name for name in kind.names if name)
        case LargeBinary():
            return b"\x00"
        case Integer() | Number():
            return 1
        case _:
            return "x"
