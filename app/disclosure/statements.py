"""The statements by which disclosed rows are read, made once for each form of question.

Their parameters: `now`, `as_of`, `known_at`, `limit`, those of `space`, and those of each condition.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Double,
    FromClause,
    Integer,
    Select,
    String,
    Text,
    and_,
    bindparam,
    case,
    cast,
    column,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    true,
    type_coerce,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from app.db.types import Id, Instant
from app.disclosure import space
from app.disclosure.filters import Filtering
from app.disclosure.form import Form, Part, When, Where
from app.disclosure.index import seen_as
from app.disclosure.kept import kept
from app.disclosure.tables import (
    FOREVER,
    DisclosedBarRow,
    DisclosedFeatureRow,
    DisclosedShapeRow,
)
from app.domain.corridor.bar import LEFT
from app.domain.cql2.apart import names
from app.domain.cql2.expression import Kind, Property
from app.domain.policy import Audience

feature = DisclosedFeatureRow.__table__
shape = DisclosedShapeRow.__table__
bar = DisclosedBarRow.__table__

CORRIDORS = "corridors"
GEOMETRY = "geometry"
TIMES = frozenset({"valid_from", "valid_until"})
NOT_YET_KNOWN = (
    '{"code":"not_yet_known","message":"This lies in the future. Ask again then; do not move on '
    'what may have changed by that time."}'
)
CHANGED_SINCE = orjson.dumps({"code": LEFT.code, "message": LEFT.message}).decode()
_OWN = bindparam("own", expanding=True, type_=Id())
Known = Callable[[FromClause, Form], ColumnElement[bool]]
"""Picks rows that were known at the time that is asked about."""
_operation = table("operation", column("id", Id()))


@kept
def items(form: Form) -> Select[Any]:
    """Ask for a page of places, each a row, by their ids."""
    columns = (
        feature.c.place_id,
        feature.c.operation_id,
        feature.c.audience,
        feature.c.recorded_from,
        _later(bar.c.valid_from, feature.c.valid_from).label("valid_from"),
        _earlier(bar.c.valid_until, feature.c.valid_until).label("valid_until"),
        feature.c.properties,
        shape.c.geojson,
        _do_not_move(form).label("do_not_move"),
        _agreement(feature, form).label("agreement"),
    )
    return _rows(form, columns)


@kept
def texts(form: Form) -> Select[Any]:
    """Ask for a page of features as one text, one more counted than `kept`, and the last kept id."""
    number = func.row_number().over(order_by=feature.c.place_id).label("number")
    columns = (_id().label("key"), number, _feature_text(form).label("text"))
    page = _rows(form, columns).subquery()
    kept = page.c.number <= bindparam("kept", type_=Integer())
    if form.sqlite:
        joined = func.group_concat(page.c.text, ",")
    else:
        joined = func.string_agg(page.c.text, aggregate_order_by(literal(","), page.c.number))
    columns_of_page = (joined.filter(kept), func.count(), func.max(page.c.key).filter(kept))
    return select(*columns_of_page).select_from(page)


def _rows(form: Form, columns: Sequence[Any]) -> Select[Any]:
    return select(*columns).select_from(told(form)).order_by(feature.c.place_id)


def told(form: Form) -> FromClause:
    """Give the rows of a page with their shapes and with what bars them."""
    page = page_of(form)
    return (
        page.join(feature, feature.c.id == page.c.id)
        .join(shape, shape.c.id == feature.c.shape_id)
        .outerjoin(bar, bar.c.id == _bar_of(form, feature))
    )


def page_of(form: Form) -> FromClause:
    """Pick the rows of a page, before anything is read of what they say.

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
    if not form.known_at or form.box:
        return [part_of(form, part, number)]
    return [part_of(form, part, number, known=known) for known in (_known_still, _known_then)]


def part_of(form: Form, part: Part, number: int, *, known: Known | None = None) -> Select[Any]:
    """Pick all rows of a part of the question, by their places.

    Args:
        known: of those that were known, which; by default all.
    """
    rows = _among(form, part)
    asked = select(rows.c.id, rows.c.place_id).select_from(_looked_at(rows, form))
    asked = asked.where(
        rows.c.collection == bindparam("collection", type_=Text()),
        _is_for(rows, part, number),
        visible(rows),
        _held(rows, form, known or _known),
        *_wanted(rows, form),
    )
    if form.shaped:
        asked = asked.where(shape.c.geometry.is_not(None))
    if form.box:
        asked = asked.where(space.meets(rows, shape, form.box, sqlite=form.sqlite))
    # The few that are near come by their places already; sorting them once more would test each.
    return asked if part.near else asked.order_by(rows.c.place_id)


