"""Proposing an agreement."""

from collections.abc import Iterator, Sequence
from uuid import UUID, uuid4

from app.access.resource import as_json, warned
from app.access.write import Write
from app.agreements import aspects, store
from app.agreements.held import KIND, Done, done
from app.agreements.recorded import Recorded
from app.agreements.schemas.agreement import AgreementIn, AgreementPatch, PartyIn
from app.agreements.services import referring
from app.disclosure.bodies import check_area
from app.domain.agreement.model import Revision
from app.domain.agreement.party import Party
from app.domain.agreement.proposal import require_proposable
from app.domain.agreement.terms import ALL_OPEN, Content, terms_hash
from app.domain.errors import NotEligible, Unacceptable
from app.domain.fact import Event, Fact, Subject
from app.domain.geometry.shape import Shape
from app.domain.json_value import Json
from app.ledger import store as ledger
from app.operations import service as operations
from app.organisations import service as organisations
from app.sources import service as sources


def propose(write: Write, body: AgreementIn) -> Done:
    """Record a proposal; the caller's coordinators need only be in the operation."""
    operation = operations.resolve(write.db, write.caller, body.operation)

    def authority() -> None:
        if operation is not None and not write.caller.names(operation):
            raise NotEligible("Your token does not name this operation.")

    def change() -> Event:
        if operation is None:
            raise _unknown_operation()
        return _propose(write, body, operation)

    event = write.once(authority=authority, version=None, change=change)
    return done(write, operation or _proposed_in(write, event), event)


def _unknown_operation() -> Unacceptable:
    message = "No operation of this id or slug is known. List /v1/operations."
    return Unacceptable("/operation", message)


def _proposed_in(write: Write, event: UUID) -> UUID:
    """Return the operation of an earlier proposal, when its slug has changed since.

    Raises:
        Unacceptable: the caller's token does not name it any more.
    """
    made = ledger.event(write.db, event)
    operation = made.fact.subject.operation if made else None
    if operation is None or not write.caller.names(operation):
        raise _unknown_operation()
    return operation


def _propose(write: Write, body: AgreementIn, operation: UUID) -> Event:
    db, now = write.db, ledger.moment(write.db)
    parties = party_list(write, body.parties)
    require_proposable(body.laterality, parties)
    at = referring.not_ahead(body.effective_at, now)
    change, agreement = uuid4(), uuid4()
    content = Content(terms=ALL_OPEN, windows=(), parties=parties)
    first = Revision(number=1, terms_hash=terms_hash(content), took_effect_at=at)
    cited = sources.cited(db, write.caller, operation, body.sources)
    taken = check_area(db, operation, area_of(body), body.override)
    fact = Fact(
        id=change,
        subject=Subject(kind=KIND, id=agreement, operation=operation),
        kind="created",
        effective_at=at,
        actor=write.caller.actor,
        basis=body.basis,
        reason=taken.reason,
        sources=cited,
        warnings=(*warned(body), *taken.warnings),
        aspects={
            **_plain(write, body, cited),
            "parties": aspects.parties(parties),
            "status": {"to": "proposed"},
            **aspects.revision(first),
        },
    )
    event = ledger.append(db, fact, at=now, new=True)
    names = {p.organisation: p.name for p in parties}
    recorded = Recorded(
        id=agreement, operation=operation, entries=store.entries_of(event), names=names
    )
    store.add(db, event, recorded.at(event.recorded_at), recorded.fields(event.recorded_at))
    return event


def _plain(write: Write, body: AgreementIn, cited: Sequence[UUID]) -> dict[str, Json]:
    db = write.db
    proposer = (
        referring.organisation(db, body.proposer, "/proposer")
        if body.proposer is not None
        else write.caller.actor.organisation
    )
    declared_by = referring.optional_organisation(db, body.declared_by, "/declared_by")
    if declared_by is not None and body.laterality.is_mutual:
        raise Unacceptable(
            "/declared_by", f"A {body.laterality.value} agreement is declared by nobody."
        )
    return {
        "title": body.title,
        "kind": body.kind.value,
        "laterality": body.laterality.value,
        "purpose": body.purpose,
        "proposer": str(proposer),
        "declared_by": str(declared_by) if declared_by else None,
        "sensitivity": body.sensitivity.value,
        "release_at": as_json(body.release_at),
        "area": as_json(body.area),
        "sources": [str(source) for source in cited],
    }


def area_of(body: AgreementIn | AgreementPatch) -> Iterator[tuple[str, Shape]]:
    """Give the area that a body sends, with its pointer, to be checked against the operation's."""
    if body.area is not None:
        yield "/area", body.area.shape


def party_list(write: Write, parties: Sequence[PartyIn]) -> tuple[Party, ...]:
    """Resolve the parties of a body, in their order."""
    ids = [
        referring.organisation(write.db, party.organisation, f"/parties/{index}/organisation")
        for index, party in enumerate(parties)
    ]
    names = organisations.names(write.db, ids)
    return tuple(
        Party(organisation=o, name=names[o], role=party.role)
        for o, party in zip(ids, parties, strict=True)
    )
