"""What the steps share: tables that are strict in both databases, with their guards."""

from typing import Any

from alembic import op
from sqlalchemy import Column
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeEngine

from app.db import guards
from app.db.types import Id


def create_table(name: str, *items: SchemaItem, rowid: bool = True) -> None:
    """Make a table; in SQLite a STRICT one.

    Args:
        rowid: False keeps the rows in the order of the primary key (SQLite); for small rows.
    """
    op.create_table(name, *items, sqlite_strict=True, sqlite_with_rowid=rowid)


def id_column(name: str = "id", *, nullable: bool = False) -> Column[Any]:
    """Give a column that holds an id."""
    return column(name, Id(), nullable=nullable)


def column(name: str, type_: TypeEngine[Any], *, nullable: bool = False) -> Column[Any]:
    """Give a column that must be filled unless it says otherwise."""
    return Column(name, type_, nullable=nullable)


def guard(*tables: str) -> None:
    """Install the guards that `app.db.guards` has for `tables`."""
    guards.install(op.get_bind(), *tables)


def unguard(*tables: str) -> None:
    """Remove the guards of `tables`, before these are dropped."""
    guards.remove(op.get_bind(), *tables)
