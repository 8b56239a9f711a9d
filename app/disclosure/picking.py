"""Which rows make a page: an index is walked in the order of places, no further than the page.

Parameters are those of `columns`, `limit`, those of `space`, and those of each condition.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    case,
    column,
    exists,
    false,
    func,
    literal,
    select,
    table,
    true,
    union_all,
)

from app.db.any_of import any_of
from app.db.types import Id
from app.disclosure import space
from app.disclosure.columns import (
    NOTHING,
    agreement_of,
    asked_at,
    bar,
    bar_of,
    feature,
    instant_of,
    is_of,
    known,
    property_of,
    shape,
    shown,
    visible,
)
from app.disclosure.filters import Filtering
from app.disclosure.form import Form, Part, When, Where
from app.disclosure.index import seen_as
from app.disclosure.tables import FOREVER
from app.domain.cql2.apart import names
from app.domain.policy import Audience

GEOMETRY = "geometry"
TIMES = frozenset({"valid_from", "valid_until"})
Known = Callable[[FromClause, Form], ColumnElement[bool]]
"""Picks rows that were known at the time that is asked about."""
_operation = table("operation", column("id", Id()))


def read_of(form: Form, page: FromClause) -> tuple[FromClause, FromClause]:
    """Give the rows of a page with all that they say; and by itself what says it.

    SQLite finds a row by its number at once; it picks rows by as little of them as it can, since
    it copies what it sorts. PostgreSQL has read the row, and would look for it once more.
    """
    if form.sqlite:
        return page.join(feature, feature.c.id == page.c.id), feature
    return page, page


def page_of(form: Form) -> FromClause:
    """Pick the rows of a page; see `read_of`.

    Each audience of the reader walks its own part of the index, and no more of it than it needs.
    """
    limit = bindparam("limit", type_=Integer())
    parts = [
        walk.limit(limit).subquery()
        for number, part in enumerate(form.parts)
        for walk in _walks(form, part, number)
    ]
    if len(parts) == 1:
        return parts[0]
    both = union_all(*(select(part) for part in parts)).subquery()
    return select(both).order_by(both.c.place_id).limit(limit).subquery()


def _walks(form: Form, part: Part, number: int) -> list[Select[Any]]:
    """Pick the rows of a part in walks that an index gives in the order of their places.

    Of what the record said at an earlier time it gives so those rows that still stand; those that
    were replaced since, few while a list is read, are sorted.
    """
    if form.place or form.shaped:  # one, or all in a tile
        return [part_of(form, part, number)]
    if form.box and not form.sqlite:
        return _by_either(form, part, number)
    if form.known_at and not part.near:
        return [part_of(form, part, number, which=which) for which in (_known_still, _known_then)]
    return [part_of(form, part, number)]


def _by_either(form: Form, part: Part, number: int) -> list[Select[Any]]:
    """Pick the rows in a box by the index of space where they are few, else by that of places.

    PostgreSQL has no statistics of the envelopes and expects a handful in any box: of the whole
    world it would sort all there are. So a few are looked up, and of two walks one is taken.
    """
    rows = feature
    near = _columns(form).where(
        *_stood(rows, form, part, number, known), space.indexed(rows, form.box)
    )
    some = near.limit(bindparam("few", type_=Integer())).cte(f"near_{number}")
    found = select(func.count()).select_from(some).scalar_subquery()
    is_few = found < bindparam("few", type_=Integer())
    few = _asked(form, some, [is_few, *_unfollowed(some, form)])
    few = few.where(space.meets(some, shape, form.box, sqlite=False))
    many = [
        _asked(
            form,
            rows,
            [~is_few, *_stood(rows, form, part, number, which), *_unfollowed(rows, form)],
        ).where(*_in_box(rows, form))
        for which in ((_known_still, _known_then) if form.known_at else (known,))
    ]
    return [each.order_by(each.selected_columns.place_id) for each in (few, *many)]


def part_of(form: Form, part: Part, number: int, *, which: Known = known) -> Select[Any]:
    """Pick all rows of a part of the question, by their places.

    Args:
        which: of those that were known; by default all.
    """
    rows = _among(form, part)
    asked = _asked(form, rows, [*_stood(rows, form, part, number, which), *_unfollowed(rows, form)])
    if form.box and form.sqlite and not part.near:
        asked = asked.where(*_in_box(rows, form))
    elif form.box:
        by_index = [] if form.sqlite else [space.indexed(rows, form.box)]
        asked = asked.where(*by_index, _meets(rows, form))
    # The few that are near come by their places already; sorting them once more would test each.
    return asked if part.near else asked.order_by(rows.c.place_id)


def _asked(form: Form, rows: FromClause, conditions: list[ColumnElement[bool]]) -> Select[Any]:
    """Pick of some rows those that fit the question, but for its box."""
    columns = [rows.c.id, rows.c.place_id] if form.sqlite or form.counted else rows.c
    asked = select(*columns).select_from(_looked_at(rows, form))
    return asked.where(*conditions, *_wanted(rows, form))


def _stood(
    rows: FromClause, form: Form, part: Part, number: int, which: Known
) -> list[ColumnElement[bool]]:
    """Pick rows of a part that may be seen and held at the time that is asked about."""
    return [
        rows.c.collection == bindparam("collection", type_=Text()),
        _is_for(rows, part, number),
        visible(rows),
        _held(rows, form),
        which(rows, form),
    ]


def _looked_at(rows: FromClause, form: Form) -> FromClause:
    """Give rows, with what else the conditions on them look at."""
    wanted = names(form.filter) if form.filter is not None else frozenset()
    looked_at = rows
    if (form.box and not form.shaped) or GEOMETRY in wanted:
        looked_at = looked_at.join(shape, shape.c.id == rows.c.shape_id)
    if not wanted.isdisjoint(TIMES):
        looked_at = looked_at.outerjoin(bar, bar.c.id == bar_of(form, rows))
    return looked_at


def _among(form: Form, part: Part) -> FromClause:
    if not part.near:
        return feature
    seen = literal(seen_as(form.collection, part.audience), Integer())
    present = form.as_of is When.PRESENT and not form.known_at and not form.since
    held = space.Held(present, form.known_at, form.since)
    return space.near(feature, list(_columns(form).selected_columns), form.box, seen, held)


def _columns(form: Form) -> Select[Any]:
    """Ask for rows; SQLite reads texts of the page alone, but where they pick it."""
    reads = not (form.sqlite or form.counted) or form.equal or form.filter is not None
    return select(*(each for each in feature.c if reads or each is not feature.c.properties))


def _is_for(rows: FromClause, part: Part, number: int) -> ColumnElement[bool]:
    of_audience = is_of(rows, part.audience)
    match part.where:
        case Where.ONE:
            named = bindparam(f"operation_{number}", type_=Id())
            return and_(of_audience, rows.c.operation_id == named)
        case Where.SEVERAL:
            return and_(of_audience, any_of(rows.c.operation_id, f"operations_{number}"))
        case Where.ELSEWHERE:
            return and_(of_audience, ~any_of(rows.c.operation_id, "own"))
        case Where.ANYWHERE:
            return of_audience


@cache
def elsewhere() -> Select[Any]:
    """Ask for operations but `own` of which the public sees something of `collection`, or did."""
    shown = exists().where(
        feature.c.operation_id == _operation.c.id,
        feature.c.collection == bindparam("collection", type_=Text()),
        is_of(feature, Audience.PUBLIC),
    )
    return (
        select(_operation.c.id)
        .where(~any_of(_operation.c.id, "own"), shown)
        .order_by(_operation.c.id)
        .limit(bindparam("limit", type_=Integer()))
    )


def _held(rows: FromClause, form: Form) -> ColumnElement[bool]:
    """Pick the state that held; no state of a place begins in the future, so now is the last."""
    if form.since:
        return _within(rows, form)
    if form.as_of is When.PRESENT and not form.known_at:
        return rows.c.valid_until == FOREVER
    asked = asked_at(form)
    return and_(rows.c.valid_from <= asked, rows.c.valid_until > asked)


def _unfollowed(rows: FromClause, form: Form) -> list[ColumnElement[bool]]:
    """Pick the last of the states within an interval."""
    return [~_is_followed(rows, form)] if form.since else []


def _within(rows: FromClause, form: Form) -> ColumnElement[bool]:
    """Pick states that held at some instant of the interval, whose ends belong to it."""
    return and_(rows.c.valid_from <= asked_at(form), rows.c.valid_until > instant_of("since"))


def _is_followed(rows: FromClause, form: Form) -> ColumnElement[bool]:
    """Tell of a state within the interval whether its reader sees a later one within it.

    Asked of each row of a page by itself: without OFFSET, PostgreSQL joins all rows there are.
    """
    later = feature.alias("later")
    followed = select(later.c.id).where(
        later.c.place_id == rows.c.place_id,
        later.c.audience == rows.c.audience,
        later.c.valid_from > rows.c.valid_from,
        visible(later),
        _within(later, form),
        known(later, form),
    )
    return exists(followed if form.sqlite else followed.offset(NOTHING))


def _known_still(rows: FromClause, _: Form) -> ColumnElement[bool]:
    return and_(rows.c.recorded_from <= instant_of("known_at"), rows.c.recorded_until == FOREVER)


def _known_then(rows: FromClause, form: Form) -> ColumnElement[bool]:
    return and_(known(rows, form), rows.c.recorded_until < FOREVER)


def _wanted(rows: FromClause, form: Form) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if form.place:
        conditions.append(rows.c.place_id == bindparam("place", type_=Id()))
    if form.after:
        conditions.append(rows.c.place_id > bindparam("after", type_=Id()))
    for name in form.equal:
        if name == "agreement":
            conditions.append(agreement_of(rows, form) == bindparam("equal_agreement", type_=Id()))
        else:
            value = bindparam(f"equal_{name}", type_=Text())
            conditions.append(_as_likely(property_of(rows, form, name) == value, form))
    if form.filter is not None:
        filtering = Filtering(sqlite=form.sqlite, shown=partial(shown, rows, form))
        condition = filtering.condition(form.filter)
        conditions.append(_as_likely(condition, form))
    return conditions


def _in_box(rows: FromClause, form: Form) -> list[ColumnElement[bool]]:
    """Pick rows by the box while they are walked in another order than that of space."""
    return [
        _as_likely(space.overlaps(rows, form.box), form),
        _as_likely(_meets(rows, form), form),
    ]


def _meets(rows: FromClause, form: Form) -> ColumnElement[bool]:
    meets = space.meets_shaped if form.shaped else space.meets
    return meets(rows, shape, form.box, sqlite=form.sqlite)


def _as_likely(condition: ColumnElement[bool], form: Form) -> ColumnElement[bool]:
    """Let the database expect that many rows meet a condition on what is shown, or where.

    PostgreSQL has no statistics of texts and expects one in 200, and of the sides of a box it thinks
    that each halves the rest; SQLite takes off something for every condition. Both then sort all
    rows there are where walking them in order would soon fill the page.
    """
    return func.likely(condition) if form.sqlite else case((condition, true()), else_=false())
