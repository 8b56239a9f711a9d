"""The statements by which disclosed rows are read, made once for each form of question.

Their parameters are those of `picking`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    String,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)

from app.disclosure.columns import (
    CORRIDORS,
    agreement_of,
    bar,
    bar_of,
    earlier_of,
    feature,
    instant_of,
    later_of,
    shape,
    visible,
)
from app.disclosure.form import Form, When
from app.disclosure.kept import kept
from app.disclosure.picking import page_of
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
    columns = (
        feature.c.place_id,
        feature.c.operation_id,
        feature.c.audience,
        feature.c.recorded_from,
        later_of(bar.c.valid_from, feature.c.valid_from).label("valid_from"),
        earlier_of(bar.c.valid_until, feature.c.valid_until).label("valid_until"),
        feature.c.properties,
        shape.c.geojson,
        _do_not_move(form).label("do_not_move"),
        agreement_of(feature, form).label("agreement"),
    )
    return _rows(form, columns)


@kept
def texts(form: Form) -> Select[Any]:
    """Ask for a page of features, each a row of its id and its text."""
    return _rows(form, (_id().label("key"), _feature_text(form).label("text")))


def _rows(form: Form, columns: Sequence[Any]) -> Select[Any]:
    return select(*columns).select_from(told(form)).order_by(feature.c.place_id)


def told(form: Form) -> FromClause:
    """Give the rows of a page with their shapes and with what bars them."""
    page = page_of(form)
    return (
        page.join(feature, feature.c.id == page.c.id)
        .join(shape, shape.c.id == feature.c.shape_id)
        .outerjoin(bar, bar.c.id == bar_of(form, feature))
    )


def _id() -> ColumnElement[str]:
    return cast(feature.c.place_id, String)


def _do_not_move(form: Form) -> ColumnElement[Any]:
    reasons: ColumnElement[Any] = bar.c.reasons
    comma = case((bar.c.reasons == "", ""), else_=",")
    if form.as_of is When.FUTURE:
        reasons = literal(NOT_YET_KNOWN) + comma + bar.c.reasons
    told = _barred(reasons, bar.c.until)
    if form.barred_now:
        changed = _barred(literal(CHANGED_SINCE) + comma + bar.c.reasons, literal("null"))
        told = case((_is_shown_now(), told), else_=changed)
    return case((bar.c.id.is_(None), None), else_=told)


def _barred(reasons: ColumnElement[Any], until: ColumnElement[Any]) -> ColumnElement[Any]:
    return literal('"reasons":[') + reasons + literal('],"until":') + until


def _is_shown_now() -> ColumnElement[bool]:
    """Pick features that their reader is shown just so at present; what bars it is of this state.

    By what is shown, never by the row: one that was written again unseen must not betray that.
    Most are the present row themselves, and no other is looked for.
    """
    present, now = feature.alias("present"), instant_of("now")
    return or_(
        _stands(feature, now),
        exists().where(
            present.c.place_id == feature.c.place_id,
            present.c.audience == feature.c.audience,
            _stands(present, now),
            present.c.shape_id == feature.c.shape_id,
            present.c.properties == feature.c.properties,
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
        + _instant(form, later_of(bar.c.valid_from, feature.c.valid_from))
        + literal('","valid_until":')
        + _passed(form)
        + barred
    )


def _agreement_text(form: Form) -> ColumnElement[Any]:
    if form.collection != CORRIDORS:
        return literal("")
    agreement = agreement_of(feature, form)
    known = literal(',"agreement":"') + cast(agreement, String) + literal('"')
    return case((agreement.is_(None), ',"agreement":null'), else_=known)


def _passed(form: Form) -> ColumnElement[Any]:
    """Give the end of validity where it has passed; one that lies ahead is announced to nobody."""
    ends = earlier_of(bar.c.valid_until, feature.c.valid_until)
    text = literal('"') + _instant(form, ends) + literal('"')
    return case((ends <= instant_of("now"), text), else_="null")


def _instant(form: Form, at: ColumnElement[Any]) -> ColumnElement[Any]:
    if form.sqlite:
        return cast(at, Text)
    return func.to_char(func.timezone("UTC", at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
