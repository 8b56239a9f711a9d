"""Transactions of PostgreSQL that only read: begun and ended in one exchange with the server each.

The driver would begin in an exchange of its own, before the first statement; and of the lock that
threads of Python hold in turn it lets go several times in each, so that where many read they wait
for each other longer than for the server. Here it is once.
"""

from typing import Any

import psycopg
from psycopg.pq import ExecStatus
from sqlalchemy import Connection

from app.db.driver import as_usual
from app.db.state import LOOK, Told

_BEGIN = f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {LOOK['postgresql']}".encode()
_END = b"COMMIT"


def begin(connection: Connection) -> Told | None:
    """Begin, and give the state that the transaction sees; None where it cannot be told."""
    found = _exchange(connection, _BEGIN)
    if not found.ntuples:
        return None
    return tuple(found.get_value(0, column) for column in range(found.nfields))


def end(connection: Connection) -> None:
    """End it. What follows of the driver's own finds nothing left to end.

    A connection on which that fails is used no more: it may be in the middle of anything.
    """
    try:
        _exchange(connection, _END)
    except BaseException as error:
        if not connection.invalidated:
            connection.invalidate(error)
        raise


def _exchange(connection: Connection, words: bytes) -> Any:
    driver: Any = connection.connection.driver_connection
    try:
        found = driver.exchange(words)
        if found.status not in {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK}:
            raise psycopg.errors.error_from_result(found)
    except psycopg.Error as error:
        raise as_usual(error, connection) from error
    return found
