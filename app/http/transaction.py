"""The transaction of a request: it ends once, before the answer is sent."""

from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request


class Transaction:
    """What a request reads and writes in."""

    def __init__(self, context: AbstractContextManager[Session]) -> None:
        self._context = context
        self.session = context.__enter__()  # connects with the first statement, in a thread
        self.is_open = True

    def end(self, error: BaseException | None = None) -> None:
        """Commit, or roll back where something was raised; in a thread, as it waits for the disk.

        Raises:
            DatabaseUnavailable, OutcomeUnknown: as `writing` and `reading` do.
        """
        self.is_open = False
        kind = None if error is None else type(error)
        self._context.__exit__(kind, error, None if error is None else error.__traceback__)


def keep(request: Request, transaction: Transaction) -> None:
    """Keep the transaction of a request for whoever ends it."""
    request.state.transaction = transaction


def end(request: Request) -> None:
    """End the transaction of a request, if it has one, and it was not ended before."""
    transaction: Any = getattr(request.state, "transaction", None)
    if transaction is not None and transaction.is_open:
        transaction.end()
