"""Sending several statements to PostgreSQL in one go."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import psycopg
from sqlalchemy import exc
from sqlalchemy.orm import Session


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
    connection = cast("psycopg.Connection[Any]", db.connection().connection.driver_connection)
    try:
        with connection.pipeline():
            yield
    except psycopg.Error as error:
        raise _as_usual(error, db) from error


def _as_usual(error: psycopg.Error, db: Session) -> exc.DBAPIError:
    """Put an error of the driver in the words that statements by themselves raise."""
    told = exc.DBAPIError.instance(
        statement=None,
        params=None,
        orig=error,
        dbapi_base_err=psycopg.Error,
        dialect=db.get_bind().dialect,
    )
    assert isinstance(told, exc.DBAPIError)
    return told
