"""How the parts of an agreement are written as aspects of the record, and read back from it.

Aspects: `status`, `parties`, `revision:<number>`, `term:<key>`, `window:<id>` (what parties
consent to), `window_outcome:<id>` (what became of it), `route:<corridor>` (from when it is planned
on), `position:<id>`, `attestation:<id>`, `stop:<id>`, and one for each plain field.
"""

from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

from app.domain.agreement.model import (
    Attestation,
    AuthorityLevel,
    Form,
    Person,
    Position,
    Revision,
    Stance,
    StatusChange,
    StopStatement,
)
from app.domain.agreement.party import Party, PartyRole
from app.domain.agreement.route import LonLat, Mode, Route, RouteSite, SiteRole, covered_routes
from app.domain.agreement.status import Status
from app.domain.agreement.terms import Term, TermState
from app.domain.fact import Actor
from app.domain.instant import format_instant, parse_instant
from app.domain.json_value import Json
from app.domain.window import Direction, Window, WindowOutcome, WindowStatus
from app.ledger.reading import Entry, once

Members = dict[str, Any]


def members(entry: Entry) -> Members:
    """Return the members of an aspect whose value is an object; none where it was erased."""
    return cast(Members, entry.value or {})


def id_or_none(value: Any) -> UUID | None:
    """Read an id that may be missing."""
    return UUID(value) if value else None


def person(actor: Actor) -> Members:
    """Write who acted."""
    return {
        "holder": actor.holder,
        "organisation": str(actor.organisation),
        "principal": str(actor.principal),
    }


def read_person(value: Members) -> Person:
    """Read who acted."""
    return Person(
        holder=value["holder"],
        organisation=UUID(value["organisation"]),
        principal=UUID(value["principal"]),
    )


@once
def read_status(entry: Entry) -> StatusChange:
    """Read a status change; its grounds stay in the entry. An erased one stops."""
    value = members(entry)
    return StatusChange(
        id=entry.event,
        to=Status(value.get("to", Status.SUSPENDED)),
        effective_at=entry.effective_at,
        sequence=entry.sequence,
        organisation=entry.organisation,
        automatic=bool(value.get("automatic")),
    )


@once
def read_stop(entry: Entry) -> StopStatement:
    """Read a stop that was kept as a statement only."""
    return StopStatement(
        id=entry.event,
        to=Status(members(entry)["to"]),
        effective_at=entry.effective_at,
        organisation=entry.organisation,
    )


def parties(of: Iterable[Party]) -> Json:
    """Write the parties in their order."""
    return [{"organisation": str(p.organisation), "role": p.role.value} for p in of]


def read_parties(value: Json, names: dict[UUID, str]) -> tuple[Party, ...]:
    """Read the parties in their order."""
    pairs = [(UUID(p["organisation"]), PartyRole(p["role"])) for p in cast(list[Members], value)]
    return tuple(
        Party(organisation=organisation, name=names.get(organisation, "?"), role=role)
        for organisation, role in pairs
    )


def revision(of: Revision) -> dict[str, Json]:
    """Write a revision as its aspect."""
    value: Json = {"terms_hash": of.terms_hash, "extends": of.extends}
    return {f"revision:{of.number}": value}


@once
def read_revision(entry: Entry) -> Revision:
    """Read a revision; it took effect when the entry did."""
    return Revision(
        number=int(entry.aspect.removeprefix("revision:")),
        terms_hash=members(entry)["terms_hash"],
        took_effect_at=entry.effective_at,
        extends=members(entry)["extends"],
    )


def term(of: Term) -> Json:
    """Write a term."""
    return {"state": of.state.value, "text": of.text, "details": dict(of.details)}


@once
def read_term(entry: Entry) -> Term:
    """Read a term; an erased one is open."""
    value = members(entry)
    state = TermState(value.get("state", TermState.OPEN))
    return Term(state=state, text=value.get("text"), details=value.get("details") or {})


def window(of: Window) -> Json:
    """Write what parties consent to of a window."""
    return {
        "starts_at": format_instant(of.starts_at),
        "ends_at": format_instant(of.ends_at),
        "tz": of.tz,
        "as_announced": of.as_announced,
        "direction": of.direction.value if of.direction else None,
        "corridor": str(of.corridor) if of.corridor else None,
        "since_revision": of.since_revision,
    }


