"""Reading disclosed rows: a page or one place, as one reader may see them, in one statement.

A reader only ever meets the rows of its own audiences, so no filter reaches anything else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

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
    false,
    func,
    literal,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import Session

from app.access.caller import Caller
from app.db.types import Id
from app.disclosure import space
from app.disclosure.index import seen_as
from app.disclosure.tables import (
    FOREVER,
    DisclosedBarRow,
    DisclosedFeatureRow,
    DisclosedShapeRow,
)
from app.domain.disclosure import READERS_OF_WHOLE
from app.domain.geometry.box import Box
from app.domain.policy import Audience
from app.ledger.reading import NOW, Reading

feature = DisclosedFeatureRow.__table__
shape = DisclosedShapeRow.__table__
bar = DisclosedBarRow.__table__

CORRIDORS = "corridors"
NOT_YET_KNOWN = (
    '{"code":"not_yet_known","message":"This lies in the future. Ask again then; do not move on '
    'what may have changed by that time."}'
)


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of a collection.

    Attributes:
        now: when it is asked; what may be seen is judged then, whatever time is asked about.
        equal: properties and the values that they must have; one that the reader does not see
            has none.
        after: the place after which the page begins.
    """

    collection: str
    caller: Caller
    now: datetime
    reading: Reading = NOW
    box: Box | None = None
    operation: UUID | None = None
    place: UUID | None = None
    equal: Mapping[str, Any] = field(default_factory=dict)
    after: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Found:
    """A place as one reader sees it.

    Attributes:
        properties: members of a JSON object, without its braces.
        valid_from: since when all of this is so, as far as the reader may know.
        valid_until: until when it was so; None where it still is.
        do_not_move: the members of its value, where the place has one.
        agreement: where the reader may know of it.
    """

    id: UUID
    operation: UUID
    audience: Audience
    recorded_from: datetime
    valid_from: datetime
    valid_until: datetime | None
    properties: str
    geojson: str
    do_not_move: str | None
    agreement: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class FeatureText:
    """A page of features as text: with commas between them, and the key of the next page."""

    features: str
    count: int
    next: UUID | None


def find(db: Session, question: Question, *, limit: int) -> list[Found]:
    """Give places by their ids, at most `limit`."""
    columns = (
        feature.c.place_id,
        feature.c.operation_id,
        feature.c.audience,
        feature.c.recorded_from,
        _later(bar.c.valid_from, feature.c.valid_from).label("valid_from"),
        _earlier(bar.c.valid_until, feature.c.valid_until).label("valid_until"),
        feature.c.properties,
        shape.c.geojson,
        _do_not_move(question).label("do_not_move"),
        _agreement(question).label("agreement"),
    )
    rows = db.execute(_rows(db, question, columns).limit(limit)).all()
    return [
        Found(
            id=row.place_id,
            operation=row.operation_id,
            audience=row.audience,
            recorded_from=row.recorded_from,
            valid_from=row.valid_from,
            valid_until=row.valid_until if row.valid_until <= question.now else None,
            properties=row.properties,
            geojson=row.geojson,
            do_not_move=row.do_not_move,
            agreement=row.agreement,
        )
        for row in rows
    ]


def features(db: Session, question: Question, *, limit: int) -> FeatureText:
    """Give a page of GeoJSON features, joined in the database: one row, no parsing."""
    number = func.row_number().over(order_by=feature.c.place_id).label("number")
    columns = (_id(db).label("key"), number, _feature_text(db, question).label("text"))
    page = _rows(db, question, columns).limit(limit + 1).subquery()
    kept = page.c.number <= limit
    if db.get_bind().dialect.name == "sqlite":
        joined = func.group_concat(page.c.text, ",")
    else:
        joined = func.string_agg(page.c.text, aggregate_order_by(literal(","), page.c.number))
    row = db.execute(
        select(joined.filter(kept), func.count(), func.max(page.c.key).filter(kept)).select_from(
            page
        )
    ).one()
    text, count, last = row
    more = count > limit
    return FeatureText(
        features=text or "", count=min(count, limit), next=UUID(last) if more and last else None
    )


