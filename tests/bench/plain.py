"""The yardstick: a plain FastAPI and SQLAlchemy ORM service that changes a status.

It checks the token and the version, UPDATEs the row, INSERTs a row of history and commits before
it answers, with the same connections, durability settings and server as Safe Passage. It has no
rules, no evidence, no past to ask for, no idempotency, no guards.
"""

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, cast
from uuid import UUID, uuid4

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException, Request, Response
from pydantic import BaseModel
from sqlalchemy import Engine, ForeignKey, UniqueConstraint, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from app.db.engine import make_engine
from app.db.types import Id, Instant
from app.settings import with_driver

POOL_SIZE = 16


class Base(DeclarativeBase):
    """The tables of the plain service."""

    type_annotation_map = {UUID: Id(), datetime: Instant()}  # noqa: RUF012


class Principal(Base):
    """Who may call."""

    __tablename__ = "plain_principal"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    organisation_id: Mapped[UUID]
    role: Mapped[str]
    revoked_at: Mapped[datetime | None]


class Agreement(Base):
    """The present state of an agreement."""

    __tablename__ = "plain_agreement"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    status: Mapped[str]
    version: Mapped[int]
    changed_at: Mapped[datetime]


class StatusChange(Base):
    """One row of history."""

    __tablename__ = "plain_status_change"
    __table_args__ = (UniqueConstraint("agreement_id", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("plain_agreement.id"))
    version: Mapped[int]
    from_status: Mapped[str]
    to_status: Mapped[str]
    reason: Mapped[str]
    note: Mapped[str | None]
    changed_at: Mapped[datetime]
    principal_id: Mapped[UUID] = mapped_column(ForeignKey("plain_principal.id"))


class StatusChangeIn(BaseModel):
    """What is asked."""

    to: str
    reason: str
    note: str | None = None


class StatusChangeOut(BaseModel):
    """What is answered."""

    id: UUID
    from_status: str
    to_status: str
    version: int
    reason: str
    note: str | None
    changed_at: datetime
    principal_id: UUID


app = FastAPI()


def session(request: Request) -> Iterator[Session]:
    """One transaction for each request, committed before the answer is sent."""
    with Session(request.app.state.engine, expire_on_commit=False) as db, db.begin():
        yield db


Db = Annotated[Session, Depends(session, scope="function")]


def current_principal(db: Db, authorization: Annotated[str, Header()]) -> Principal:
    """Find whose token it is."""
    digest = sha256(authorization.removeprefix("Bearer ").encode()).hexdigest()
    principal = db.scalar(select(Principal).where(Principal.token_hash == digest))
    if principal is None or principal.revoked_at is not None:
        raise HTTPException(401)
    return principal


@app.get("/healthz")
def alive() -> str:
    """Tell that the process answers."""
    return "alive"


@app.post("/v1/agreements/{agreement_id}/status-changes", status_code=201)
def change_status(
    agreement_id: UUID,
    body: StatusChangeIn,
    db: Db,
    principal: Annotated[Principal, Depends(current_principal)],
    if_match: Annotated[str, Header()],
    response: Response,
) -> StatusChangeOut:
    """Change the status of an agreement, and keep what it was."""
    agreement = db.get(Agreement, agreement_id, with_for_update=True)
    if agreement is None:
        raise HTTPException(404)
    if if_match != f'"{agreement.version}"':
        raise HTTPException(412)
    now = datetime.now(UTC)
    change = StatusChange(
        id=uuid4(),
        agreement_id=agreement.id,
        version=agreement.version + 1,
        from_status=agreement.status,
        to_status=body.to,
        reason=body.reason,
        note=body.note,
        changed_at=now,
        principal_id=principal.id,
    )
    db.add(change)
    agreement.status, agreement.version, agreement.changed_at = body.to, change.version, now
    response.headers["ETag"] = f'"{change.version}"'
    return StatusChangeOut.model_validate(change, from_attributes=True)


def prepare(engine: Engine, token: str) -> None:
    """Make the tables and one principal."""
    Base.metadata.create_all(engine)
    with Session(engine) as db, db.begin():
        digest = sha256(token.encode()).hexdigest()
        who = {"id": uuid4(), "token_hash": digest, "organisation_id": uuid4()}
        db.execute(insert(Principal), [{**who, "role": "coordinator", "revoked_at": None}])


def add_agreements(engine: Engine, count: int) -> list[UUID]:
    """Add agreements to be moved, at version 1."""
    row = {"status": "proposed", "version": 1, "changed_at": datetime.now(UTC)}
    rows = [{"id": uuid4(), **row} for _ in range(count)]
    with Session(engine) as db, db.begin():
        db.execute(insert(Agreement), rows)
    return [cast(UUID, one["id"]) for one in rows]


def serve(port: int) -> None:
    """Serve until stopped, as `app.main` does."""
    url = with_driver(os.environ["PASSAGE_DATABASE_URL"])
    app.state.engine = make_engine(url, pool_size=POOL_SIZE)
    uvicorn.run(app, port=port, access_log=False, log_config=None, server_header=False, ws="none")


if __name__ == "__main__":
    serve(int(sys.argv[-1]))  # serve --port PORT