def window_outcome(of: Window) -> Json:
    """Write what became of a window."""
    outcome = of.outcome.value if of.outcome else None
    return {"status": of.status.value, "outcome": outcome}


def read_window(entry: Entry, outcome: Entry | None) -> Window:
    """Read a window and what became of it."""
    value, became = members(entry), members(outcome) if outcome else {}
    return Window(
        id=UUID(entry.aspect.removeprefix("window:")),
        starts_at=parse_instant(value["starts_at"]),
        ends_at=parse_instant(value["ends_at"]),
        tz=value["tz"],
        as_announced=value["as_announced"],
        direction=Direction(value["direction"]) if value["direction"] else None,
        corridor=id_or_none(value["corridor"]),
        status=WindowStatus(became.get("status", WindowStatus.SCHEDULED)),
        outcome=WindowOutcome(became["outcome"]) if became.get("outcome") else None,
        since_revision=value["since_revision"],
    )


def route(of: Route) -> Json:
    """Write a route as parties consent to it."""
    (written,) = covered_routes([of])
    return written


@once
def read_route(entry: Entry) -> Route:
    """Read a route."""
    value = members(entry)
    geometry, width_m = value["geometry"], value["width_m"]
    return Route(
        corridor=UUID(entry.aspect.removeprefix("route:")),
        geometry=None if geometry is None else tuple(_lon_lat(point) for point in geometry),
        width_m=None if width_m is None else float(width_m),
        direction=Direction(value["direction"]) if value["direction"] else None,
        mode=Mode(value["mode"]) if value["mode"] else None,
        sites=tuple(_route_site(site) for site in value["sites"]),
    )


def _route_site(value: Members) -> RouteSite:
    position = value["position"]
    return RouteSite(
        role=SiteRole(value["role"]),
        site=UUID(value["site"]),
        position=None if position is None else _lon_lat(position),
    )


def _lon_lat(point: list[str]) -> LonLat:
    longitude, latitude = point
    return float(longitude), float(latitude)


def position(of: Position, *, actor: Actor, more: Members) -> Json:
    """Write a position; `more` holds what the rules do not look at (note, received_at …)."""
    return {
        "organisation": str(of.organisation),
        "position": of.stance.value,
        "revision": of.revision,
        "terms_hash": of.terms_hash,
        "authority_level": of.authority_level.value if of.authority_level else None,
        "form": of.form.value if of.form else None,
        "valid_until": format_instant(of.valid_until) if of.valid_until else None,
        "relayed_by": str(of.relayed_by) if of.relayed_by else None,
        "conditions": of.conditions,
        "sources": [str(source) for source in of.sources],
        "recorded_by": person(actor),
        **more,
    }


@once
def read_position(entry: Entry) -> Position:
    """Read a position; it was stated when the entry took effect."""
    value = members(entry)
    return Position(
        id=entry.event,
        organisation=UUID(value["organisation"]),
        stance=Stance(value["position"]),
        stated_at=entry.effective_at,
        recorded_by=read_person(value["recorded_by"]),
        revision=value["revision"],
        terms_hash=value["terms_hash"],
        authority_level=AuthorityLevel(value["authority_level"])
        if value["authority_level"]
        else None,
        form=Form(value["form"]) if value["form"] else None,
        valid_until=parse_instant(value["valid_until"]) if value["valid_until"] else None,
        relayed_by=id_or_none(value["relayed_by"]),
        conditions=value["conditions"],
        sources=tuple(UUID(source) for source in value["sources"]),
        basis=entry.basis,
    )


def attestation(position_id: UUID, actor: Actor, note: str | None) -> Json:
    """Write an attestation."""
    return {"position": str(position_id), "by": person(actor), "note": note}


@once
def read_attestation(entry: Entry) -> Attestation:
    """Read an attestation."""
    value = members(entry)
    return Attestation(
        id=entry.event, position=UUID(value["position"]), by=read_person(value["by"])
    )
