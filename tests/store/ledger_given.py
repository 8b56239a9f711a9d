"""What tests of the ledger build: an agreement's history, stating only what the test is about."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine

from app.db.session import writing
from app.domain.fact import Actor, Event, Fact, Replaced, Subject
from app.domain.json_value import Json
from app.domain.redaction import KIND as REDACTED
from app.domain.redaction import Erasure
from app.ledger import store

OPERATION = UUID("0b8a7f64-3c3e-4d29-9f55-5a1d9a1c2e47")
OCHA = Actor(
    principal=UUID("d4b9c8e1-52a0-4e0b-9a6c-7f2e31c5a906"),
    holder="ocha-duty-1",
    organisation=UUID("a1d3f0c2-6b7e-4f18-8c59-e0b4d2a7935e"),
    role="coordinator",
)
ICRC = Actor(
    principal=UUID("2f4d6a80-91b3-4c5d-8e7f-a0b1c2d3e4f5"),
    holder="icrc-desk",
    organisation=UUID("b7c6d5e4-f3a2-4b1c-8d0e-9f8a7b6c5d4e"),
    role="coordinator",
)


def april(day: int, hour: int = 0) -> datetime:
    """Name an hour of April 2022, in UTC."""
    return datetime(2022, 4, day, hour, tzinfo=UTC)


def given_subject() -> Subject:
    return Subject(kind="agreement", id=uuid4(), operation=OPERATION)


def given_fact(subject: Subject, aspects: Mapping[str, Json], **other: Any) -> Fact:
    known: dict[str, Any] = {"kind": "edited", "effective_at": april(25), "actor": OCHA}
    return Fact(subject=subject, aspects=aspects, **(known | other))


def record(engine: Engine, fact: Fact, at: datetime, *, new: bool = False) -> Event:
    with writing(engine) as db:
        return store.append(db, fact, at=at, new=new)


def given_agreement(engine: Engine, at: datetime | None = None, **aspects: Json) -> Event:
    """Record the first event of an agreement; in effect and recorded at one instant."""
    at = at or april(25)
    fact = given_fact(given_subject(), aspects or {"status": "proposed"}, effective_at=at)
    return record(engine, fact, at, new=True)


def given_change(
    engine: Engine,
    of: Event,
    at: datetime,
    *,
    effective_at: datetime | None = None,
    replaces: tuple[Replaced, ...] = (),
    **aspects: Json,
) -> Event:
    """Record a later event of the same subject."""
    fact = given_fact(of.fact.subject, aspects, effective_at=effective_at or at, replaces=replaces)
    return record(engine, fact, at)


def given_redaction(
    engine: Engine,
    of: Event,
    at: datetime,
    *fields: str,
    replaces: tuple[Replaced, ...] = (),
    **aspects: Json,
) -> Event:
    """Erase fields of an event."""
    named = Erasure(event=of.fact.id, fields=tuple(sorted(fields))).aspect()
    fact = given_fact(
        of.fact.subject,
        {**named, **aspects},
        kind=REDACTED,
        effective_at=at,
        replaces=replaces,
    )
    return record(engine, fact, at)


def taking_out(event: Event, *aspects: str) -> tuple[Replaced, ...]:
    return (Replaced(event=event.fact.id, aspects=aspects),)
