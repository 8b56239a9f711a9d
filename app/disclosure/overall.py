"""Of all that a question finds: how many there are, and where and since when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.orm import Session

from app.disclosure import picking
from app.disclosure.asking import ask
from app.disclosure.columns import feature, shape
from app.disclosure.form import Form
from app.disclosure.kept import kept
from app.disclosure.reading import Question, answered, form_of

MOST_COUNTED = 10_000
_WITHOUT_END = 2**31 - 1
_BOX = (
    func.min(feature.c.west),
    func.min(feature.c.south),
    func.max(feature.c.east),
    func.max(feature.c.north),
)


@dataclass(frozen=True, kw_only=True)
class Extent:
    """What encloses all places that a question finds, as its reader sees them.

    Attributes:
        box: west, south, east and north in degrees; None where no place has a geometry.
        since: when the first of their states began; None where there is no place.
    """

    box: tuple[float, float, float, float] | None
    since: datetime | None


def count(db: Session, question: Question) -> int | None:
    """Count the places; None where there are more than `MOST_COUNTED`."""
    found = _counted(db, question, MOST_COUNTED + 1)
    return found if found <= MOST_COUNTED else None


def count_all(db: Session, question: Question) -> int:
    """Count the places, however many there are."""
    return _counted(db, question, _WITHOUT_END)


def _counted(db: Session, question: Question, limit: int) -> int:
    form, given = form_of(db, question)
    counts = _counts(form._replace(counted=True))
    ((found,),) = answered(db, form, counts, {**given, "limit": limit})
    return int(found)


def extent(db: Session, question: Question) -> Extent:
    """Give the extent; every place is looked at."""
    form, given = form_of(db, question)
    ((*sides, since),) = ask(db, _extents(form._replace(counted=True)), given)
    west, south, east, north = sides
    return Extent(box=None if west is None else (west, south, east, north), since=since)


@kept
def _counts(form: Form) -> Select[Any]:
    return select(func.count()).select_from(picking.page_of(form))


@kept
def _extents(form: Form) -> Select[Any]:
    parts = [
        picking.part_of(form, part, number).subquery() for number, part in enumerate(form.parts)
    ]
    found = union_all(*(select(part.c.id) for part in parts)).subquery()
    box = (side.filter(shape.c.geometry.is_not(None)) for side in _BOX)
    rows = found.join(feature, feature.c.id == found.c.id)
    told = rows.join(shape, shape.c.id == feature.c.shape_id)
    return select(*box, func.min(feature.c.valid_from)).select_from(told)