def _looked_at(rows: FromClause, form: Form) -> FromClause:
    """Give rows, with what else the conditions on them look at."""
    wanted = names(form.filter) if form.filter is not None else frozenset()
    looked_at = rows
    if form.box or form.shaped or GEOMETRY in wanted:
        looked_at = looked_at.join(shape, shape.c.id == rows.c.shape_id)
    if not wanted.isdisjoint(TIMES):
        looked_at = looked_at.outerjoin(bar, bar.c.id == _bar_of(form, rows))
    return looked_at


def _among(form: Form, part: Part) -> FromClause:
    if not part.near:
        return feature
    seen = literal(seen_as(form.collection, part.audience), Integer())
    present = form.as_of is When.PRESENT and not form.known_at and not form.since
    held = space.Held(present, form.known_at, form.since)
    reads = form.equal or form.filter is not None
    # Texts are read of the page alone, but where they pick it.
    columns = [each for each in feature.c if reads or each is not feature.c.properties]
    return space.near(feature, columns, form.box, seen, held)


def _is_for(rows: FromClause, part: Part, number: int) -> ColumnElement[bool]:
    of_audience = is_of(rows, part.audience)
    match part.where:
        case Where.ONE:
            named = bindparam(f"operation_{number}", type_=Id())
            return and_(of_audience, rows.c.operation_id == named)
        case Where.SEVERAL:
            several = bindparam(f"operations_{number}", expanding=True, type_=Id())
            return and_(of_audience, rows.c.operation_id.in_(several))
        case Where.ELSEWHERE:
            return and_(of_audience, rows.c.operation_id.not_in(_OWN))
        case Where.ANYWHERE:
            return of_audience


def is_of(rows: FromClause, audience: Audience) -> ColumnElement[bool]:
    """Pick rows of an audience; written out, so that PostgreSQL knows its own index by it."""
    return rows.c.audience == literal_column(f"'{audience.value}'")


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
        .where(_operation.c.id.not_in(_OWN), shown)
        .order_by(_operation.c.id)
        .limit(bindparam("limit", type_=Integer()))
    )


def visible(rows: FromClause) -> ColumnElement[bool]:
    """Pick rows that may be seen at `now`."""
    now = _at("now")
    return and_(rows.c.visible_from <= now, rows.c.visible_until > now)


def _at(name: str) -> ColumnElement[datetime]:
    return bindparam(name, type_=Instant())


def _held(rows: FromClause, form: Form, known: Known) -> ColumnElement[bool]:
    """Pick the state that held; no state of a place begins in the future, so now is the last."""
    if form.since:
        return and_(_within(rows, form), known(rows, form), ~_is_followed(rows, form))
    if form.as_of is When.PRESENT and not form.known_at:
        return and_(rows.c.valid_until == FOREVER, known(rows, form))
    asked = _asked(form)
    return and_(rows.c.valid_from <= asked, rows.c.valid_until > asked, known(rows, form))


def _asked(form: Form) -> ColumnElement[datetime]:
    return _at("now" if form.as_of is When.PRESENT else "as_of")


def _within(rows: FromClause, form: Form) -> ColumnElement[bool]:
    """Pick states that held at some instant of the interval, whose ends belong to it."""
    return and_(rows.c.valid_from <= _asked(form), rows.c.valid_until > _at("since"))


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
        _known(later, form),
    )
    return exists(followed if form.sqlite else followed.offset(literal_column("0", Integer())))


def _known(rows: FromClause, form: Form) -> ColumnElement[bool]:
    if not form.known_at:
        return rows.c.recorded_until == FOREVER
    known_at = _at("known_at")
    return and_(rows.c.recorded_from <= known_at, rows.c.recorded_until > known_at)


def _known_still(rows: FromClause, _: Form) -> ColumnElement[bool]:
    return and_(rows.c.recorded_from <= _at("known_at"), rows.c.recorded_until == FOREVER)


