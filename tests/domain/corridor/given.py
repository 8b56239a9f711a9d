"""A corridor of the Azovstal agreement as builders: a test states only what it is about.

Unless told otherwise the corridor is open since half an hour after its agreement
went in force, with a route and both ends, and nothing bars anybody at `NOON`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.agreement.model import Agreement
from app.domain.agreement.route import Line, Route, RouteSite, SiteRole
from app.domain.agreement.status import Status
from app.domain.corridor.model import Corridor, CorridorChange, CorridorStop
from app.domain.corridor.moves import CorridorAt, CorridorDecision, CorridorWish, decide_status
from app.domain.corridor.status import CorridorStatus
from app.domain.laterality import Laterality
from app.domain.machine.timeline import in_order, status_at
from app.domain.window import Window
from tests.domain.agreement.given import (
    CONVOY_REPORT,
    NOON,
    OCHA,
    april,
    named,
)
from tests.domain.agreement.given import as_of as agreement_as_of
from tests.domain.agreement.given import given_agreement as agreement_without_routes
from tests.domain.agreement.given import given_declaration as declaration_without_routes

CORRIDOR = named("corridor Azovstal-Zaporizhzhia")
OTHER = named("corridor Zaporizhzhia-Azovstal")
AZOVSTAL = named("site Azovstal")
ZAPORIZHZHIA = named("site Zaporizhzhia")

LINE: Line = ((37.608, 47.097), (37.3119, 47.0563), (35.1171, 47.8517))
"""Azovstal, Manhush, Zaporizhzhia."""

DRAWN_AT = april(27, 9)
PLANNED_AT = april(28, 9)
AGREED_AT = april(29, 10)
OPENED_AT = april(30, 8, 30)
LATER_AT = april(30, 10)
"""When a corridor that was open came to its last status."""
AFTER_AT = april(30, 11)

S = CorridorStatus

ROUTE = Route(
    corridor=CORRIDOR,
    geometry=LINE,
    width_m=None,
    direction=None,
    mode=None,
    sites=(
        RouteSite(role=SiteRole.FROM_SITE, site=AZOVSTAL, position=LINE[0]),
        RouteSite(role=SiteRole.TO_SITE, site=ZAPORIZHZHIA, position=LINE[-1]),
    ),
)
"""The corridor as it stands in the terms."""


def given_agreement(*status: Status, **parts: Any) -> Agreement:
    """Build the agreement with the corridor in its terms."""
    return replace(agreement_without_routes(*status, **parts), routes=(ROUTE,))


def given_declaration(*status: Status, **parts: Any) -> Agreement:
    """Build the declaration with the corridor in it."""
    return replace(declaration_without_routes(*status, **parts), routes=(ROUTE,))


def given_change(
    to: CorridorStatus,
    at: datetime,
    *,
    by: UUID = OCHA,
    sequence: int = 0,
    automatic: bool = False,
) -> CorridorChange:
    """Build one entry of the status history."""
    return CorridorChange(
        id=named(f"corridor {to} {at}"),
        to=to,
        effective_at=at,
        sequence=sequence,
        organisation=by,
        automatic=automatic,
    )


def given_stop(to: CorridorStatus, at: datetime, *, by: UUID) -> CorridorStop:
    """Build a stop that was stated while the corridor had stopped."""
    return CorridorStop(
        id=named(f"corridor stop {to} {at} {by}"), to=to, effective_at=at, organisation=by
    )


_TIMES = {
    S.DRAFT: DRAWN_AT,
    S.PLANNED: PLANNED_AT,
    S.AGREED: AGREED_AT,
    S.DECLARED: AGREED_AT,
    S.OPEN: OPENED_AT,
}


def given_history(
    to: CorridorStatus, laterality: Laterality = Laterality.BILATERAL
) -> tuple[CorridorChange, ...]:
    """Build the usual way to a status, from the first drawing on."""
    settled = S.AGREED if laterality.is_mutual else S.DECLARED
    path = (S.DRAFT, S.PLANNED, settled, S.OPEN)
    before = {S.CANCELLED: S.PLANNED, S.AGREED: S.PLANNED, S.DECLARED: S.PLANNED}
    last = to if to in path else before.get(to, S.OPEN)
    way = [*path[: path.index(last) + 1]]
    if to not in way:
        way.append(to)
    return tuple(given_change(status, _TIMES.get(status, LATER_AT)) for status in way)


def given_corridor(
    status: CorridorStatus = S.OPEN,
    *,
    laterality: Laterality = Laterality.BILATERAL,
    statuses: Iterable[CorridorChange] | None = None,
    stops: Sequence[CorridorStop] = (),
    line: Line | None = LINE,
    from_site: UUID | None = AZOVSTAL,
    to_site: UUID | None = ZAPORIZHZHIA,
) -> Corridor:
    """Build the corridor as it is at `NOON`."""
    timeline = in_order(given_history(status, laterality) if statuses is None else statuses)
    return Corridor(
        id=CORRIDOR,
        agreement=named("agreement"),
        status=timeline[-1],
        statuses=timeline,
        stops=tuple(stops),
        line=line,
        from_site=from_site,
        to_site=to_site,
    )


def given_under(laterality: Laterality) -> Agreement:
    """Build an agreement of that laterality that is in force and stands at `NOON`."""
    agreement = given_agreement() if laterality.is_mutual else given_declaration()
    return replace(agreement, laterality=laterality)


def naming(window: Window, corridor: UUID = CORRIDOR) -> Window:
    """Let a window name a corridor."""
    return replace(window, id=named(f"{window.id} {corridor}"), corridor=corridor)


def as_of(corridor: Corridor) -> CorridorAt:
    """Return what the corridor was at an instant, from what it is at `NOON`."""

    def corridor_at(at: datetime) -> Corridor:
        return replace(
            corridor,
            status=status_at(corridor.statuses, at) or corridor.statuses[0],
            stops=tuple(s for s in corridor.stops if s.effective_at <= at),
        )

    return corridor_at


SOURCES = (CONVOY_REPORT,)


def given_wish(
    to: CorridorStatus | None,
    *,
    by: UUID = OCHA,
    at: datetime | None = None,
    corrects: Iterable[CorridorChange | CorridorStop] = (),
    sources: tuple[UUID, ...] = SOURCES,
) -> CorridorWish:
    """Build a wish for a status, by default by the facilitator, for now and with a source."""
    return CorridorWish(
        id=named(f"corridor wish {to} {at}"),
        to=to,
        organisation=by,
        effective_at=at,
        corrects=tuple(change.id for change in corrects),
        sources=sources,
    )


def decided(
    corridor: Corridor,
    to: CorridorStatus | None,
    *,
    agreement: Agreement | None = None,
    by: UUID = OCHA,
    at: datetime | None = None,
    corrects: Iterable[CorridorChange | CorridorStop] = (),
    sources: tuple[UUID, ...] = SOURCES,
    now: datetime = NOON,
) -> CorridorDecision:
    """Decide a wish at `NOON`, by default under an agreement that stands in force."""
    return decide_status(
        given_wish(to, by=by, at=at, corrects=corrects, sources=sources),
        now=now,
        corridor_at=as_of(corridor),
        agreement_at=agreement_as_of(given_agreement() if agreement is None else agreement),
    )
