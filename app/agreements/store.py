"""Agreements in the database: read from the ledger, kept as rows for lists and guards."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    exists,
    false,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from app.access.caller import Caller
from app.agreements import rows
from app.agreements.recorded import Recorded, exists_in, organisations_in
from app.agreements.tables import AgreementRow, PartyRow
from app.db.rows import insert_rows
from app.db.together import together
from app.db.types import Id, Instant
from app.domain.agreement.model import Agreement
from app.domain.agreement.party import Party
from app.domain.disclosure import READERS_OF_WHOLE, Sensitivity
from app.domain.fact import Event
from app.domain.instant import parse_instant
from app.domain.policy import Audience
from app.ledger import store as ledger
from app.ledger.reading import Entry, Reading
from app.organisations import service as organisations

_agreement = AgreementRow.__table__
_party = PartyRow.__table__
_CHANGE = update(_agreement).where(_agreement.c.id == bindparam("agreement"))


def load(
    db: Session, wanted: Sequence[tuple[UUID, UUID]], reading: Reading
) -> dict[UUID, Recorded]:
    """Read agreements from the ledger; those that do not exist in the reading are left out.

    Args:
        wanted: pairs of agreement and operation.
    """
    found = ledger.entries(db, [agreement for agreement, _ in wanted], reading)
    names = names_in(db, [entry for entries in found.values() for entry in entries])
    return {
        agreement: Recorded(
            id=agreement, operation=operation, entries=found[agreement], names=names
        )
        for agreement, operation in wanted
        if exists_in(found[agreement])
    }


def names_in(
    db: Session, entries: Iterable[Entry], *, known: Mapping[UUID, str] = MappingProxyType({})
) -> dict[UUID, str]:
    """Return `known` with the short names of whom the entries are about or from."""
    missing = organisations_in(entries) - known.keys()
    return {**known, **organisations.names(db, missing)}


def find(db: Session, agreement: UUID) -> AgreementRow | None:
    """Return the present row, or None."""
    return db.get(AgreementRow, agreement)


def parties_now(db: Session, agreements: Sequence[UUID]) -> dict[UUID, set[UUID]]:
    """Return, by agreement, the organisations that are parties now."""
    question = select(_party.c.agreement_id, _party.c.organisation_id).where(
        _party.c.agreement_id.in_(agreements), _party.c.until.is_(None)
    )
    found: dict[UUID, set[UUID]] = {agreement: set() for agreement in agreements}
    for row in db.execute(question):
        found[row.agreement_id].add(row.organisation_id)
    return found


def known_to(caller: Caller, now: datetime) -> ColumnElement[bool]:
    """Pick the agreements of which the caller may know now, whole or in outline."""
    return or_(
        _agreement.c.sensitivity == Sensitivity.LOW,
        _agreement.c.release_at <= now,
        known_whole_to(caller),
    )


def known_whole_to(caller: Caller) -> ColumnElement[bool]:
    """Pick the agreements that the caller may know whole now."""
    if caller.role not in READERS_OF_WHOLE:
        return false()
    own = [o for o, audience in caller.operations.items() if audience is Audience.OPERATIONAL]
    is_party = exists().where(
        _party.c.agreement_id == _agreement.c.id,
        _party.c.organisation_id == caller.organisation,
        _party.c.until.is_(None),
    )
    named = list(caller.operations)
    return or_(
        _agreement.c.operation_id.in_(own) if own else false(),
        and_(_agreement.c.operation_id.in_(named), is_party) if named else false(),
    )


def candidates(
    db: Session,
    visible: ColumnElement[bool],
    *,
    equal: dict[str, Any],
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[AgreementRow]:
    """Return rows by (`created_at`, `id`), after the key `after`.

    Args:
        equal: columns and the values that they must have.
    """
    question = select(AgreementRow).where(visible)
    for column, value in equal.items():
        question = question.where(_agreement.c[column] == value)
    if after is not None:
        key = tuple_(_agreement.c.created_at, _agreement.c.id)
        question = question.where(key > tuple_(*after, types=[Instant(), Id()]))
    order = (_agreement.c.created_at, _agreement.c.id)
    return list(db.scalars(question.order_by(*order).limit(limit)))


def shows_one(caller: Caller, operation: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Pick the operations of which the caller may know an agreement now."""
    visible = known_to(caller, datetime.now(UTC))
    return exists().where(_agreement.c.operation_id == operation, visible)