def _known_then(rows: FromClause, form: Form) -> ColumnElement[bool]:
    return and_(_known(rows, form), rows.c.recorded_until < FOREVER)


def _wanted(rows: FromClause, form: Form) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if form.place:
        conditions.append(rows.c.place_id == bindparam("place", type_=Id()))
    if form.after:
        conditions.append(rows.c.place_id > bindparam("after", type_=Id()))
    for name in form.equal:
        if name == "agreement":
            conditions.append(_agreement(rows, form) == bindparam("equal_agreement", type_=Id()))
        else:
            value = bindparam(f"equal_{name}", type_=Text())
            conditions.append(_as_likely(_property(rows, form, name) == value, form))
    if form.filter is not None:
        shown = partial(_shown, rows, form)
        condition = Filtering(sqlite=form.sqlite, shown=shown).condition(form.filter)
        conditions.append(_as_likely(condition, form))
    return conditions


def _as_likely(condition: ColumnElement[bool], form: Form) -> ColumnElement[bool]:
    """Let PostgreSQL expect every other row to meet a condition on what is shown.

    It has no statistics of texts and expects one in 200, which makes it sort all rows there are
    where walking them in order would soon fill the page.
    """
    return condition if form.sqlite else case((condition, true()), else_=false())


def _shown(rows: FromClause, form: Form, asked: Property) -> ColumnElement[Any]:
    """Give what a reader is shown as a property, by the same words as its answer is made of."""
    match asked.name:
        case "id":
            return cast(rows.c.place_id, Text)
        case "agreement":
            return cast(_agreement(rows, form), Text)
        case "valid_from":
            return _later(bar.c.valid_from, rows.c.valid_from)
        case "valid_until":
            ends = _earlier(bar.c.valid_until, rows.c.valid_until)
            return type_coerce(case((ends <= _at("now"), ends), else_=None), Instant())
        case "geometry":
            return shape.c.geometry
        case name:
            return _typed(_property(rows, form, name), asked.kind)


def _typed(text: ColumnElement[Any], kind: Kind) -> ColumnElement[Any]:
    match kind:
        case Kind.NUMBER:
            return cast(text, Double)
        case Kind.INSTANT:
            return cast(text, Instant())
        case _:
            return type_coerce(text, Text)


def _agreement(rows: FromClause, form: Form) -> ColumnElement[Any]:
    """Give the agreement of a corridor; of the operational audience not every reader may know it."""
    if form.whole:
        return rows.c.agreement_id
    others = rows.c.audience != Audience.OPERATIONAL
    return type_coerce(case((others, rows.c.agreement_id), else_=None), Id())


def _property(rows: FromClause, form: Form, name: str) -> ColumnElement[Any]:
    """Give a property as text; empty where this audience does not see it."""
    whole = literal("{") + rows.c.properties + literal("}")
    if form.sqlite:
        return cast(func.json_extract(whole, f'$."{name}"'), Text)
    return cast(whole, JSONB).op("->>")(name)


def _bar_of(form: Form, rows: FromClause) -> ColumnElement[int]:
    """Pick the bar of a feature: for those who may know agreements with all their reasons.

    A driver's device is none of them, whatever its audience.
    """
    told = bar.alias("told")
    operational = rows.c.audience == Audience.OPERATIONAL
    whole = operational if form.whole else false()
    return (
        select(told.c.id)
        .where(
            told.c.place_id == rows.c.place_id,
            told.c.whole == case((whole, true()), else_=false()),
            told.c.recorded_until == FOREVER if form.bars_known_now else _known(told, form),
            _in_effect(told, rows, form, whole),
        )
        .order_by(told.c.valid_from.desc())
        .limit(literal_column("1", Integer()))
        .scalar_subquery()
    )


