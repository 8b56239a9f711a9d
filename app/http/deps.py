"""What routes ask for by type: the session, times, pages, ids of the path."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import anyio
from anyio.to_thread import run_sync
from fastapi import Depends, Path, Query
from pydantic import BeforeValidator
from sqlalchemy.orm import Session
from starlette.requests import Request

from app.db.session import reading, writing
from app.http.found import found, refused
from app.http.gates import Pace
from app.http.paging import PageWish, read_cursor
from app.http.schema import IdIn, InstantIn
from app.http.transaction import Transaction, keep

AS_OF = "the state that held at this time, RFC 3339 with a zone; default now"
KNOWN_AT = "as the record stood at this time, RFC 3339 with a zone; default now"
USUAL_PAGE = 100
MAX_PAGE = 1000


@asynccontextmanager
async def in_transaction(request: Request, *, pace: Pace = Pace.USUAL) -> AsyncIterator[Session]:
    """Open the transaction of this request, and commit it before the answer is sent."""
    state = request.app.state
    reads = request.method in {"GET", "HEAD"}
    async with state.gates.turn(reads=reads, pace=pace):
        transaction = Transaction((reading if reads else writing)(state.engine))
        keep(request, transaction)
        try:
            yield transaction.session
        except BaseException as error:
            await _end(transaction, error)
            raise
        await _end(transaction)


async def db(request: Request) -> AsyncIterator[Session]:
    async with in_transaction(request) as session:
        yield session


async def _end(transaction: Transaction, error: BaseException | None = None) -> None:
    """End it, where the endpoint has not, whatever becomes of the connection to the client."""
    if transaction.is_open:
        with anyio.CancelScope(shield=True):
            await run_sync(transaction.end, error)


Db = Annotated[Session, Depends(db, scope="function")]
"""The session of this request; services never commit it."""

PathId = Annotated[IdIn, Path()]
"""An id of the path; what is no UUID is not found."""


@dataclass(frozen=True, kw_only=True)
class AskedTimes:
    """When it was so, and by when it was known; None means now."""

    as_of: datetime | None = None
    known_at: datetime | None = None


async def _times(
    as_of: Annotated[InstantIn | None, Query(description=AS_OF)] = None,
    known_at: Annotated[InstantIn | None, Query(description=KNOWN_AT)] = None,
) -> AskedTimes:
    return AskedTimes(as_of=as_of, known_at=known_at)


Times = Annotated[AskedTimes, Depends(_times)]
"""The two clocks of a question, `?as_of=` and `?known_at=`."""


def _read_limit(value: Any) -> int:
    if isinstance(value, int):
        return value
    if not re.fullmatch("[0-9]{1,4}", str(value)) or not 1 <= int(value) <= MAX_PAGE:
        raise refused(f"found {found(value)}, expected a whole number from 1 to {MAX_PAGE}")
    return int(value)


async def _page(
    limit: Annotated[
        int,
        BeforeValidator(_read_limit),
        Query(
            description="items on a page",
            json_schema_extra={"minimum": 1, "maximum": MAX_PAGE},
        ),
    ] = USUAL_PAGE,
    cursor: Annotated[str | None, Query(description="from `next` of the page before")] = None,
) -> PageWish:
    return PageWish(limit=limit, after=read_cursor(cursor) if cursor else None)


Page = Annotated[PageWish, Depends(_page)]
"""Which page of a list, `?limit=` and `?cursor=`."""


async def present() -> datetime:
    """Tell what time it is."""
    return datetime.now(UTC)


Now = Annotated[datetime, Depends(present)]
"""The present instant, for readings; what is recorded takes the database's clock."""
