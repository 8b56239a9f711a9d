"""The fields of a corridor, as map clients are told them; see `features` for who sees which of which."""

from app.disclosure.fields import (
    ID,
    IDS,
    SOURCES,
    VALIDITY,
    Field,
    geometry,
    instant,
    metres,
    one_of,
    reference,
    text,
)
from app.domain.agreement.route import Mode
from app.domain.corridor.model import MineClearance
from app.domain.corridor.status import CorridorStatus
from app.domain.disclosure import Sensitivity
from app.domain.laterality import ConsentBasis
from app.domain.window import Direction

FIELDS = (
    ID,
    geometry("geometry-any"),
    reference("operation", "Operation that it belongs to"),
    reference("agreement", "Agreement that it rests on, where you may know it"),
    one_of("consent_basis", "On whose consent it rests", ConsentBasis),
    one_of("status", "Status; whether anybody may move is in do_not_move alone", CorridorStatus),
    Field(name="do_not_move", title="Why nobody may move", schema={"type": "object"}, kind=None),
    one_of("direction", "Into the area, out of it, or both", Direction),
    one_of("mode", "How people move", Mode),
    text("name", "Name"),
    one_of("mine_clearance", "Whether the way was cleared of mines", MineClearance),
    metres("width_m", "Width"),
    metres("length_m", "Length on the ground"),
    metres("precision_m", "Width of the cells in which you may see it", whole=True),
    reference("from_site", "Site at which it begins"),
    reference("to_site", "Site at which it ends"),
    Field(name="waypoints", title="Sites on the way", schema=IDS, kind=None),
    reference("reciprocal_of", "Corridor of the other side that it answers"),
    one_of("sensitivity", "Class of sensitivity", Sensitivity, operational=True),
    instant("release_at", "From when on everybody sees it", operational=True),
    SOURCES,
    *VALIDITY,
)
