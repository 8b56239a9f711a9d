"""Column types that mean the same in PostgreSQL and in STRICT tables of SQLite."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar, cast
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

from app.domain.instant import format_instant
from app.domain.json_value import Json
from app.domain.record import canonical

Words = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that sorts by code point in both databases."""


def _text(dialect: Dialect) -> Text:
    return Text(collation="C") if dialect.name == "postgresql" else Text()


class Id(TypeDecorator[UUID]):
    """A UUID: `uuid` in PostgreSQL, 36 characters of text in SQLite."""

    impl = Uuid
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return Text() if dialect.name == "sqlite" else Uuid()

    @override
    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        return str(value) if value is not None and dialect.name == "sqlite" else value

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:
        return UUID(value) if isinstance(value, str) else value


class Instant(TypeDecorator[datetime]):
    """An aware instant in UTC; in SQLite text of fixed width, which sorts like time."""

    impl = DateTime
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        sqlite = dialect.name == "sqlite"
        return dialect.type_descriptor(Text() if sqlite else DateTime(timezone=True))

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        text = format_instant(value)  # refuses a naive one on both
        return text if dialect.name == "sqlite" else value

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(UTC)


class Day(TypeDecorator[date]):
    """A date of the calendar, without a zone."""

    impl = Date
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return Text() if dialect.name == "sqlite" else Date()

    @override
    def process_bind_param(self, value: date | None, dialect: Dialect) -> Any:
        return value.isoformat() if value is not None and dialect.name == "sqlite" else value

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        return date.fromisoformat(value) if isinstance(value, str) else value


class Flag(TypeDecorator[bool]):
    """True or false; in SQLite 1 or 0."""

    impl = Boolean
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else Boolean())

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> bool | None:
        return None if value is None else bool(value)


class Number(TypeDecorator[float]):
    """A number of double precision; REAL in STRICT tables of SQLite, which holds the same."""

    impl = Double
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(REAL() if dialect.name == "sqlite" else Double())


class JsonText(TypeDecorator[Json]):
    """A JSON value as its canonical text (RFC 8785), the same bytes in both databases.

    None is stored as SQL's null; use a plain text column where JSON's null must be told apart.
    """

    impl = Text
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return _text(dialect)

    @override
    def process_bind_param(self, value: Json, dialect: Dialect) -> str | None:
        return None if value is None else canonical(value).decode()

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> Json:
        return None if value is None else cast(Json, orjson.loads(value))


Name = TypeVar("Name", bound=StrEnum)


class Named(TypeDecorator[Name], Generic[Name]):
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
    def process_bind_param(self, value: Name | None, dialect: Dialect) -> str | None:
        return None if value is None else self.names(value).value

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> Name | None:
        return None if value is None else self.names(value)
