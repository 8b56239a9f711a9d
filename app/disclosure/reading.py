"""Reading disclosed rows: a page or one place, as one reader may see them, in one statement.

A reader only ever meets the rows of its own audiences, so no filter reaches anything else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, or_
from sqlalchemy.orm import Session

from app.access.caller import Caller
from app.db.deadline import TookTooLong, within
from app.db.known import known
from app.disclosure import filters, picking, space, statements
from app.disclosure.asking import ask
from app.disclosure.columns import feature, is_of
from app.disclosure.form import Form, Part, When, Where
from app.disclosure.index import seen_as
from app.disclosure.tables import FOREVER
from app.domain.cql2.apart import taken_apart
from app.domain.cql2.expression import Expression
from app.domain.disclosure import READERS_OF_WHOLE
from app.domain.geometry.box import WORLD, Box
from app.domain.instant import format_instant
from app.domain.policy import Audience
from app.http.problems import Fault, unreadable
from app.ledger.reading import NOW, Reading

FILTER_S = 5
"""So long a filter may take at most."""
_MOST_PARTS = 8
"""So many operations are looked through one by one; of more each audience is taken together."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of a collection.

    Attributes:
        now: when it is asked; what may be seen is judged then, whatever time is asked about.
        since: where set, also what held no more at the time that is asked about, but from here on:
            of each place the latest state within that interval, its ends included.
        equal: properties and the values that they must have; one that the reader does not see
            has none.
        filter: what must be true of each, as the reader is shown it.
        shaped: with a box that is smaller than the world, only what has a geometry; without it, what
            has none meets every box.
        after: the place after which the page begins.
        pin: where set, not after `now`: what began or was recorded later is left out, so that the
            pages of a list belong together. What bars a place is told as it is known now all the
            same, and that of now where no other time is asked about.
    """

    collection: str
    caller: Caller
    now: datetime
    reading: Reading = NOW
    since: datetime | None = None
    box: Box | None = None
    operation: UUID | None = None
    place: UUID | None = None
    equal: Mapping[str, Any] = field(default_factory=dict)
    filter: Expression | None = None
    shaped: bool = False
    after: UUID | None = None
    pin: datetime | None = None


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
    form, given = form_of(db, question)
    rows = answered(db, form, statements.items(form), {**given, "limit": limit})
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
    """Give a page of GeoJSON features, each as the text that goes out: nothing is parsed."""
    form, given = form_of(db, question)
    given |= {"limit": limit + 1, "shown": limit}
    if form.sqlite:
        (page,) = answered(db, form, statements.joined(form), given)
        if page.told != page.count:  # joining passes over what is empty
            raise TypeError("a feature has no text")
        last = page.last if page.found > page.count else None
        return FeatureText(
            features=page.features, count=page.count, next=UUID(last) if last else None
        )
    rows = answered(db, form, statements.texts(form), given)
    return FeatureText(
        features=",".join(row.text for row in rows[:limit]),
        count=min(len(rows), limit),
        next=UUID(rows[limit - 1].key) if len(rows) > limit else None,
    )


def answered(
    db: Session, form: Form, statement: Select[Any], given: Mapping[str, Any]
) -> list[Any]:
    """Ask the database; a filter, which may have any shape, must be answered soon.

    Raises:
        Problem: 400 where it is not.
    """
    if form.filter is None:
        return ask(db, statement, given)
    try:
        with within(db, FILTER_S):
            return ask(db, statement, given)
    except TookTooLong:
        message = (
            f"found a filter that takes longer than {FILTER_S} s; expected one that asks for less, "
            "or a bbox beside it, for which there is an index"
        )
        raise unreadable(Fault(pointer="query/filter", message=message)) from None


def sees_one(caller: Caller, operation: ColumnElement[UUID], now: datetime) -> ColumnElement[bool]:
    """Pick the operations of which the caller may see a place now."""
    return exists().where(
        feature.c.operation_id == operation,
        feature.c.recorded_until == FOREVER,
        feature.c.visible_from <= now,
        feature.c.visible_until > now,
        is_own(caller),
    )


def is_own(caller: Caller) -> ColumnElement[bool]:
    """Pick the rows of the audience that the caller belongs to in their operation."""
    given = caller.operations
    own = [
        and_(
            is_of(feature, audience),
            feature.c.operation_id.in_([o for o, its in given.items() if its is audience]),
        )
        for audience in dict.fromkeys(given.values())
    ]
    elsewhere = feature.c.operation_id.not_in(list(given))
    return or_(*own, and_(is_of(feature, Audience.PUBLIC), elsewhere))


def seen(db: Session, question: Question) -> Found | None:
    """Give the one place that is asked for; None where the reader may not know of it."""
    found = find(db, question, limit=1)
    return found[0] if found else None


def form_of(db: Session, question: Question) -> tuple[Form, dict[str, Any]]:
    """Give the form of a question, and its parameters."""
    asked_at, pin = question.reading, question.pin
    known_now = pin is not None and (asked_at.known_at is None or asked_at.known_at > pin)
    question = _pinned(question)
    parts, given = _parts(db, question)
    box, reading = _box(question), question.reading
    dialect = db.get_bind().dialect.name
    if box is not None:
        picky = question.shaped or question.filter is not None or bool(question.equal)
        few = space.FEW[dialect] * (space.PICKY if picky else 1)
        given |= space.parameters(few, box, question.now, reading, question.since)
        parts = [_placed(db, question, part, given) for part in parts]
    given |= _given(question)
    apart = taken_apart(question.filter) if question.filter is not None else None
    given |= filters.parameters(apart.values) if apart else {}
    form = Form(
        sqlite=dialect == "sqlite",
        collection=question.collection,
        parts=tuple(parts),
        whole=question.caller.role in READERS_OF_WHOLE,
        as_of=_when(question),
        known_at=reading.known_at is not None,
        barred_now=known_now and asked_at.as_of is None,
        bars_known_now=known_now,
        since=question.since is not None,
        box=len(box.parts()) if box is not None else 0,
        place=question.place is not None,
        after=question.after is not None,
        equal=tuple(sorted(question.equal)),
        filter=apart.structure if apart else None,
        shaped=question.shaped,
    )
    return form, given


def _box(question: Question) -> Box | None:
    """Give the box that leaves something out: the whole world is met by all, with a geometry or not."""
    return None if question.box == WORLD and not question.shaped else question.box


def _pinned(question: Question) -> Question:
    """Let a question with a pin ask about no later time than that."""
    pin, asked = question.pin, question.reading
    if pin is None:
        return question
    known_at = min(asked.known_at or pin, pin)
    return replace(question, reading=Reading(as_of=asked.as_of or pin, known_at=known_at))


def _when(question: Question) -> When:
    as_of = question.reading.as_of
    if as_of is None:
        return When.PRESENT
    return When.PAST if as_of <= question.now else When.FUTURE


def _given(question: Question) -> dict[str, Any]:
    values = {
        "collection": question.collection,
        "now": question.now,
        "as_of": question.reading.as_of,
        "known_at": question.reading.known_at,
        "since": question.since,
        "place": question.place,
        "after": question.after,
    }
    equal = {f"equal_{name}": _as_found(name, value) for name, value in question.equal.items()}
    return {name: value for name, value in values.items() if value is not None} | equal


def _as_found(name: str, value: Any) -> Any:
    if name == "agreement":
        return value
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _placed(db: Session, question: Question, part: Part, given: dict[str, Any]) -> Part:
    """Let a part be looked for in the index of space where that finds few."""
    assert question.box is not None
    seen = seen_as(question.collection, part.audience)
    held = space.Held.of(question.reading, question.since)
    few = space.is_few(db, question.box, held, seen, given)
    return part._replace(near=few)


def _parts(db: Session, question: Question) -> tuple[list[Part], dict[str, Any]]:
    """Give the reader's audience of each operation, and the public for those elsewhere.

    They share no place. In one operation its part of the index is walked by place; so where there
    are few, each has a part of its own.
    """
    caller, operation = question.caller, question.operation
    if operation is not None:
        return _one_by_one({operation: caller.audience(operation)})
    if not caller.operations:
        return [Part(Audience.PUBLIC, Where.ANYWHERE)], {}
    if question.place is None and len(caller.operations) <= _MOST_PARTS:
        others = _others(db, question)
        if len(others) <= _MOST_PARTS:
            return _one_by_one({**caller.operations, **dict.fromkeys(others, Audience.PUBLIC)})
    return _together(caller.operations)


def _others(db: Session, question: Question) -> tuple[UUID, ...]:
    """Give operations of which the reader's token says nothing, but not many."""
    there, statement, own = known(db), picking.elsewhere(), list(question.caller.operations)
    key = (statement, question.collection, *own)
    if key not in there:
        asked = {"collection": question.collection, "own": own, "limit": _MOST_PARTS + 1}
        there[key] = tuple(one for (one,) in ask(db, statement, asked))
    others: tuple[UUID, ...] = there[key]
    return others


def _one_by_one(operations: Mapping[UUID, Audience]) -> tuple[list[Part], dict[str, Any]]:
    parts = [Part(audience, Where.ONE) for audience in operations.values()]
    return parts, {f"operation_{number}": one for number, one in enumerate(operations)}


def _together(operations: Mapping[UUID, Audience]) -> tuple[list[Part], dict[str, Any]]:
    audiences = [audience for audience in Audience if audience in operations.values()]
    parts = [Part(audience, Where.SEVERAL) for audience in audiences]
    given: dict[str, Any] = {
        f"operations_{number}": [o for o, its in operations.items() if its is audience]
        for number, audience in enumerate(audiences)
    }
    return [*parts, Part(Audience.PUBLIC, Where.ELSEWHERE)], given | {"own": list(operations)}
