"""Drawing a corridor, and changing what is drawn."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from app.access import resource
from app.access.resource import Kind, Noted, Plan, State, Values
from app.access.write import Write
from app.agreements import held as agreements
from app.agreements.held import NOT_YOURS
from app.agreements.held import Held as HeldAgreement
from app.agreements.services.routing import change_routes
from app.corridors.features import COLLECTION
from app.corridors.held import Held, lock
from app.corridors.recorded import KIND as NAME
from app.corridors.schemas.corridor import EditCorridor, NewCorridor
from app.corridors.services.routing import ROUTE_FIELDS, is_in_terms, put, route_of
from app.corridors.tables import CorridorRow, CorridorSiteRow
from app.disclosure import reading
from app.disclosure.bodies import check_area, from_recording, require_may_open
from app.disclosure.lock import hold_places
from app.disclosure.places import RIGHTS, classed
from app.disclosure.reading import Question
from app.disclosure.versions import knows_in_part
from app.domain.agreement.authority import require_may_settle
from app.domain.corridor.status import TERMINAL, CorridorStatus
from app.domain.decimal_text import decimal_text
from app.domain.disclosure import Knowledge, Sensitivity
from app.domain.errors import MoveUnknown, NotEligible, Unacceptable
from app.domain.fact import Event
from app.domain.geometry.measure import length_m
from app.domain.instant import format_instant, parse_instant
from app.domain.json_value import Json
from app.http.problems import not_found
from app.sites.features import COLLECTION as SITES
from app.sources import service as sources

_SITES = CorridorSiteRow.__table__


def _row(values: Values) -> Mapping[str, Any]:
    """Give the row but for its status, which moves by itself: see `keep_status`."""
    release_at, reciprocal_of = values["release_at"], values["reciprocal_of"]
    return {
        "operation_id": UUID(cast(str, values["operation"])),
        "agreement_id": UUID(cast(str, values["agreement"])),
        "sensitivity": Sensitivity(cast(str, values["sensitivity"])),
        "release_at": parse_instant(release_at) if isinstance(release_at, str) else None,
        "reciprocal_of": UUID(reciprocal_of) if isinstance(reciprocal_of, str) else None,
    }


def _keep_sites(db: Session, plan: Plan) -> None:
    """Keep which sites the corridor names now."""
    values = plan.present
    named = [values["from_site"], values["to_site"], *cast(list[Json], values["waypoints"] or [])]
    if not plan.new:
        db.execute(delete(_SITES).where(_SITES.c.corridor_id == plan.id))
    sites = {UUID(site) for site in named if isinstance(site, str)}
    if sites:
        db.execute(insert(_SITES), [{"corridor_id": plan.id, "site_id": site} for site in sites])


KIND = Kind(name=NAME, entity=CorridorRow, row=_row, keep=_keep_sites)


def create(write: Write, body: NewCorridor) -> State:
    """Draw a corridor of an agreement, as a draft; the parties consent to nothing by it yet."""
    hold_places(write.db)
    agreement = agreements.lock(write, body.agreement)
    knowledge = agreements.knowledge_of(agreement) if agreement else Knowledge.NOTHING
    if agreement is None or knowledge is Knowledge.NOTHING:
        raise Unacceptable("/agreement", "No agreement of this id is known.")
    held = agreement

    def authority() -> None:
        if knowledge is not Knowledge.WHOLE:
            raise NotEligible(NOT_YOURS)
        require_may_settle(held.present, held.organisation)

    event = write.once(authority=authority, version=None, change=lambda: _draw(held, body))
    return resource.after(write.db, event)


def _draw(agreement: HeldAgreement, body: NewCorridor) -> Event:
    write, operation = agreement.write, agreement.recorded.operation
    _require_after_agreement(agreement, body)
    noted = _check_area(write.db, operation, body)
    cited = sources.cited(write.db, write.caller, operation, body.sources)
    given = _resolved(write, operation, body, resource.given(body, all_fields=True))
    fixed: dict[str, Json] = {
        "operation": str(operation),
        "agreement": str(agreement.recorded.id),
        "status": {"to": CorridorStatus.DRAFT.value},
    }
    return resource.begin(
        write,
        KIND,
        body,
        {**given, **fixed},
        id=uuid4(),
        operation=operation,
        reason=noted.reason,
        warnings=(*resource.warned(body), *noted.warnings),
        sources=cited,
        columns={"status": CorridorStatus.DRAFT},
    )


def _require_after_agreement(agreement: HeldAgreement, body: NewCorridor) -> None:
    began = min(entry.effective_at for entry in agreement.recorded.entries)
    if body.effective_at is not None and body.effective_at < began:
        raise Unacceptable(
            "/effective_at",
            f"found a time before its agreement began; expected {format_instant(began)} or later",
        )


def edit(write: Write, id: UUID, body: EditCorridor) -> State:
    """Change a corridor; what the parties consent to of it changes their terms with it."""
    hold_places(write.db, alone=bool(RIGHTS & body.model_fields_set))
    held = lock(write, id)
    if held is None or not held.is_seen:
        raise not_found()
    operation = held.agreement.recorded.operation
    was = classed(held.recorded.entries)

    def authority() -> None:
        held.require_whole()
        require_may_settle(held.agreement.present, write.caller.actor.organisation)
        require_may_open(write.caller, operation, was, resource.given(body), held.now)

    def values() -> Values:
        given = _resolved(write, operation, body, resource.given(body))
        corrects = bool(body.corrects)
        return from_recording(given, was.sensitivity, body.effective_at, corrects=corrects)

    return resource.edit(
        write,
        KIND,
        held.subject,
        body,
        values,
        authority=authority,
        version=held.version,
        in_part=knows_in_part(write.caller, held.subject),
        before=lambda plan: _before(held, body, plan).resting_on(
            sources.cited(write.db, write.caller, operation, body.sources or [])
        ),
        warnings=resource.warned(body),
    )


def _before(held: Held, body: EditCorridor, plan: Plan) -> Noted:
    """Check the area, and settle the terms of the agreement where its route is one of them."""
    noted = _check_area(held.write.db, held.agreement.recorded.operation, body)
    if not ROUTE_FIELDS & plan.given.keys():
        return noted
    corridor = held.recorded.at(held.now)
    if corridor.status.to in TERMINAL:
        raise MoveUnknown(
            f"The corridor is {corridor.status.to.value}, which is final; its route is what it "
            "was. Draw a new one."
        )
    if not is_in_terms(corridor.statuses):
        return noted
    route = route_of(held.write.db, plan.id, plan.present)
    held.agreement.now = max(held.agreement.now, plan.at)
    voided = change_routes(
        held.agreement,
        lambda routes: put(routes, route),
        at=plan.effective_at,
        basis=body.basis,
    )
    return Noted(reason=noted.reason, warnings=(*noted.warnings, *voided))


def _check_area(db: Session, operation: UUID, body: NewCorridor | EditCorridor) -> Noted:
    shapes = [] if body.geometry is None else [("/geometry", body.geometry.shape)]
    return check_area(db, operation, shapes, body.override)


def _resolved(
    write: Write, operation: UUID, body: NewCorridor | EditCorridor, values: dict[str, Json]
) -> dict[str, Json]:
    """Complete the fields of a body: references that its author may know of, and the length."""
    values.pop("override", None)
    values |= sources.named_once(values)
    for name in ("from_site", "to_site"):
        if values.get(name) is not None:
            _require_site(write, operation, cast(str, values[name]), f"/{name}")
    for index, site in enumerate(cast(list[str], values.get("waypoints") or [])):
        _require_site(write, operation, site, f"/waypoints/{index}")
    if values.get("reciprocal_of") is not None:
        _require_corridor(write, operation, cast(str, values["reciprocal_of"]))
    if "geometry" in values:
        line = body.geometry.shape if body.geometry is not None else None
        values["length_m"] = None if line is None else decimal_text(round(length_m(line), 3))
    return values


def _require_site(write: Write, operation: UUID, site: str, pointer: str) -> None:
    if not _is_known(write, SITES, operation, site):
        raise Unacceptable(
            pointer, "No site of this id is known in this operation. Record it at /v1/sites first."
        )


def _require_corridor(write: Write, operation: UUID, corridor: str) -> None:
    if not _is_known(write, COLLECTION, operation, corridor):
        raise Unacceptable(
            "/reciprocal_of", "No other corridor of this id is known in this operation."
        )


def _is_known(write: Write, collection: str, operation: UUID, place: str) -> bool:
    asked = Question(
        collection=collection, caller=write.caller, now=datetime.now(UTC), place=UUID(place)
    )
    found = reading.seen(write.db, asked)
    return found is not None and found.operation == operation


def keep_status(db: Session, corridors: Sequence[UUID], status: CorridorStatus) -> None:
    """Keep the status that corridors have now in their rows."""
    row = CorridorRow.__table__
    db.execute(update(row).where(row.c.id.in_(corridors)).values(status=status))
