"""Adding several rows to a table in one statement, or changing those that are there."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Insert, Select, Table, bindparam, column, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session


def insert_rows(
    db: Session, table: Table, rows: Sequence[Mapping[str, Any]], shared: Mapping[str, Any]
) -> None:
    """Add `rows`, each with what all of them have in common.

    PostgreSQL gets several as one array for each column that differs: one round trip, and one text
    of the statement whatever the number of rows, so that the server plans it once.
    """
    if not rows:
        return
    if len(rows) == 1 or db.get_bind().dialect.name == "sqlite":
        db.execute(_one(table), [{**shared, **row} for row in rows])
        return
    differing = tuple(rows[0])
    arrays = {name: [row[name] for row in rows] for name in differing}
    db.execute(_from_arrays(table, tuple(shared), differing), {**shared, **arrays})


Settle = Callable[[Any, Table], Insert]
"""Says what becomes of a row that is there, in the words of `on_conflict_do_update`."""


def upsert_rows(
    db: Session, table: Table, rows: Sequence[Mapping[str, Any]], settle: Settle
) -> None:
    """Add `rows` in their order, in which they are locked too; or change those that are there."""
    if not rows:
        return
    if db.get_bind().dialect.name == "sqlite":
        db.execute(_one_settled(table, settle), [dict(row) for row in rows])
        return
    names = tuple(rows[0])
    arrays = {name: [row[name] for row in rows] for name in names}
    db.execute(_several_settled(table, settle, names), arrays)


@cache
def _one_settled(table: Table, settle: Settle) -> Insert:
    return settle(sqlite.insert(table), table)


@cache
def _several_settled(table: Table, settle: Settle, names: tuple[str, ...]) -> Insert:
    rows = _arrays(table, (), names)
    return settle(postgresql.insert(table).from_select(list(names), rows), table)


@cache
def _one(table: Table) -> Insert:
    return insert(table)


@cache
def _from_arrays(table: Table, shared: tuple[str, ...], differing: tuple[str, ...]) -> Insert:
    return insert(table).from_select([*shared, *differing], _arrays(table, shared, differing))


def _arrays(table: Table, shared: tuple[str, ...], differing: tuple[str, ...]) -> Select[Any]:
    same = [bindparam(name, type_=table.c[name].type) for name in shared]
    arrays = [bindparam(name, type_=ARRAY(table.c[name].type)) for name in differing]
    columns = [column(name, table.c[name].type) for name in differing]
    given = func.unnest(*arrays).table_valued(*columns).render_derived()
    return select(*same, *(given.c[name] for name in differing))
