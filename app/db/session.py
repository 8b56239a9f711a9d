"""The two kinds of transaction: one that writes and one that only reads."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, exc
from sqlalchemy.orm import Session
from typing_extensions import override

from app.db.engine import KNOWN, NOTICES, READ_ONLY, unasked
from app.db.errors import DatabaseUnavailable, OutcomeUnknown, Unwritable

_SQLITE_TRY_AGAIN = {5, 6, 13, 14}  # busy, locked, full, cannot open: nothing was stored
_SQLITE_IO_ERROR = 10
_POSTGRESQL_FAILED = 3  # libpq's PQTRANS_INERROR
_LAST = "last"


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """Run a transaction that writes; it is committed when the block ends without an exception.

    Raises:
        DatabaseUnavailable: nothing was stored; trying again may help.
        OutcomeUnknown: the answer to the commit was lost, or a standby has not confirmed it.
    """
    with _closing(Session(engine, expire_on_commit=False)) as db:
        with _asking():
            yield db
            db.flush()
            for action in db.info.pop(_LAST, {}).values():
                action(db)
        if db.in_transaction():
            _commit(db)


def do_last(db: Session, key: Hashable, action: Callable[[Session], None]) -> None:
    """Let a transaction that writes do something right before its commit, once for each key.

    For locks that many share: taken last, they are held for the shortest time, and whoever has one
    waits for no other.
    """
    db.info.setdefault(_LAST, {}).setdefault(key, action)


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Run a transaction that sees one state of the database throughout and cannot write.

    Raises:
        DatabaseUnavailable: trying again may help.
    """
    with _closing(_Reader(_read_only(engine))) as db, _asking():
        yield db
        db.commit()  # after a rollback the driver lets go of what the server has prepared


class _Reader(Session):
    """A session on one connection, which takes statements by itself too.

    Most readers ask for plain rows only. Then the session has nothing to keep account of, which
    takes longer than to connect, begin and end.
    """

    def __init__(self, engine: Engine) -> None:
        super().__init__(expire_on_commit=False)
        self._engine = engine
        self._held: Connection | None = None

    @override
    def get_bind(self, *_: Any, **__: Any) -> Connection:
        return self.connection()

    @override
    def connection(self, *_: Any, **__: Any) -> Connection:
        held = self._held
        if held is None or not held.in_transaction():
            self.info.pop(KNOWN, None)
            held = self._held = self._begun(held)
        return held

    def _begun(self, held: Connection | None) -> Connection:
        """Begin on a connection. One that was lost while nobody used it is passed over."""
        try:
            with unasked():
                return _begin(held or self._engine.connect())
        except exc.DBAPIError as error:
            self._held = None
            if not error.connection_invalidated:
                raise
        return _begin(self._engine.connect())

    @override
    def commit(self) -> None:
        if self.in_transaction():
            super().commit()
        if self._held is not None:
            self._held.commit()

    @override
    def close(self) -> None:
        try:
            if self.in_transaction() or self.identity_map:  # else it has nothing
                super().close()
        finally:
            if self._held is not None:
                self._held.close()

    @override
    def invalidate(self) -> None:
        super().invalidate()
        if self._held is not None and not self._held.closed:
            self._held.invalidate()


def _begin(connection: Connection) -> Connection:
    try:
        connection.begin()
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def _closing(db: Session) -> Iterator[Session]:
    """Close a session; a connection lost since then hides nothing of what the block raises."""
    try:
        yield db
    finally:
        try:
            db.close()  # rolls back what is not committed; without a server there is nothing left
        except exc.DBAPIError:
            db.invalidate()


@lru_cache(maxsize=4)
def _read_only(engine: Engine) -> Engine:
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{READ_ONLY: True})
    # By these the driver would begin by itself, if anything but the service ended a transaction.
    return engine.execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True, **{READ_ONLY: True}
    )


@contextmanager
def _asking() -> Iterator[None]:
    try:
        yield
    except exc.TimeoutError as error:
        raise DatabaseUnavailable("no connection to the database was free") from error
    except exc.DBAPIError as error:
        if _passes(error):
            raise DatabaseUnavailable("the database is away or too busy") from error
        raise


def _commit(db: Session) -> None:
    connection = db.connection()
    notices = connection.info.get(NOTICES)
    if notices is not None:
        _refuse_failed(connection.connection.driver_connection)
        notices.clear()
    try:
        db.commit()
    except exc.DBAPIError as error:
        raise _after_commit(error) from error
    if notices is not None and "WARNING" in notices:
        # The server answers success when a wait for its standby is cancelled.
        raise OutcomeUnknown("the commit is not confirmed by the standby")


def _refuse_failed(connection: Any) -> None:
    """Refuse to commit what failed: the server would roll back and report success."""
    if connection.info.transaction_status == _POSTGRESQL_FAILED:
        raise Unwritable("a statement of this transaction failed; nothing is stored")


def _after_commit(error: exc.DBAPIError) -> Exception:
    if error.connection_invalidated or _sqlite_code(error) == _SQLITE_IO_ERROR:
        return OutcomeUnknown("the connection was lost while the change was being stored")
    if _passes(error):
        return DatabaseUnavailable("the database is too busy")
    return error


def _passes(error: exc.DBAPIError) -> bool:
    """Tell whether the failure lies in the state of the database and not in the question."""
    code = _sqlite_code(error)
    if code is not None:
        return code in _SQLITE_TRY_AGAIN or code == _SQLITE_IO_ERROR
    passing = isinstance(error, exc.OperationalError | exc.InterfaceError)
    return passing or error.connection_invalidated


def _sqlite_code(error: exc.DBAPIError) -> int | None:
    code = getattr(error.orig, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
