"""Sending several statements to PostgreSQL in one go."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import psycopg
from sqlalchemy.orm import Session

from app.db.driver import as_usual


@contextmanager
def together(db: Session) -> Iterator[None]:
    """Send the statements of the block at once: one wait for all of them, none for each.

    They run one after another in their order, and none may return rows. When one fails, those
    after it do not run and its error is raised at the end of the block. In SQLite, which answers
    without a wait, they run as ever.
    """
    if db.get_bind().dialect.name == "sqlite":
        yield
        return
    connection = db.connection()
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    try:
        with driver.pipeline():
            yield
    except psycopg.Error as error:
        raise as_usual(error, connection) from error
