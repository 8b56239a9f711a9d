"""Who holds tokens of an operation: what all of its parties may see."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import exists
from sqlalchemy.orm import Session

from app.access import resource
from app.access.caller import Caller
from app.access.tables import PrincipalOperationRow
from app.domain.fact import Actor, Event
from app.domain.instant import format_instant
from app.http.paging import PageWish
from app.http.problems import not_allowed
from app.ledger import store as ledger
from app.ledger.reading import Entry, Reading, winners
from app.operations.visibility import is_inside
from app.tokens.schemas import Issuer, Principal
from app.tokens.service import KIND

_named = PrincipalOperationRow.__table__


def require_inside(caller: Caller, operation: UUID) -> None:
    """Refuse a caller who knows of an operation from outside only.

    Raises:
        Problem: 403.
    """
    if not is_inside(caller, operation):
        raise not_allowed("only those whose token names the operation see who holds its tokens")


def key_of(principal: Principal) -> tuple[str, str]:
    """Give the key by which the list is ordered."""
    return format_instant(principal.issued_at), str(principal.id)


def page(
    db: Session,
    operation: UUID,
    wish: PageWish,
    reading: Reading,
    filters: Sequence[resource.Filter] = (),
) -> list[Principal]:
    """List tokens that name an operation, in the order in which they were issued."""
    named = exists().where(
        _named.c.principal_id == KIND.table.c.id, _named.c.operation_id == operation
    )
    states = resource.page(db, KIND, wish, visible=named, filters=filters, reading=reading)
    said = ledger.entries(db, [state.id for state in states], reading, names=("holder", "revoked"))
    held = {id: winners(entries) for id, entries in said.items()}
    events = ledger.events_of(db, list(_event_ids(held.values())))
    return [_shown(state, held[state.id], events) for state in states]


def _event_ids(held: Iterable[Mapping[str, Entry]]) -> Iterable[UUID]:
    return {entry.event for entries in held for entry in entries.values()}


def _shown(
    state: resource.State, held: Mapping[str, Entry], events: Mapping[UUID, Event]
) -> Principal:
    issued, ended = events[held["holder"].event], events[held["revoked"].event]
    revoked = bool(state.values["revoked"])
    return Principal.model_validate(
        {
            **{name: state.values[name] for name in ("organisation", "role", "audience", "holder")},
            "id": state.id,
            "issued_at": issued.recorded_at,
            "issued_by": _issuer(issued.fact.actor),
            "revoked_at": ended.recorded_at if revoked else None,
            "revoked_by": _issuer(ended.fact.actor) if revoked else None,
        }
    )


def _issuer(actor: Actor) -> Issuer:
    return Issuer(
        principal=actor.principal,
        holder=actor.holder,
        organisation=actor.organisation,
        role=actor.role,
    )
