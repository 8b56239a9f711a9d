"""Statements that must not take long, since somebody outside shaped them."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import psycopg
from sqlalchemy import exc, text
from sqlalchemy.orm import Session

_STEPS = 20_000  # of SQLite's machine, some milliseconds, between two looks at the clock
_INTERRUPTED = 9


class TookTooLong(Exception):
    """The database was told to give up; in PostgreSQL the transaction can only be rolled back."""


@contextmanager
def within(db: Session, seconds: float) -> Iterator[None]:
    """Let the statements of the block, and what is read of them, end within a time.

    In PostgreSQL it is the time of each, for the rest of the transaction.

    Raises:
        TookTooLong: they do not.
    """
    lite = db.get_bind().dialect.name == "sqlite"
    connection: Any = db.connection().connection.driver_connection
    if lite:
        end = monotonic() + seconds
        connection.set_progress_handler(lambda: monotonic() > end, _STEPS)
    else:
        db.execute(text(f"SET LOCAL statement_timeout = {int(seconds * 1000)}"))
    try:
        yield
    except exc.DBAPIError as error:
        if _is_given_up(error.orig):
            raise TookTooLong from error
        raise
    finally:
        if lite:
            connection.set_progress_handler(None, 0)


def _is_given_up(error: Any) -> bool:
    is_interrupted = getattr(error, "sqlite_errorcode", None) == _INTERRUPTED
    return is_interrupted or isinstance(error, psycopg.errors.QueryCanceled)