def sees_one(caller: Caller, operation: ColumnElement[UUID], now: datetime) -> ColumnElement[bool]:
    """Pick the operations of which the caller may see a place now."""
    return exists().where(
        feature.c.operation_id == operation,
        feature.c.recorded_until == FOREVER,
        _visible(now),
        _of_reader(caller),
    )


def seen(db: Session, question: Question) -> Found | None:
    """Give the one place that is asked for; None where the reader may not know of it."""
    found = find(db, question, limit=1)
    return found[0] if found else None


def _rows(db: Session, question: Question, columns: Sequence[Any]) -> Select[Any]:
    """Ask for the rows of the reader's audiences, one for each place, by place."""
    asked = (
        select(*columns)
        .select_from(_joined(question))
        .where(
            feature.c.collection == question.collection,
            _of_reader(question.caller),
            _visible(question.now),
            _held(question),
            *_wanted(db, question),
        )
        .order_by(feature.c.place_id)
    )
    if question.box is not None:
        asked = asked.where(space.meets(db, question.box, feature, shape, _seen_as(question)))
    return asked


def _joined(question: Question) -> FromClause:
    return feature.join(shape, shape.c.id == feature.c.shape_id).outerjoin(
        bar, bar.c.id == _bar_of(question)
    )


def _bar_of(question: Question) -> ColumnElement[int]:
    """Pick the bar of a feature: for those who may know agreements with all their reasons.

    A driver's device is none of them, whatever its audience.
    """
    told = bar.alias("told")
    operational = feature.c.audience == Audience.OPERATIONAL
    whole = operational if question.caller.role in READERS_OF_WHOLE else false()
    return (
        select(told.c.id)
        .where(
            told.c.place_id == feature.c.place_id,
            told.c.whole == case((whole, true()), else_=false()),
            _known(told, question.reading),
            _in_effect(told, question, whole),
        )
        .order_by(told.c.valid_from.desc())
        .limit(1)
        .scalar_subquery()
    )


def _in_effect(
    told: FromClause, question: Question, whole: ColumnElement[bool]
) -> ColumnElement[bool]:
    """Pick bars of the instant asked about; of the future only for those who may know all of it.

    What took effect by its recording holds for the present at once, even where this clock is
    behind the database's.
    """
    asked = question.reading.as_of
    began = or_(told.c.valid_from <= question.now, told.c.valid_from <= told.c.recorded_from)
    present = and_(began, told.c.valid_until > question.now)
    if asked is None:
        return present
    then = and_(told.c.valid_from <= asked, told.c.valid_until > asked)
    return then if asked <= question.now else or_(and_(whole, then), and_(~whole, present))


def _of_reader(caller: Caller) -> ColumnElement[bool]:
    """Pick the rows of each operation's audience, and those of the public elsewhere."""
    own = [
        and_(
            feature.c.audience == audience,
            feature.c.operation_id.in_(
                [o for o, given in caller.operations.items() if given is audience]
            ),
        )
        for audience in Audience
        if audience in caller.operations.values()
    ]
    elsewhere = feature.c.operation_id.not_in(list(caller.operations))
    public = feature.c.audience == Audience.PUBLIC
    return or_(*own, and_(public, elsewhere if caller.operations else true()))


def _seen_as(question: Question) -> list[int]:
    audiences = {Audience.PUBLIC, *question.caller.operations.values()}
    return [seen_as(question.collection, audience) for audience in audiences]


def _visible(now: datetime) -> ColumnElement[bool]:
    return and_(feature.c.visible_from <= now, feature.c.visible_until > now)


def _held(question: Question) -> ColumnElement[bool]:
    """Pick the state that held; no state of a place begins in the future, so now is the last."""
    at = question.reading.as_of
    if at is None and question.reading.known_at is None:
        in_effect = feature.c.valid_until == FOREVER
    else:
        asked = at or question.now
        in_effect = and_(feature.c.valid_from <= asked, feature.c.valid_until > asked)
    return and_(in_effect, _known(feature, question.reading))


