"""Column types that mean the same in PostgreSQL and in STRICT tables of SQLite."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Generic, TypeAlias, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import (
    REAL,
    Boolean,
    Date,
    DateTime,
    Dialect,
    Double,
    Integer,
    Text,
    TypeDecorator,
    Uuid,
)
from sqlalchemy.types import TypeEngine
from typing_extensions import override

from app.domain.instant import format_instant, require_zone
from app.domain.json_value import Json
from app.domain.record import canonical

Words = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that sorts by code point in both databases."""


def _text(dialect: Dialect) -> Text:
    return Text(collation="C") if dialect.name == "postgresql" else Text()


Value = TypeVar("Value")
Convert: TypeAlias = Callable[[Any], Any]


class Stored(TypeDecorator[Value]):
    """A value of ours as a database keeps it; SQL's null is None, whatever the type.

    SQLAlchemy's own hooks are called for each value through two more functions. These give the
    conversion itself, once for each statement, or None where the driver's value is ours.
    """

    cache_ok = True

    def to_database(self, dialect: Dialect) -> Convert | None:
        """Give what makes of a value what is stored."""

    def from_database(self, dialect: Dialect) -> Convert | None:
        """Give what makes of what is stored a value."""

    @override
    def bind_processor(self, dialect: Dialect) -> Convert | None:
        return _unless_null(self.to_database(dialect))

    @override
    def result_processor(self, dialect: Dialect, coltype: object) -> Convert | None:
        return _unless_null(self.from_database(dialect))


def _unless_null(convert: Convert | None) -> Convert | None:
    if convert is None:
        return None

    def process(value: Any) -> Any:
        return None if value is None else convert(value)

    return process


class Id(Stored[UUID]):
    """A UUID: `uuid` in PostgreSQL, 36 characters of text in SQLite."""

    impl = Uuid
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return Text() if dialect.name == "sqlite" else Uuid()

    @override
    def to_database(self, dialect: Dialect) -> Convert | None:
        return str if dialect.name == "sqlite" else None

    @override
    def from_database(self, dialect: Dialect) -> Convert | None:
        return UUID if dialect.name == "sqlite" else None


class Instant(Stored[datetime]):
    """An aware instant in UTC; in SQLite text of fixed width, which sorts like time."""

    impl = DateTime
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        sqlite = dialect.name == "sqlite"
        return dialect.type_descriptor(Text() if sqlite else DateTime(timezone=True))

    @override
    def to_database(self, dialect: Dialect) -> Convert:
        return format_instant if dialect.name == "sqlite" else require_zone

    @override
    def from_database(self, dialect: Dialect) -> Convert:
        return datetime.fromisoformat if dialect.name == "sqlite" else _in_utc


def _in_utc(at: datetime) -> datetime:
    return at if at.tzinfo is UTC else at.astimezone(UTC)


class Day(Stored[date]):
    """A date of the calendar, without a zone."""

    impl = Date
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return Text() if dialect.name == "sqlite" else Date()

    @override
    def to_database(self, dialect: Dialect) -> Convert | None:
        return date.isoformat if dialect.name == "sqlite" else None

    @override
    def from_database(self, dialect: Dialect) -> Convert | None:
        return date.fromisoformat if dialect.name == "sqlite" else None


class Flag(Stored[bool]):
    """True or false; in SQLite 1 or 0."""

    impl = Boolean
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else Boolean())

    @override
    def from_database(self, dialect: Dialect) -> Convert:
        return bool


class Number(TypeDecorator[float]):
    """A number of double precision; REAL in STRICT tables of SQLite, which holds the same."""

    impl = Double
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(REAL() if dialect.name == "sqlite" else Double())


class JsonText(Stored[Json]):
    """A JSON value as its canonical text (RFC 8785), the same bytes in both databases.

    None is stored as SQL's null; use a plain text column where JSON's null must be told apart.
    """

    impl = Text
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return _text(dialect)

    @override
    def to_database(self, dialect: Dialect) -> Convert:
        return _canonical_text

    @override
    def from_database(self, dialect: Dialect) -> Convert:
        return orjson.loads


def _canonical_text(value: Json) -> str:
    return canonical(value).decode()


Name = TypeVar("Name", bound=StrEnum)


class Named(Stored[Name], Generic[Name]):
    """One of the names of an enumeration, kept as text: `mapped_column(Named(Status))`."""

    impl = Text
    cache_ok = True

    def __init__(self, names: type[Name]) -> None:
        super().__init__()
        self.names = names

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return _text(dialect)

    @override
    def to_database(self, dialect: Dialect) -> Convert:
        names = self.names
        return lambda value: names(value).value

    @override
    def from_database(self, dialect: Dialect) -> Convert:
        return self.names
