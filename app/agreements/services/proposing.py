"""Proposing an agreement, and editing what is no term, no window and no status."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from app.access.write import Write
from app.agreements import aspects, store
from app.agreements.held import KIND, Done, Held, done
from app.agreements.recorded import Recorded
from app.agreements.schemas.agreement import AgreementIn, AgreementPatch, PartyIn
from app.agreements.services import referring
from app.agreements.services.settling import Settled, require_latest, settle
from app.domain.agreement.authority import require_may_settle
from app.domain.agreement.model import Revision
from app.domain.agreement.party import Party
from app.domain.agreement.proposal import require_proposable
from app.domain.agreement.status import Laterality
from app.domain.agreement.terms import ALL_OPEN, Content, terms_hash
from app.domain.errors import NotEligible, Unacceptable
from app.domain.fact import Event, Fact, Subject
from app.domain.instant import format_instant
from app.domain.json_value import Json
from app.ledger import store as ledger
from app.operations import service as operations
from app.organisations import service as organisations

_FIELDS = ("title", "kind", "purpose", "declared_by", "sensitivity", "release_at", "sources")
_FROM_RECORDING = ("sensitivity", "release_at")


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
    cited = referring.cited(db, write.caller, operation, body.sources)
    fact = Fact(
        id=change,
        subject=Subject(kind=KIND, id=agreement, operation=operation),
        kind="created",
        effective_at=at,
        actor=write.caller.actor,
        basis=body.basis,
        sources=cited,
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
        "release_at": format_instant(body.release_at) if body.release_at else None,
        "sources": [str(source) for source in cited],
    }


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


def edit(held: Held, body: AgreementPatch) -> Done:
    """Change the fields that the patch names; parties are part of the terms."""

    def authority() -> None:
        require_may_settle(held.present, held.organisation)
        referring.require_own(held, body.corrects)

    return held.once(authority=authority, needs_version=True, change=lambda: _edit(held, body))


def _edit(held: Held, body: AgreementPatch) -> Event:
    changed = _changed_fields(held, body)
    if not changed and body.parties is None:
        raise Unacceptable("", "The patch names nothing that could be changed here.")
    at = _effective_at(held, body, changed)
    settled = Settled()
    if body.parties is not None:
        parties = party_list(held.write, body.parties)
        require_proposable(Laterality(held.present.laterality), parties)
        present = held.present
        content = replace(present.content, parties=parties)
        settled = settle(held, content, at)
        require_latest(held, body.corrects, settled.aspects, at)
    set_ = {**changed, **settled.aspects}
    return held.record(
        "edited",
        set_,
        at=at,
        basis=body.basis,
        reason=settled.reason,
        warnings=settled.warnings,
        replaces=referring.replaced(held, body.corrects, set_),
    )


def _effective_at(held: Held, body: AgreementPatch, changed: dict[str, Any]) -> datetime:
    from_recording = [name for name in _FROM_RECORDING if name in changed]
    if from_recording and body.effective_at is not None:
        raise Unacceptable(
            "/effective_at",
            f"{' and '.join(from_recording)} act from recording. Send them without effective_at.",
        )
    corrects = () if from_recording else body.corrects
    return referring.instant(held, body.effective_at, corrects)


def _changed_fields(held: Held, body: AgreementPatch) -> dict[str, Json]:
    """Return the fields that the patch names, as they will be recorded.

    A changed class clears `release_at` unless the same patch sets it.
    """
    named = [name for name in _FIELDS if name in body.model_fields_set]
    values: dict[str, Json] = {name: _recordable(held, name, body) for name in named}
    if "sensitivity" in values and "release_at" not in values:
        was = held.recorded.fields(held.now)["sensitivity"]
        if values["sensitivity"] != was:
            values["release_at"] = None
    return values


def _recordable(held: Held, name: str, body: AgreementPatch) -> Json:
    value = getattr(body, name)
    if value is None and name not in ("declared_by", "release_at"):
        raise Unacceptable(f"/{name}", f"{name} cannot be removed; found null.")
    if name == "declared_by":
        return _declarer(held, value)
    if name == "release_at":
        return format_instant(value) if value else None
    if name == "sources":
        write, operation = held.write, held.recorded.operation
        cited = referring.cited(write.db, write.caller, operation, value)
        return [str(source) for source in cited]
    return str(value)


def _declarer(held: Held, reference: str | None) -> Json:
    found = referring.optional_organisation(held.write.db, reference, "/declared_by")
    if found is not None and held.present.laterality.is_mutual:
        raise Unacceptable("/declared_by", "A mutual agreement is declared by nobody.")
    return str(found) if found else None
