"""Tiles of a map, drawn from the rows that answers are made of: the same question, another form.

PostgreSQL draws a tile by itself; of SQLite the rows are read and drawn here, with the same result.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    LargeBinary,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session

from app.disclosure.columns import CORRIDORS, barred, shape
from app.disclosure.form import Form
from app.disclosure.kept import kept
from app.disclosure.mapped import drawn_by_postgis, parameters
from app.disclosure.overall import count_all
from app.disclosure.picking import page_of, read_of
from app.disclosure.reading import Question, answered, form_of
from app.disclosure.statements import reasons, told_flat
from app.disclosure.tables import DisclosedSketchRow
from app.domain.tiles import drawing
from app.domain.tiles.address import EXTENT, Tile
from app.domain.tiles.drawing import Drawing, Kind, Stored
from app.domain.tiles.encoding import Properties, layer
from app.domain.tiles.properties import flat
from app.domain.tiles.sketch import band_of

MOST = 50_000
"""So many features a tile holds at most."""
MOST_BYTES = 16 * 2**20
"""And so much of their properties and geometry, as stored."""
INCOMPLETE = "incomplete"
"""The layer by which a tile says that it does not hold all."""
_PORTION = 1_000
_sketch = DisclosedSketchRow.__table__


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A tile.

    Attributes:
        content: a Mapbox Vector Tile; empty where there is nothing to draw.
        held: how many features it holds.
        found: how many there are for this reader.
    """

    content: bytes
    held: int
    found: int


def draw(db: Session, question: Question, tile: Tile, nested: Sequence[str]) -> Drawn:
    """Draw what a question finds in a tile.

    Args:
        nested: properties that hold arrays or objects.
    """
    question = replace(question, box=tile.box, shaped=True)
    form, given = form_of(db, question)
    form = form._replace(nested=tuple(nested))
    bounds = {"limit": MOST + 1, "most": MOST, "most_bytes": MOST_BYTES}
    given |= {**bounds, "band": band_of(tile.zoom)}
    drawn = _draw_here if form.sqlite else _draw_there
    content, held, found = drawn(db, form, given, tile)
    if held == found:
        return Drawn(content=content, held=held, found=found)
    found = count_all(db, question)
    return Drawn(content=content + _notice(held, found), held=held, found=found)


def _notice(held: int, found: int) -> bytes:
    message = f"This tile holds {held} of {found} features. Zoom in, or ask for less by a filter."
    middle = Drawing(Kind.POINT, [[(EXTENT // 2, EXTENT // 2)]])
    return layer(INCOMPLETE, [(middle, {"held": held, "found": found, "message": message})])


def _draw_here(
    db: Session, form: Form, given: Mapping[str, Any], tile: Tile
) -> tuple[bytes, int, int]:
    rows = answered(db, form, _rows(form), given)
    if not rows:
        return b"", 0, 0
    drawn = _drawn(rows, tile, barred=form.collection == CORRIDORS)
    return layer(form.collection, drawn), len(rows), rows[0].found


def _drawn(
    rows: Sequence[Any], tile: Tile, *, barred: bool
) -> Iterator[tuple[Drawing, Properties]]:
    """Draw features in portions: one by one they take long, and all at once much memory."""
    for first in range(0, len(rows), _PORTION):
        portion = rows[first : first + _PORTION]
        shapes = [Stored(wkb=bytes(row.geometry), is_sketch=row.is_sketch) for row in portion]
        for row, drawn in zip(portion, drawing.draw(shapes, tile), strict=True):
            yield drawn, flat(row.told, row.reasons, row.until, barred=barred)


def _draw_there(
    db: Session, form: Form, given: Mapping[str, Any], tile: Tile
) -> tuple[bytes, int, int]:
    (row,) = answered(db, form, _whole(form), {**given, **parameters(tile)})
    return bytes(row.content or b""), row.held, row.found


@kept
def _rows(form: Form) -> Select[Any]:
    """Ask SQLite for what the features of a tile are drawn from."""
    found = _found(form).cte("found")
    geometry = func.coalesce(found.c.sketch, found.c.geometry, type_=LargeBinary())
    columns = (
        geometry.label("geometry"),
        found.c.sketch.is_not(None).label("is_sketch"),
        found.c.told,
        found.c.reasons,
        found.c.until,
        select(func.count()).select_from(found).scalar_subquery().label("found"),
    )
    return select(*columns).where(found.c.fits).order_by(found.c.number)


@kept
def _whole(form: Form) -> Select[Any]:
    """Ask PostgreSQL for a tile: what does not fit comes without geometry, and is left out."""
    features = drawn_by_postgis(_found(form).subquery("found"), form).subquery()
    content = func.st_asmvt(features.table_valued(), form.collection, EXTENT, "geom")
    return select(
        content.label("content"),
        func.count(features.c.geom).label("held"),
        func.count().label("found"),
    ).select_from(features)


def _found(form: Form) -> Select[Any]:
    """Ask for all that lies in the tile by its places, and whether the tile can hold it.

    Of a shape with a sketch only that is read. The order is that of the page, so that nothing is
    sorted once more.
    """
    page = page_of(form)
    read, seen = read_of(form, page)
    rows, bar = barred(form, read, seen)
    of_band = and_(
        _sketch.c.shape_id == seen.c.shape_id,
        _sketch.c.band == bindparam("band", type_=Integer()),
    )
    without = case((_sketch.c.shape_id.is_(None), seen.c.shape_id))
    rows = rows.outerjoin(_sketch, of_band).outerjoin(shape, shape.c.id == without)
    used = func.coalesce(_sketch.c.geometry, shape.c.geometry)
    size = _bytes(form, seen.c.properties) + func.coalesce(_bytes(form, bar.c.reasons), 0)
    so_far: Any = {"order_by": page.c.place_id, "rows": (None, 0)}  # one pass makes both
    number = func.row_number().over(**so_far)
    sizes = func.sum(size + func.length(used)).over(**so_far)
    columns = (
        told_flat(form, seen, bar).label("told"),
        reasons(form, bar).label("reasons"),
        bar.c.until.label("until"),
        shape.c.geometry.label("geometry"),
        _sketch.c.geometry.label("sketch"),
        *(seen.c[side] for side in ("west", "south", "east", "north")),
        number.label("number"),
        _fits(number, sizes).label("fits"),
    )
    return select(*columns).select_from(rows)


def _bytes(form: Form, text: ColumnElement[Any]) -> ColumnElement[int]:
    """Tell how long a text is as it is stored, not how many characters it has."""
    if form.sqlite:
        return func.length(cast(text, LargeBinary), type_=Integer())
    return func.octet_length(text, type_=Integer())


def _fits(number: ColumnElement[int], size: ColumnElement[int]) -> ColumnElement[bool]:
    """Tell of a row what a tile can hold; the first always."""
    few = number <= bindparam("most", type_=Integer())
    small = size <= bindparam("most_bytes", type_=Integer())
    return or_(number == 1, and_(few, small))
