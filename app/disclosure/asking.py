"""Statements about places, asked of the driver itself; their texts are made once.

SQLAlchemy makes the texts. What it does besides for each execution takes longer than the database
does for most of these questions, so that is left out here, for reading, and nowhere else.
"""

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from sqlalchemy import Dialect, Select
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from app.db.driver import as_usual
from app.db.types import Convert

_PREPARED: WeakKeyDictionary[Select[Any], dict[str, "Prepared"]] = WeakKeyDictionary()


def ask(db: Session, statement: Select[Any], given: Mapping[str, Any]) -> list[Any]:
    """Ask in the transaction of a session, and give all rows, named by their columns.

    Args:
        statement: one that is kept, since its text is kept as long as it is.
        given: its parameters, and any others.
    """
    connection = db.connection()
    asked = prepared(statement, connection.dialect)
    try:
        cursor = asked.cursor(connection.connection.driver_connection)
        return asked.rows(cursor.execute(asked.text, asked.parameters(given)))
    except connection.dialect.loaded_dbapi.Error as error:
        raise as_usual(error, connection) from error


def prepared(statement: Select[Any], dialect: Dialect) -> "Prepared":
    """Give the text of a statement, made at most once while the statement is kept."""
    texts = _PREPARED.setdefault(statement, {})
    found = texts.get(dialect.name)
    if found is None:
        found = texts[dialect.name] = Prepared(statement, dialect)
    return found


class Prepared:
    """The text of a statement in the words of one database, and what goes in and comes out.

    Attributes:
        text: as the driver takes it; parameters stand in it by their numbers, since of a long text
            psycopg looks for their names each time.
        cursor: opens the cursor that takes it.
    """

    def __init__(self, statement: Select[Any], dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        if compiled.post_compile_params:
            raise TypeError("the text of this statement is another for each list that is given")
        bound = {name: each for each, name in compiled.bind_names.items()}
        self._order = compiled.positiontup or list(bound)
        self.text = str(compiled)
        self.cursor: Callable[[Any], Any] = sqlite3.Connection.cursor
        if not compiled.positional:
            self.text %= {name: f"${number}" for number, name in enumerate(self._order, start=1)}
            self.cursor = psycopg.RawCursor
        convert = {name: _to_database(each.type, dialect) for name, each in bound.items()}
        self._asked = {name: convert[name] for name, each in bound.items() if each.required}
        self._fixed = {
            name: _converted(value, convert[name])
            for name, value in compiled.params.items()
            if name not in self._asked
        }
        columns = statement.selected_columns
        self._kinds = [column.type.dialect_impl(dialect) for column in columns]
        self._dialect = dialect
        self._from: Sequence[Convert | None] | None = None
        row = _row(*(column.key or "" for column in columns))
        self._named: Callable[[Any], Any] = partial(tuple.__new__, row)

    def parameters(self, given: Mapping[str, Any]) -> list[Any]:
        """Give the parameters as the driver takes them."""
        values = dict(self._fixed)
        for name, convert in self._asked.items():
            values[name] = _converted(given[name], convert)
        return [values[name] for name in self._order]

    def rows(self, cursor: Any) -> list[Any]:
        """Give the rows that the driver found as ours."""
        found = cursor.fetchall()
        convert = self._from
        if convert is None:
            convert = self._from = self._from_database(cursor)
        if any(convert):
            found = [tuple(map(_converted, row, convert)) for row in found]
        return list(map(self._named, found))

    def _from_database(self, cursor: Any) -> Sequence[Convert | None]:
        """Tell how values become ours, by the types that the driver says they are of."""
        described = zip(self._kinds, cursor.description, strict=True)
        return [kind.result_processor(self._dialect, told[1]) for kind, told in described]


def _row(*names: str) -> Any:
    return namedtuple("Row", names, rename=True)


def _converted(value: Any, convert: Convert | None) -> Any:
    return value if convert is None else convert(value)


def _to_database(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)
