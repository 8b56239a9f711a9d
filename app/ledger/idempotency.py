"""One effect and one answer for one idempotency key of one principal."""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.ledger.tables import IdempotencyKeyRow

_kept = IdempotencyKeyRow.__table__


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What a successful request left under its key.

    Attributes:
        digest: of the whole request, keyed; another request under the same key has another one.
        status: the HTTP status that was answered.
    """

    digest: bytes
    status: int
    subject: UUID
    event: UUID


def digest(secret: bytes, *parts: bytes) -> bytes:
    """Digest the parts of a request so that only the holder of `secret` can test a guess."""
    message = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return hmac.digest(secret, message, "sha256")


def hold(db: Session, principal: UUID, key: str) -> None:
    """Let concurrent copies of a request run one after another, until the transaction ends.

    Called before the subject is locked. In SQLite transactions that write are alone anyway.
    """
    if db.get_bind().dialect.name == "sqlite":
        return
    name = sha256(b"idempotency\x00" + principal.bytes + key.encode()).digest()
    number = int.from_bytes(name[:8], "big", signed=True)
    db.execute(select(func.pg_advisory_xact_lock(number)))


def find(db: Session, principal: UUID, key: str) -> Kept | None:
    """Give what was kept under `key`; None if nothing was."""
    question = select(_kept).where(_kept.c.principal_id == principal, _kept.c.key == key)
    row = db.execute(question).one_or_none()
    if row is None:
        return None
    return Kept(
        digest=bytes(row.digest), status=row.status, subject=row.subject_id, event=row.event_id
    )


def keep(db: Session, principal: UUID, key: str, outcome: Kept) -> None:
    """Keep the outcome of a request that succeeded."""
    row = {
        "principal_id": principal,
        "key": key,
        "digest": outcome.digest,
        "status": outcome.status,
        "subject_id": outcome.subject,
        "event_id": outcome.event,
    }
    db.execute(insert(_kept), row)