def _known(table: FromClause, reading: Reading) -> ColumnElement[bool]:
    if reading.known_at is None:
        return table.c.recorded_until == FOREVER
    return and_(
        table.c.recorded_from <= reading.known_at, table.c.recorded_until > reading.known_at
    )


def _wanted(db: Session, question: Question) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if question.place is not None:
        conditions.append(feature.c.place_id == question.place)
    if question.operation is not None:
        conditions.append(feature.c.operation_id == question.operation)
    if question.after is not None:
        conditions.append(feature.c.place_id > literal(question.after, Id()))
    equal = dict(question.equal)
    if "agreement" in equal:
        conditions.append(_agreement(question) == equal.pop("agreement"))
    for name, value in equal.items():
        conditions.append(_property(db, name) == _as_found(value))
    return conditions


def _agreement(question: Question) -> ColumnElement[Any]:
    """Give the agreement of a corridor; of the operational audience not every reader may know it."""
    if question.caller.role in READERS_OF_WHOLE:
        return feature.c.agreement_id
    others = feature.c.audience != Audience.OPERATIONAL
    return type_coerce(case((others, feature.c.agreement_id), else_=None), Id())


def _property(db: Session, name: str) -> ColumnElement[Any]:
    """Give a property as text; empty where this audience does not see it."""
    whole = literal("{") + feature.c.properties + literal("}")
    if db.get_bind().dialect.name == "sqlite":
        return cast(func.json_extract(whole, f'$."{name}"'), Text)
    return cast(whole, JSONB).op("->>")(name)


def _as_found(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _id(db: Session) -> ColumnElement[str]:
    return cast(feature.c.place_id, String)


def _do_not_move(question: Question) -> ColumnElement[Any]:
    reasons: ColumnElement[Any] = bar.c.reasons
    if question.reading.as_of is not None and question.reading.as_of > question.now:
        comma = case((bar.c.reasons == "", ""), else_=",")
        reasons = literal(NOT_YET_KNOWN) + comma + bar.c.reasons
    return case(
        (bar.c.id.is_(None), None),
        else_=literal('"reasons":[') + reasons + literal('],"until":') + bar.c.until,
    )


def _feature_text(db: Session, question: Question) -> ColumnElement[Any]:
    barred = case(
        (bar.c.id.is_(None), ""),
        else_=literal(',"do_not_move":{') + _do_not_move(question) + literal("}"),
    )
    return (
        literal('{"type":"Feature","id":"')
        + _id(db)
        + literal('","geometry":')
        + shape.c.geojson
        + literal(',"properties":{')
        + feature.c.properties
        + _agreement_text(db, question)
        + literal(',"valid_from":"')
        + _instant(db, _later(bar.c.valid_from, feature.c.valid_from))
        + literal('","valid_until":')
        + _passed(db, question)
        + barred
        + literal("}}")
    )


def _agreement_text(db: Session, question: Question) -> ColumnElement[Any]:
    if question.collection != CORRIDORS:
        return literal("")
    agreement = _agreement(question)
    known = literal(',"agreement":"') + cast(agreement, String) + literal('"')
    return case((agreement.is_(None), ',"agreement":null'), else_=known)


def _later(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((one > other, one), else_=other)


def _earlier(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((one < other, one), else_=other)


def _passed(db: Session, question: Question) -> ColumnElement[Any]:
    """Give the end of validity where it has passed; one that lies ahead is announced to nobody."""
    ends = _earlier(bar.c.valid_until, feature.c.valid_until)
    text = literal('"') + _instant(db, ends) + literal('"')
    return case((ends <= question.now, text), else_="null")


def _instant(db: Session, at: ColumnElement[Any]) -> ColumnElement[Any]:
    if db.get_bind().dialect.name == "sqlite":
        return cast(at, Text)
    return func.to_char(func.timezone("UTC", at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
