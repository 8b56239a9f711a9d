"""Picking rows by a list of ids that is one parameter, whatever its length.

So a statement has one text, which PostgreSQL prepares once, and none of its parts is made at each
call. PostgreSQL may still plan it anew for each list: for one id, compare with that id.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, Boolean, ColumnElement, Dialect, Text, Uuid, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine
from typing_extensions import override

from app.db.types import Convert, Stored


class Ids(Stored[Sequence[UUID]]):
    """Several ids as a parameter: the text of an array in PostgreSQL, of a JSON array in SQLite.

    The driver's own way to write an array looks at each value of it to find out its type.
    """

    impl = Text
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return Text() if dialect.name == "sqlite" else ARRAY(Uuid())

    @override
    def to_database(self, dialect: Dialect) -> Convert:
        return _json if dialect.name == "sqlite" else _array


def _json(ids: Sequence[UUID]) -> str:
    return orjson.dumps(list(ids)).decode()


def _array(ids: Sequence[UUID]) -> str:
    return f"{{{','.join(map(str, ids))}}}"


def any_of(column: ColumnElement[UUID], name: str) -> ColumnElement[bool]:
    """Pick the rows whose `column` is one of the ids in the parameter `name`."""
    return _AnyOf(column, bindparam(name, type_=Ids()))


class _AnyOf(FunctionElement[bool]):
    """A column and a parameter that holds ids."""

    type = Boolean()
    inherit_cache = True

    @override
    def self_group(self, against: Any = None) -> Any:
        return self  # compared with 1, as SQLAlchemy would, it could not use an index


@compiles(_AnyOf, "postgresql")
def _in_array(element: _AnyOf, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({column} = ANY ({ids}))"


@compiles(_AnyOf, "sqlite")
def _in_json(element: _AnyOf, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({column} IN (SELECT value FROM json_each({ids})))"