def _in_effect(
    told: FromClause, rows: FromClause, form: Form, whole: ColumnElement[bool]
) -> ColumnElement[bool]:
    """Pick bars of the instant asked about; of the future only for those who may know all of it.

    What took effect by its recording holds for the present at once, even where this clock is
    behind the database's.
    """
    now = _at("now")
    began = or_(told.c.valid_from <= now, told.c.valid_from <= told.c.recorded_from)
    of_interval = form.since and not form.barred_now
    present = and_(began, _meets_state(told, rows) if of_interval else told.c.valid_until > now)
    if form.as_of is When.PRESENT or form.barred_now:
        return present
    asked = _at("as_of")
    then = and_(told.c.valid_from <= asked, told.c.valid_until > asked)
    if form.since:
        then = and_(told.c.valid_from <= asked, _meets_state(told, rows))
    return then if form.as_of is When.PAST else or_(and_(whole, then), and_(~whole, present))


def _meets_state(told: FromClause, rows: FromClause) -> ColumnElement[bool]:
    """Pick bars of the time of a state, of which the last counts; it may have ended long ago."""
    return and_(told.c.valid_from < rows.c.valid_until, told.c.valid_until > rows.c.valid_from)


def _id() -> ColumnElement[str]:
    return cast(feature.c.place_id, String)


def _do_not_move(form: Form) -> ColumnElement[Any]:
    reasons: ColumnElement[Any] = bar.c.reasons
    until: ColumnElement[Any] = bar.c.until
    comma = case((bar.c.reasons == "", ""), else_=",")
    if form.as_of is When.FUTURE:
        reasons = literal(NOT_YET_KNOWN) + comma + bar.c.reasons
    if form.barred_now:
        stands = _is_shown_now()
        reasons = case((stands, reasons), else_=literal(CHANGED_SINCE) + comma + bar.c.reasons)
        until = case((stands, until), else_="null")
    return case(
        (bar.c.id.is_(None), None),
        else_=literal('"reasons":[') + reasons + literal('],"until":') + until,
    )


def _is_shown_now() -> ColumnElement[bool]:
    """Pick features that their reader is shown just so at present; what bars it is of this state.

    By what is shown, never by the row: one that was written again unseen must not betray that.
    """
    present, now = feature.alias("present"), _at("now")
    return exists().where(
        present.c.place_id == feature.c.place_id,
        present.c.audience == feature.c.audience,
        present.c.recorded_until == FOREVER,
        present.c.visible_from <= now,
        present.c.visible_until > now,
        present.c.valid_from <= now,
        present.c.valid_until > now,
        present.c.shape_id == feature.c.shape_id,
        present.c.properties == feature.c.properties,
    )


def _feature_text(form: Form) -> ColumnElement[Any]:
    return (
        literal('{"type":"Feature","id":"')
        + _id()
        + literal('","geometry":')
        + shape.c.geojson
        + literal(',"properties":{')
        + _members(form)
        + literal("}}")
    )


def told_flat(form: Form) -> ColumnElement[Any]:
    """Give all properties of a feature, its id among them, as the text of one JSON object."""
    return literal('{"id":"') + _id() + literal('",') + _members(form) + literal("}")


def _members(form: Form) -> ColumnElement[Any]:
    """Give the properties as they are shown, as members of a JSON object."""
    barred = case(
        (bar.c.id.is_(None), ""),
        else_=literal(',"do_not_move":{') + _do_not_move(form) + literal("}"),
    )
    return (
        feature.c.properties
        + _agreement_text(form)
        + literal(',"valid_from":"')
        + _instant(form, _later(bar.c.valid_from, feature.c.valid_from))
        + literal('","valid_until":')
        + _passed(form)
        + barred
    )


def _agreement_text(form: Form) -> ColumnElement[Any]:
    if form.collection != CORRIDORS:
        return literal("")
    agreement = _agreement(feature, form)
    known = literal(',"agreement":"') + cast(agreement, String) + literal('"')
    return case((agreement.is_(None), ',"agreement":null'), else_=known)


def _later(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((one > other, one), else_=other)


def _earlier(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((one < other, one), else_=other)


def _passed(form: Form) -> ColumnElement[Any]:
    """Give the end of validity where it has passed; one that lies ahead is announced to nobody."""
    ends = _earlier(bar.c.valid_until, feature.c.valid_until)
    text = literal('"') + _instant(form, ends) + literal('"')
    return case((ends <= _at("now"), text), else_="null")


def _instant(form: Form, at: ColumnElement[Any]) -> ColumnElement[Any]:
    if form.sqlite:
        return cast(at, Text)
    return func.to_char(func.timezone("UTC", at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
