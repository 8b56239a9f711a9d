"""The words of PostGIS in which PostgreSQL draws features; see `app.domain.tiles` for the same here."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Double,
    FromClause,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB

from app.disclosure.columns import CORRIDORS, NOTHING
from app.disclosure.form import Form
from app.domain.geometry.mercator import RADIUS_M
from app.domain.tiles.address import BUFFER, EXTENT, Tile
from app.domain.tiles.projecting import STRAIGHT, longest_degrees
from app.domain.tiles.properties import CODES, DO_NOT_MOVE, NOT_KNOWN, UNTIL

_DEGREES, _METRES = 4326, 3857
_EMPTY: ColumnElement[Any] = literal_column("'[]'::jsonb")
_NULL: ColumnElement[Any] = literal_column("'null'::jsonb")
_SIDES = ("west", "south", "east", "north")


def parameters(tile: Tile) -> dict[str, float]:
    """Give the parameters of `drawn_by_postgis`."""
    around = tile.surroundings
    given = {f"around_{side}": getattr(around, side) for side in _SIDES}
    given |= {f"tile_{side}": at for side, at in zip(_SIDES, tile.sides, strict=True)}
    return given | {"unit": tile.unit_m, "longest": longest_degrees(tile.zoom)}


def _given(name: str) -> ColumnElement[float]:
    return bindparam(name, type_=Double())


def drawn_by_postgis(found: FromClause, form: Form) -> Select[Any]:
    """Give a row for each feature: its geometry in units, and its properties as columns.

    Scalar properties come from the object as a whole, what is nested as the text that it is stored
    as. What does not fit comes without geometry.
    """
    rows = _drawn(found)
    nested = (_nested(rows, name).label(name) for name in form.nested if name != DO_NOT_MOVE)
    columns = (
        _geometry(rows).label("geom"),
        rows.c.properties,
        *nested,
        *_do_not_move(rows.c.reasons, rows.c.until, form),
    )
    return select(*columns).select_from(rows)


def _nested(rows: FromClause, name: str) -> ColumnElement[Any]:
    """Give what is nested as it is stored. Most is empty, which the object tells without the text."""
    value = rows.c.properties[name]
    stored = cast(cast(rows.c.told, JSON)[name], Text)
    return case((value == _EMPTY, "[]"), (value != _NULL, stored))


def _do_not_move(
    reasons: ColumnElement[Any], until: ColumnElement[Any], form: Form
) -> Sequence[ColumnElement[Any]]:
    told = literal('{"reasons":[') + reasons + literal('],"until":') + until + literal("}")
    of_json = func.json_array_elements(cast(literal("[") + reasons + literal("]"), JSON))
    one = of_json.table_valued("value").c.value.op("->>")("code")
    codes: ColumnElement[Any] = select(func.string_agg(one, ",")).scalar_subquery()
    nothing = NOT_KNOWN if form.collection == CORRIDORS else None
    return (
        told.label(DO_NOT_MOVE),
        case((reasons.is_(None), nothing), (reasons != "", codes)).label(CODES),
        func.nullif(func.btrim(until, '"'), "null").label(UNTIL),  # an instant
    )


def _drawn(found: FromClause) -> FromClause:
    """Give rows with their shape in metres, and with what of it is a line in units.

    Each is made once: without OFFSET, PostgreSQL makes it anew wherever it is named. A line is not
    drawn by ST_AsMVTGeom, which leaves out where a way goes out and back the same (PostGIS 3.3).
    """
    told, reasons = (case((found.c.fits, found.c[name])) for name in ("told", "reasons"))
    is_point = and_(found.c.west == found.c.east, found.c.south == found.c.north)
    shape = case((and_(found.c.fits, ~is_point), _shape(found))).label("shape")
    columns = (
        told.label("told"),
        cast(told, JSONB).label("properties"),
        reasons.label("reasons"),
        *(found.c[name] for name in ("until", "fits", *_SIDES)),
        shape,
    )
    shaped = select(*columns).offset(NOTHING).subquery()
    unit = _given("unit")
    scale = (1 / unit, 0.0, 0.0, -1 / unit)
    units = func.st_affine(
        shaped.c.shape, *scale, -_given("tile_west") / unit, _given("tile_north") / unit
    )
    low, high = float(-BUFFER), float(EXTENT + BUFFER)
    cut = func.st_clipbybox2d(units, func.st_makeenvelope(low, low, high, high))
    return select(shaped, func.st_snaptogrid(cut, 1.0).label("line")).offset(NOTHING).subquery()


def _shape(found: FromClause) -> ColumnElement[Any]:
    """Give a sketch, or what of the shape lies about the tile, in metres."""
    near = func.st_segmentize(
        func.st_clipbybox2d(
            func.st_geomfromwkb(found.c.geometry, _DEGREES),
            func.st_makeenvelope(*(_given(f"around_{side}") for side in _SIDES), _DEGREES),
        ),
        _given("longest"),
    )
    whole = func.st_simplify(func.st_transform(near, _METRES), STRAIGHT * _given("unit"), True)
    return func.coalesce(func.st_geomfromwkb(found.c.sketch, _METRES), whole)


def _geometry(rows: FromClause) -> ColumnElement[Any]:
    """Give a point by its coordinates, or a line; what is too small as a point of it."""
    point = _at(
        RADIUS_M * func.radians(rows.c.west),
        RADIUS_M * func.asinh(func.tan(func.radians(rows.c.south))),
    )
    tile = func.st_makeenvelope(*(_given(f"tile_{side}") for side in _SIDES), _METRES)
    nearest = func.st_closestpoint(rows.c.shape, func.st_expand(tile, BUFFER * _given("unit")))
    small = _at(func.st_x(nearest), func.st_y(nearest))
    return case(
        (~rows.c.fits, None),
        (rows.c.shape.is_(None), point),
        (func.st_isempty(rows.c.line), small),
        else_=func.coalesce(rows.c.line, small),
    )


def _at(east: ColumnElement[float], north: ColumnElement[float]) -> ColumnElement[Any]:
    """Give a point in whole units of the tile."""
    unit = _given("unit")
    x, y = (east - _given("tile_west")) / unit, (_given("tile_north") - north) / unit
    return func.st_point(*(_held(func.round(each)) for each in (x, y)))


def _held(value: ColumnElement[float]) -> ColumnElement[float]:
    return func.least(func.greatest(value, float(-BUFFER)), float(EXTENT + BUFFER))