def add(db: Session, event: Event, agreement: Agreement, fields: dict[str, Any]) -> None:
    """Keep the rows of a new agreement."""
    db.execute(
        insert(_agreement),
        row(agreement, fields)
        | {
            "id": agreement.id,
            "operation_id": agreement.operation,
            "created_at": event.recorded_at,
        },
    )
    _add_parties(db, agreement.id, agreement.parties, event.fact.effective_at)
    _add_statements(db, event)


def save(
    db: Session,
    event: Event,
    before: tuple[Agreement, dict[str, Any]],
    after: Agreement,
    fields: dict[str, Any],
) -> None:
    """Keep what a change made of the present row and the parties, and what it states."""
    was, now = row(*before), row(after, fields)
    with together(db):
        _add_statements(db, event)
        if now != was:
            new = {name: value for name, value in now.items() if value != was[name]}
            db.execute(_CHANGE, {"agreement": after.id, **new})
    old, present = set(before[0].parties), set(after.parties)
    if old != present:
        since = event.fact.effective_at
        _end_parties(db, after.id, old - present, since)
        back = {party for party in present - old if _come_back(db, after.id, party, since)}
        _add_parties(db, after.id, present - old - back, since)


def row(agreement: Agreement, fields: dict[str, Any]) -> dict[str, Any]:
    """Give what the row of an agreement holds of its fields as they are now."""
    release_at = fields.get("release_at")
    return {
        "laterality": agreement.laterality,
        "kind": fields["kind"],
        "status": agreement.status.to,
        "sensitivity": fields["sensitivity"],
        "release_at": parse_instant(release_at) if release_at else None,
    }


def _add_parties(db: Session, agreement: UUID, parties: Iterable[Party], since: datetime) -> None:
    added = [
        {
            "agreement_id": agreement,
            "organisation_id": party.organisation,
            "role": party.role,
            "since": since,
        }
        for party in parties
    ]
    if added:
        db.execute(insert(_party), added)


def _come_back(db: Session, agreement: UUID, party: Party, since: datetime) -> bool:
    """Take back the end of a party that came at this very instant; false where there is none."""
    returned = update(_party).where(
        _party.c.agreement_id == agreement,
        _party.c.organisation_id == party.organisation,
        _party.c.role == party.role,
        _party.c.since == since,
    )
    row = db.execute(returned.values(until=None).returning(_party.c.role)).one_or_none()
    return row is not None


def _end_parties(db: Session, agreement: UUID, parties: Iterable[Party], until: datetime) -> None:
    for party in parties:
        db.execute(
            update(_party)
            .where(
                _party.c.agreement_id == agreement,
                _party.c.organisation_id == party.organisation,
                _party.c.role == party.role,
                _party.c.until.is_(None),
            )
            .values(until=until)
        )


def _add_statements(db: Session, event: Event) -> None:
    """Keep the rows of what an event states, so that the database can bear a status out."""
    for table, added in rows.stated(entries_of(event)).items():
        insert_rows(db, table, added, {})


def entries_of(event: Event) -> list[Entry]:
    """Return the entries that an event has just added."""
    fact = event.fact
    return [
        Entry(
            subject=fact.subject.id,
            aspect=aspect,
            value=value,
            event=fact.id,
            sequence=event.sequence,
            effective_at=fact.effective_at,
            recorded_at=event.recorded_at,
            kind=fact.kind,
            basis=fact.basis,
            organisation=fact.actor.organisation,
        )
        for aspect, value in fact.aspects.items()
    ]
