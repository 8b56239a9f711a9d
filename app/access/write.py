"""The one way to write: authority, repeated request, version, change, in this order."""

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import Depends, Header
from sqlalchemy.orm import Session
from starlette.requests import Request

from app.access.caller import Caller, CurrentCaller
from app.domain.fact import Event
from app.http.deps import Db
from app.http.problems import Fault, Problem, unreadable
from app.http.route import raw_body
from app.http.versions import check_if_match
from app.ledger import idempotency

_ABOUT_KEY = "one key for one request: repeating both has one effect and one answer"
_ABOUT_IF_MATCH = "the ETag of what you read and want to change"
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True, kw_only=True)
class Write:
    """One request that changes something.

    Whoever locks a subject for a change takes `Writing` among its own parameters and uses
    `write.db`: then the idempotency key is held before the subject is locked, and two copies
    of one request cannot wait for each other.

    Attributes:
        digest: keyed digest of the request; another request under the same key differs in it.
    """

    db: Session
    caller: Caller
    key: str | None = None
    digest: bytes = b""
    if_match: str | None = None

    def once(
        self,
        *,
        authority: Callable[[], None],
        version: int | None,
        change: Callable[[], Event],
        status: int = 201,
    ) -> UUID:
        """Make the change once, however often the request is repeated; give its event's id.

        Args:
            authority: raises where the caller may not do this (403).
            version: the present version of the locked subject where `If-Match` is needed;
                None for what only adds facts and for moves towards safety.
            change: decides and appends; raises what the rule says (409, 422).

        Raises:
            Problem: 403, 409 (the key was used for another request), 428 or 412.
        """
        authority()
        stored = self._stored()
        if stored is not None:
            return stored
        if version is not None:
            check_if_match(self.if_match, version)
        event = change()
        self._keep(event, status)
        return event.fact.id

    def _stored(self) -> UUID | None:
        if self.key is None:
            return None
        kept = idempotency.find(self.db, self._principal, self.key)
        if kept is None:
            return None
        if not hmac.compare_digest(kept.digest, self.digest):
            raise Problem(
                "idempotency-conflict",
                "this Idempotency-Key was used for another request; choose a new key",
            )
        return kept.event

    def _keep(self, event: Event, status: int) -> None:
        if self.key is not None:
            outcome = idempotency.Kept(
                digest=self.digest,
                status=status,
                subject=event.fact.subject.id,
                event=event.fact.id,
            )
            idempotency.keep(self.db, self._principal, self.key, outcome)

    @property
    def _principal(self) -> UUID:
        return self.caller.actor.principal


async def begin_write(
    request: Request,
    db: Db,
    caller: CurrentCaller,
    idempotency_key: Annotated[str | None, Header(description=_ABOUT_KEY)] = None,
    if_match: Annotated[str | None, Header(description=_ABOUT_IF_MATCH)] = None,
) -> Write:
    """Prepare a write; holds the idempotency key, before anything locks a subject."""
    if if_match is not None:
        if_match = ",".join(request.headers.getlist("if-match"))
    if idempotency_key is None:
        return Write(db=db, caller=caller, if_match=if_match)
    _check_key(request)
    await run_sync(idempotency.hold, db, caller.actor.principal, idempotency_key)
    return Write(
        db=db,
        caller=caller,
        key=idempotency_key,
        digest=_digest(request),
        if_match=if_match,
    )


def _check_key(request: Request) -> None:
    given = request.headers.getlist("idempotency-key")
    if len(given) != 1 or not _KEY.fullmatch(given[0]):
        message = "expected one key of 1 to 200 visible ASCII characters"
        raise unreadable(Fault(pointer="header/Idempotency-Key", message=message))


def _digest(request: Request) -> bytes:
    """Digest method, path, query and body."""
    address = request.scope["raw_path"] + b"?" + request.scope["query_string"]
    parts = (request.method.encode(), address, raw_body(request))
    return idempotency.digest(request.app.state.secret, *parts)


Writing = Annotated[Write, Depends(begin_write)]
"""The write of this request; a route's parameter is `write: Writing`."""
