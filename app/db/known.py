"""What was found in one state of the database, for the transactions after it that see the same.

Rights and counters change seldom and are asked for by every reader. Each connection remembers what
was found by it, beside the state in which it was; a transaction first looks at its own state, in
its own snapshot, so that what it recalls is what it would find.
"""

from collections.abc import Hashable
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from app.db.engine import KNOWN, READ_ONLY, STATE
from app.db.state import Told

_MOST = 1_000

Known = dict[Hashable, Any]


def known(db: Session) -> Known:
    """Give what was found in the state that a transaction sees, to be read and added to.

    Empty, and forgotten at once, where the transaction may write or its state cannot be told.
    Nothing that is put in may depend on anything but the data and its key.
    """
    connection = db.connection()
    if not connection.get_execution_options().get(READ_ONLY, False):
        return {}
    found: Known | None = db.info.get(KNOWN)
    if found is None:
        found = db.info[KNOWN] = _recalled(connection)
    return found


def _recalled(connection: Connection) -> Known:
    state = _state(connection)
    if state is None:
        return {}
    held: tuple[Told | None, Known] = connection.info.get(KNOWN, (None, {}))
    if held[0] != state or len(held[1]) > _MOST:
        held = connection.info[KNOWN] = state, {}
    return held[1]


def _state(connection: Connection) -> Told | None:
    """Give the state that a transaction sees, as it was told when it began."""
    state: Told | None = connection.info[STATE]
    return state
