"""Corridors: drawn, changed, listed, read; and whether a convoy may leave."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response

from app.access.caller import CurrentCaller, require_role
from app.access.resource import Asked, WholeNumber
from app.access.write import Writing
from app.agreements.schemas.common import unmet_out, warnings_out
from app.corridors import seen
from app.corridors.features import COLLECTION
from app.corridors.schemas.corridor import Corridor, EditCorridor, NewCorridor
from app.corridors.schemas.status import CorridorMoveOut, CorridorReadiness, CorridorTransitions
from app.corridors.seen import WholeCorridor
from app.corridors.services import drawing
from app.disclosure import answers
from app.disclosure.answers import AsGeojson, AskedBox
from app.disclosure.releases import Released
from app.domain.agreement.route import Mode
from app.domain.corridor.model import MineClearance
from app.domain.corridor.moves import transitions
from app.domain.corridor.status import CorridorStatus
from app.domain.disclosure import Sensitivity
from app.domain.laterality import ConsentBasis
from app.domain.policy import Role
from app.domain.window import Direction
from app.http.deps import Db, Now, Page, PathId, Times
from app.http.paging import Listing
from app.http.problems import not_found
from app.http.route import StrictRoute
from app.http.schema import IdIn, InstantIn, one_of
from app.operations import service as operations

router = APIRouter(route_class=StrictRoute, tags=["corridors"])
PATH = "/v1/corridors"


def _filters(
    agreement: IdIn | None = None,
    name: Asked | None = None,
    status: Annotated[CorridorStatus | None, one_of(CorridorStatus), Query()] = None,
    direction: Annotated[Direction | None, one_of(Direction), Query()] = None,
    mode: Annotated[Mode | None, one_of(Mode), Query()] = None,
    consent_basis: Annotated[ConsentBasis | None, one_of(ConsentBasis), Query()] = None,
    mine_clearance: Annotated[MineClearance | None, one_of(MineClearance), Query()] = None,
    from_site: IdIn | None = None,
    to_site: IdIn | None = None,
    reciprocal_of: IdIn | None = None,
    precision_m: WholeNumber | None = None,
    sensitivity: Annotated[Sensitivity | None, one_of(Sensitivity), Query()] = None,
    release_at: InstantIn | None = None,
) -> Mapping[str, Any]:
    given = locals()
    return {name: value for name, value in given.items() if value is not None}


@router.get(PATH, response_model=Listing[Corridor], responses=answers.FEATURES)
def list_corridors(
    _: Released,
    request: Request,
    caller: CurrentCaller,
    db: Db,
    now: Now,
    times: Times,
    wish: Page,
    box: AskedBox,
    geojson: AsGeojson,
    filters: Annotated[Mapping[str, Any], Depends(_filters)],
    operation: Annotated[Asked | None, Query(description="id or slug")] = None,
) -> Response:
    """List the corridors that you may see, each as exactly as you may see it.

    With `Accept: application/geo+json` as a FeatureCollection. Nobody may move along one whose
    `do_not_move` has reasons, or has none but was read after its `until`.
    """
    question = replace(
        seen.asked(caller, now, times),
        box=box,
        operation=operations.asked(db, caller, operation),
        equal=filters,
    )
    return answers.page(request, db, question, wish, geojson=geojson)


@router.post(PATH, status_code=201, response_model=Corridor)
def create_corridor(body: NewCorridor, write: Writing) -> Response:
    """Draw a corridor of an agreement, as a draft.

    For coordinators of the agreement's facilitators, guarantors, executors and required parties.
    What you are answered is what you may see of it.
    """
    state = drawing.create(write, body)
    return answers.changed(write.db, write.caller, COLLECTION, state, seen.find, at=PATH)


@router.get(PATH + "/{corridor_id}", response_model=Corridor, responses=answers.FEATURES)
def read_corridor(
    _: Released,
    corridor_id: PathId,
    caller: CurrentCaller,
    db: Db,
    now: Now,
    times: Times,
    geojson: AsGeojson,
) -> Response:
    """Show one corridor, as it is or as it was. A severe one is shown exactly only here."""
    question = seen.asked(caller, now, times, corridor_id)
    found = seen.find(db, question)
    if found is None:
        raise not_found()
    require_role(caller)
    whole = seen.look(db, caller, corridor_id, times, now)
    told = warnings_out(whole.attention()) if whole else []
    more = {"attention": [one.model_dump() for one in told]} if whole else {}
    return answers.one(db, question, found, times, geojson=geojson, **more)


@router.patch(PATH + "/{corridor_id}", response_model=Corridor)
def edit_corridor(corridor_id: PathId, body: EditCorridor, write: Writing) -> Response:
    """Change a corridor; what the body leaves out stays as it is.

    From when it is planned, its route, width, direction, mode and sites are part of what the
    parties consent to: changing them makes a new revision of the agreement where somebody has
    confirmed the present one, and the answer says so. Class and release act from recording.
    """
    state = drawing.edit(write, corridor_id, body)
    return answers.changed(write.db, write.caller, COLLECTION, state, seen.find)


@router.get(PATH + "/{corridor_id}/readiness", response_model=CorridorReadiness)
def read_readiness(
    _: Released, corridor_id: PathId, caller: CurrentCaller, db: Db, now: Now, times: Times
) -> Response:
    """May a convoy leave? Only where `unmet` is empty, and read before `until`."""
    question = seen.asked(caller, now, times, corridor_id)
    found = seen.find(db, question)
    if found is None or found.do_not_move is None:
        raise not_found()
    require_role(caller)
    told = orjson.loads(f"{{{found.do_not_move}}}")
    body = {"ready": not told["reasons"], "unmet": told["reasons"], "until": told["until"]}
    return answers.about(db, question, found, times, body)


@router.get(PATH + "/{corridor_id}/transitions")
def read_transitions(whole: WholeCorridor, response: Response) -> CorridorTransitions:
    """List the statuses that may follow, what each still needs, and whether it is yours to set."""
    moves = transitions(whole.corridor, whole.agreement, whole.at, whole.caller.organisation)
    whole.tag(response)
    return CorridorTransitions(
        status=whole.corridor.status.to,
        moves=[
            CorridorMoveOut(
                to=move.to,
                ready=not move.unmet,
                unmet=unmet_out(move.unmet),
                who=move.who.value,
                allowed=move.allowed and whole.caller.role is Role.COORDINATOR,
            )
            for move in moves
        ],
        judged_at=whole.at,
    )
