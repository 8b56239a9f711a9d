"""The statements by which disclosed rows are read, made once for each form of question.

Their parameters are those of `picking`.
"""

from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    String,
    Text,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
)

from app.disclosure.columns import (
    CORRIDORS,
    agreement_of,
    barred,
    earlier_of,
    feature,
    instant_of,
    later_of,
    shape,
    visible,
)
from app.disclosure.form import Form, When
from app.disclosure.kept import kept
from app.disclosure.picking import page_of, read_of
from app.disclosure.tables import FOREVER
from app.domain.corridor.bar import LEFT

NOT_YET_KNOWN = (
    '{"code":"not_yet_known","message":"This lies in the future. Ask again then; do not move on '
    'what may have changed by that time."}'
)
CHANGED_SINCE = orjson.dumps({"code": LEFT.code, "message": LEFT.message}).decode()


@kept
def items(form: Form) -> Select[Any]:
    """Ask for a page of places, each a row, by their ids."""
    rows, seen, bar = _told(form, page_of(form))
    columns = (
        seen.c.place_id,
        seen.c.operation_id,
        seen.c.audience,
        seen.c.recorded_from,
        later_of(bar.c.valid_from, seen.c.valid_from).label("valid_from"),
        earlier_of(bar.c.valid_until, seen.c.valid_until).label("valid_until"),
        seen.c.properties,
        shape.c.geojson,
        _do_not_move(form, seen, bar).label("do_not_move"),
        agreement_of(seen, form).label("agreement"),
    )
    return select(*columns).select_from(rows).order_by(seen.c.place_id)


@kept
def texts(form: Form) -> Select[Any]:
    """Ask for a page of features, each a row of its id and its text."""
    return _texts(form, page_of(form))


@kept
def joined(form: Form) -> Select[Any]:
    """Ask SQLite for a page of features as one row: their texts with commas between, and the last id.

    Of `limit` places `shown` are told, and how many there are. Each row by itself is a step of
    SQLite's, and threads that take steps wait for each other. The texts are joined in the order of
    the rows that are joined; SQLite leaves out the order of such rows only under functions that
    count or compare.
    """
    page = select(page_of(form)).cte("page")
    first = select(page).order_by(page.c.place_id).limit(bindparam("shown", type_=Integer()))
    told = _texts(form, first.subquery("first")).subquery("told")
    return select(
        func.coalesce(func.group_concat(told.c.text, literal_column("','")), "").label("features"),
        func.count().label("count"),
        func.count(told.c.text).label("told"),
        func.max(told.c.key).label("last"),
        select(func.count()).select_from(page).scalar_subquery().label("found"),
    ).select_from(told)


def _texts(form: Form, page: FromClause) -> Select[Any]:
    rows, seen, bar = _told(form, page)
    columns = (_id(seen).label("key"), _feature_text(form, seen, bar).label("text"))
    return select(*columns).select_from(rows).order_by(seen.c.place_id)


def _told(form: Form, page: FromClause) -> tuple[FromClause, FromClause, FromClause]:
    """Give the rows of a page with their shapes and bars; and by themselves features and bars."""
    rows, seen = read_of(form, page)
    rows, bar = barred(form, rows.join(shape, shape.c.id == seen.c.shape_id), seen)
    return rows, seen, bar


def _id(seen: FromClause) -> ColumnElement[str]:
    return cast(seen.c.place_id, String)


def _do_not_move(form: Form, seen: FromClause, bar: FromClause) -> ColumnElement[Any]:
    told = _barred(reasons(form, bar), bar.c.until)
    if form.barred_now:
        changed = _barred(_first(CHANGED_SINCE, bar), literal("null"))
        told = case((_is_shown_now(seen), told), else_=changed)
    return case((bar.c.id.is_(None), None), else_=told)


def _barred(reasons: ColumnElement[Any], until: ColumnElement[Any]) -> ColumnElement[Any]:
    return literal('"reasons":[') + reasons + literal('],"until":') + until


def reasons(form: Form, bar: FromClause) -> ColumnElement[Any]:
    """Give why nobody may move, of what is not pinned: objects of JSON with commas between."""
    return _first(NOT_YET_KNOWN, bar) if form.as_of is When.FUTURE else bar.c.reasons


def _first(reason: str, bar: FromClause) -> ColumnElement[Any]:
    comma = case((bar.c.reasons == "", ""), else_=",")
    return literal(reason) + comma + bar.c.reasons


def _is_shown_now(seen: FromClause) -> ColumnElement[bool]:
    """Pick features that their reader is shown just so at present; what bars it is of this state.

    By what is shown, never by the row: one that was written again unseen must not betray that.
    Most are the present row themselves, and no other is looked for.
    """
    present, now = feature.alias("present"), instant_of("now")
    return or_(
        _stands(seen, now),
        exists().where(
            present.c.place_id == seen.c.place_id,
            present.c.audience == seen.c.audience,
            _stands(present, now),
            present.c.shape_id == seen.c.shape_id,
            present.c.properties == seen.c.properties,
        ),
    )


def _stands(rows: FromClause, now: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Pick rows that may be seen, on record and in effect now."""
    return and_(
        rows.c.recorded_until == FOREVER,
        visible(rows),
        rows.c.valid_from <= now,
        rows.c.valid_until > now,
    )


def _feature_text(form: Form, seen: FromClause, bar: FromClause) -> ColumnElement[Any]:
    return (
        literal('{"type":"Feature","id":"')
        + _id(seen)
        + literal('","geometry":')
        + shape.c.geojson
        + literal(',"properties":{')
        + _members(form, seen, bar)
        + literal("}}")
    )


def told_flat(form: Form, seen: FromClause, bar: FromClause) -> ColumnElement[Any]:
    """Give the properties of a feature, its id among them, as the text of one JSON object.

    Without what bars moving.
    """
    return literal('{"id":"') + _id(seen) + literal('",') + _shown(form, seen, bar) + literal("}")


def _members(form: Form, seen: FromClause, bar: FromClause) -> ColumnElement[Any]:
    """Give all properties as they are shown, as members of a JSON object."""
    told = literal(',"do_not_move":{') + _do_not_move(form, seen, bar) + literal("}")
    return _shown(form, seen, bar) + case((bar.c.id.is_(None), ""), else_=told)


def _shown(form: Form, seen: FromClause, bar: FromClause) -> ColumnElement[Any]:
    return (
        seen.c.properties
        + _agreement_text(form, seen)
        + literal(',"valid_from":"')
        + _instant(form, later_of(bar.c.valid_from, seen.c.valid_from))
        + literal('","valid_until":')
        + _passed(form, seen, bar)
    )


def _agreement_text(form: Form, seen: FromClause) -> ColumnElement[Any]:
    if form.collection != CORRIDORS:
        return literal("")
    agreement = agreement_of(seen, form)
    known = literal(',"agreement":"') + cast(agreement, String) + literal('"')
    return case((agreement.is_(None), ',"agreement":null'), else_=known)


def _passed(form: Form, seen: FromClause, bar: FromClause) -> ColumnElement[Any]:
    """Give the end of validity where it has passed; one that lies ahead is announced to nobody."""
    ends = earlier_of(bar.c.valid_until, seen.c.valid_until)
    text = literal('"') + _instant(form, ends) + literal('"')
    return case((ends <= instant_of("now"), text), else_="null")


def _instant(form: Form, at: ColumnElement[Any]) -> ColumnElement[Any]:
    if form.sqlite:
        return cast(at, Text)
    return func.to_char(func.timezone("UTC", at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
