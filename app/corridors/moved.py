"""A site that moves takes with it the terms of agreements whose routes name it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from typing_extensions import override

from app.access.caller import Caller
from app.access.write import Write
from app.agreements import held as agreements
from app.agreements.services.routing import change_routes
from app.corridors import recorded
from app.corridors.recorded import Recorded
from app.corridors.services.routing import is_in_terms, put, route_of
from app.corridors.tables import CorridorRow, CorridorSiteRow
from app.domain.agreement.route import Route
from app.domain.agreement.status import TERMINAL
from app.domain.corridor.status import TERMINAL as OVER
from app.domain.fact import Actor, Event
from app.ledger.reading import NOW

SITE = "site"
_corridor = CorridorRow.__table__
_named = CorridorSiteRow.__table__


@dataclass(frozen=True, kw_only=True)
class _Mover(Caller):
    """Whoever moved the site, as the record names them in what follows from it."""

    moved_by: Actor

    @property
    @override
    def actor(self) -> Actor:
        """The actor of the change that is followed."""
        return self.moved_by


def follow(db: Session, events: Sequence[Event]) -> None:
    """Write the new point of a site into the terms that rest on it."""
    for event in events:
        is_move = event.sequence > 1 and "geometry" in event.fact.aspects
        if event.fact.subject.kind == SITE and is_move:
            _follow(db, event)


def _follow(db: Session, event: Event) -> None:
    question = (
        select(_corridor.c.agreement_id, _corridor.c.id)
        .join(_named, _named.c.corridor_id == _corridor.c.id)
        .where(_named.c.site_id == event.fact.subject.id, _corridor.c.status.not_in(list(OVER)))
    )
    by_agreement: dict[UUID, list[UUID]] = {}
    for agreement, corridor in db.execute(question):
        by_agreement.setdefault(agreement, []).append(corridor)
    for agreement in sorted(by_agreement):
        _settle(db, event, agreement, by_agreement[agreement])


def _settle(db: Session, event: Event, agreement: UUID, corridors: Sequence[UUID]) -> None:
    write = Write(db=db, caller=_Mover(moved_by=event.fact.actor))
    held = agreements.lock(write, agreement)
    if held is None or held.present.status.to in TERMINAL:
        return
    held.now = max(held.now, event.recorded_at)
    found = recorded.load(db, corridors, NOW)
    moved = [_route(db, corridor, held.now) for corridor in found.values()]

    def change(routes: tuple[Route, ...]) -> tuple[Route, ...]:
        for route in moved:
            routes = put(routes, route) if route is not None else routes
        return routes

    present = held.present
    # Terms run forward: a site that is said late to have moved moves in them when they allow it.
    at = max(event.fact.effective_at, present.revision.took_effect_at, present.status.effective_at)
    change_routes(held, change, at=at, basis=event.fact.basis)


def _route(db: Session, corridor: Recorded, now: datetime) -> Route | None:
    if not is_in_terms(corridor.at(now).statuses):
        return None
    return route_of(db, corridor.id, corridor.values(now))
