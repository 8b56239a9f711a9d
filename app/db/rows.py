"""Adding several rows to a table in one statement."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Insert, Table, bindparam, column, func, insert, select
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


@cache
def _one(table: Table) -> Insert:
    return insert(table)


@cache
def _from_arrays(table: Table, shared: tuple[str, ...], differing: tuple[str, ...]) -> Insert:
    same = [bindparam(name, type_=table.c[name].type) for name in shared]
    arrays = [bindparam(name, type_=ARRAY(table.c[name].type)) for name in differing]
    columns = [column(name, table.c[name].type) for name in differing]
    given = func.unnest(*arrays).table_valued(*columns).render_derived()
    rows = select(*same, *(given.c[name] for name in differing))
    return insert(table).from_select([*shared, *differing], rows)
