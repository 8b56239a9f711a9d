"""Keeping the log up to date while the service runs: indexes for what waits, and a signature."""

import threading
import time

import structlog
from sqlalchemy import Connection, Engine, event, exists, select
from typing_extensions import override

from app.db.engine import READ_ONLY
from app.db.errors import DatabaseUnavailable, OutcomeUnknown
from app.db.session import reading, writing
from app.log.keys import Unusable
from app.log.sequencing import BATCH, sequence, try_lock
from app.log.signing import Contradicted, Desk
from app.log.tables import LogOutboxRow
from app.log.tree import SIZE, Damaged

KEEPER = "log"
"""The name of the thread that keeps the log."""
GATHER_S = 0.08
"""So long what is committed is gathered, so that one signature covers it."""
LOOK_S = 1.0
"""So often it is looked whether somebody else wrote."""
_AFTER_FAILURE_S = 1.0
_SAY_AGAIN_S = 60.0
_log = structlog.get_logger("passage")
_outbox = LogOutboxRow.__table__
_WAITS = select(exists().select_from(_outbox).label("waits"), SIZE.label("size"))


def turn(engine: Engine, desk: Desk | None) -> None:
    """Give indexes to all that waits, then sign, unless somebody else does just now.

    Args:
        desk: None signs nothing.

    Raises:
        Contradicted, Unusable, Damaged: nothing more can be signed; what waits has its index.
    """
    with reading(engine) as db:
        waits, count = db.execute(_WAITS).one()
    if not waits and (desk is None or desk.is_done(count)):
        return
    while waits:
        with writing(engine) as db:
            waits = try_lock(db) and sequence(db) == BATCH
    if desk is not None:
        with writing(engine) as db:
            if try_lock(db):
                desk.sign(db)


class Keeper(threading.Thread):
    """Takes a turn after each commit of this process, and now and then, until it is told to stop."""

    def __init__(self, engine: Engine, desk: Desk | None) -> None:
        """Work on the log of `engine`; without a desk nothing is signed."""
        super().__init__(name=KEEPER, daemon=True)
        self._engine = engine
        self._desk = desk
        self._stopped = threading.Event()
        self._wanted = threading.Event()
        self._said: dict[str, float] = {}

    @override
    def run(self) -> None:
        """Take turns, whatever happens in one of them."""
        event.listen(self._engine, "commit", self._want)
        pause = GATHER_S
        while not self._stopped.wait(pause):
            self._wanted.clear()
            pause = GATHER_S if self._turn() else _AFTER_FAILURE_S
            self._wanted.wait(LOOK_S)

    def _want(self, connection: Connection) -> None:
        if not connection.get_execution_options().get(READ_ONLY, False):
            self._wanted.set()

    def stop(self) -> None:
        """End after the turn that runs."""
        self._stopped.set()
        self._wanted.set()
        self.join()

    def _turn(self) -> bool:
        try:
            turn(self._engine, self._desk)
        except (DatabaseUnavailable, OutcomeUnknown) as error:
            self._say(f"the log waits: {error}")
        except (Contradicted, Unusable, Damaged) as error:
            self._say(f"THE LOG IS NOT SIGNED: {error}")
        except Exception as error:  # a log that stops without a word is the worst
            self._say(f"THE LOG IS NOT SIGNED: {type(error).__name__}: {error}")
        else:
            return True
        return False

    def _say(self, message: str) -> None:
        now = time.monotonic()
        if now - self._said.get(message, -_SAY_AGAIN_S) >= _SAY_AGAIN_S:
            self._said = {message: now}
            _log.error(message)
