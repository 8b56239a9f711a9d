"""What a reader is shown of a disclosed row, as columns; and which rows it may see and were known.

Parameters are `now`, `as_of` and `known_at`.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Double,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.db.types import Id, Instant
from app.disclosure.form import Form, When
from app.disclosure.tables import (
    FOREVER,
    DisclosedBarRow,
    DisclosedFeatureRow,
    DisclosedShapeRow,
)
from app.domain.cql2.expression import Kind, Property
from app.domain.policy import Audience

feature = DisclosedFeatureRow.__table__
shape = DisclosedShapeRow.__table__
bar = DisclosedBarRow.__table__

CORRIDORS = "corridors"
NOTHING: ColumnElement[int] = literal_column("0", Integer())
"""As an OFFSET it keeps PostgreSQL from merging a statement into the one around it."""


def visible(rows: FromClause) -> ColumnElement[bool]:
    """Pick rows that may be seen at `now`."""
    now = instant_of("now")
    return and_(rows.c.visible_from <= now, rows.c.visible_until > now)


def is_of(rows: FromClause, audience: Audience) -> ColumnElement[bool]:
    """Pick rows of an audience; written out, so that PostgreSQL knows its own index by it."""
    return rows.c.audience == literal_column(f"'{audience.value}'")


def instant_of(name: str) -> ColumnElement[datetime]:
    """Give a parameter that is an instant."""
    return bindparam(name, type_=Instant())


def asked_at(form: Form) -> ColumnElement[datetime]:
    """Give the time of validity that is asked about."""
    return instant_of("now" if form.as_of is When.PRESENT else "as_of")


def known(rows: FromClause, form: Form) -> ColumnElement[bool]:
    """Pick rows as the record stood at the time that is asked about, its end open."""
    if not form.known_at:
        return rows.c.recorded_until == FOREVER
    known_at = instant_of("known_at")
    return and_(rows.c.recorded_from <= known_at, rows.c.recorded_until > known_at)


def agreement_of(rows: FromClause, form: Form) -> ColumnElement[Any]:
    """Give the agreement of a corridor; of the operational audience not every reader may know it."""
    if form.whole:
        return rows.c.agreement_id
    others = rows.c.audience != Audience.OPERATIONAL
    return type_coerce(case((others, rows.c.agreement_id), else_=None), Id())


def property_of(rows: FromClause, form: Form, name: str) -> ColumnElement[Any]:
    """Give a property as text; empty where this audience does not see it."""
    whole = literal("{") + rows.c.properties + literal("}")
    if form.sqlite:
        return cast(func.json_extract(whole, f'$."{name}"'), Text)
    return cast(whole, JSONB).op("->>")(name)


def shown(rows: FromClause, form: Form, asked: Property) -> ColumnElement[Any]:
    """Give what a reader is shown as a property, by the same words as its answer is made of."""
    match asked.name:
        case "id":
            return cast(rows.c.place_id, Text)
        case "agreement":
            return cast(agreement_of(rows, form), Text)
        case "valid_from":
            return later_of(bar.c.valid_from, rows.c.valid_from)
        case "valid_until":
            ends = earlier_of(bar.c.valid_until, rows.c.valid_until)
            return type_coerce(case((ends <= instant_of("now"), ends), else_=None), Instant())
        case "geometry":
            return shape.c.geometry
        case name:
            return _typed(property_of(rows, form, name), asked.kind)


def _typed(text: ColumnElement[Any], kind: Kind) -> ColumnElement[Any]:
    match kind:
        case Kind.NUMBER:
            return cast(text, Double)
        case Kind.INSTANT:
            return cast(text, Instant())
        case _:
            return type_coerce(text, Text)


def bar_of(form: Form, rows: FromClause) -> ColumnElement[int]:
    """Pick the bar of a feature: for those who may know agreements with all their reasons.

    A driver's device is none of them, whatever its audience.
    """
    told = bar.alias("told")
    return _last(form, rows, told, told.c.id).scalar_subquery()


def barred(form: Form, rows: FromClause, of: FromClause) -> tuple[FromClause, FromClause]:
    """Join to some rows what bars each of the features among them, see `bar_of`; and give that by itself.

    PostgreSQL finds it once; by its id it would be looked for a second time.
    """
    if form.sqlite:
        return rows.outerjoin(bar, bar.c.id == bar_of(form, of)), bar
    told = bar.alias("told")
    its = _last(form, of, told, *told.c).lateral("bar")
    return rows.outerjoin(its, true()), its


def _last(form: Form, rows: FromClause, told: FromClause, *columns: Any) -> Select[Any]:
    """Ask for the bar of a row that counts, of those that are told."""
    operational = rows.c.audience == Audience.OPERATIONAL
    whole = operational if form.whole else false()
    return (
        select(*columns)
        .where(
            told.c.place_id == rows.c.place_id,
            told.c.whole == case((whole, true()), else_=false()),
            told.c.recorded_until == FOREVER if form.bars_known_now else known(told, form),
            _in_effect(told, rows, form, whole),
        )
        .order_by(told.c.valid_from.desc())
        .limit(literal_column("1", Integer()))
    )


def _in_effect(
    told: FromClause, rows: FromClause, form: Form, whole: ColumnElement[bool]
) -> ColumnElement[bool]:
    """Pick bars of the instant asked about; of the future only for those who may know all of it.

    What took effect by its recording holds for the present at once, even where this clock is
    behind the database's.
    """
    now = instant_of("now")
    began = or_(told.c.valid_from <= now, told.c.valid_from <= told.c.recorded_from)
    of_interval = form.since and not form.barred_now
    present = and_(began, _meets_state(told, rows) if of_interval else told.c.valid_until > now)
    if form.as_of is When.PRESENT or form.barred_now:
        return present
    asked = instant_of("as_of")
    then = and_(told.c.valid_from <= asked, told.c.valid_until > asked)
    if form.since:
        then = and_(told.c.valid_from <= asked, _meets_state(told, rows))
    return then if form.as_of is When.PAST else or_(and_(whole, then), and_(~whole, present))


def _meets_state(told: FromClause, rows: FromClause) -> ColumnElement[bool]:
    """Pick bars of the time of a state, of which the last counts; it may have ended long ago."""
    return and_(told.c.valid_from < rows.c.valid_until, told.c.valid_until > rows.c.valid_from)


def later_of(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((one > other, one), else_=other)


def earlier_of(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((one < other, one), else_=other)
