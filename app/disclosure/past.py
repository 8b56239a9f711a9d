"""All versions of one place that a reader may see, on the axes of validity and of record.

A version is what the single place shows, and its spans are those within which it shows just that. So
whoever reads them learns nothing that it could not find out by asking for the single place again and
again. They are not the rows: a row is also written anew where its reader sees no difference.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, case, false, select, true
from sqlalchemy.orm import Session

from app.access.caller import Caller
from app.disclosure.columns import bar, feature, shape, visible
from app.disclosure.panes import Span
from app.disclosure.reading import Found, Question, is_own
from app.disclosure.tables import ALWAYS, FOREVER
from app.domain.disclosure import READERS_OF_WHOLE
from app.domain.interval import Interval
from app.domain.policy import Audience

_INSTANT = timedelta.resolution


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version of a place.

    Attributes:
        found: as the single place is found at `valid_from` as known at `recorded_from`, but for
            its geometry, see `drawn`; a severe place as it stands on lists.
        shape: the outline with its geometry.
        recorded: while the record told it so.
    """

    found: Found
    shape: int
    recorded: Span

    @property
    def key(self) -> tuple[datetime, datetime]:
        """What versions are ordered by; no two have the same."""
        return self.found.valid_from, self.recorded.start

    @property
    def valid(self) -> Span:
        """While it held, as far as the reader may know: an end that lies ahead is no end."""
        return Span(self.found.valid_from, self.found.valid_until or FOREVER)


def versions(db: Session, question: Question) -> list[Version]:
    """Give all versions of `question.place` by their keys; none where the reader may not know of it."""
    known: dict[_State, list[Span]] = defaultdict(list)
    for row in db.execute(_rows(question), {"now": question.now}):
        if _began(row) <= question.now:
            known[_state(row, question)].append(_recorded(row))
    found = [
        _version(question, state, span) for state, spans in known.items() for span in joined(spans)
    ]
    return sorted(found, key=lambda one: one.key)


def drawn(db: Session, page: Sequence[Version]) -> list[Found]:
    """Give versions with their geometry."""
    asked = select(shape.c.id, shape.c.geojson).where(shape.c.id.in_({one.shape for one in page}))
    texts = {row.id: row.geojson for row in db.execute(asked)}
    return [replace(one.found, geojson=texts[one.shape]) for one in page]


def meets(span: Span, asked: Interval) -> bool:
    """Tell whether a half-open span shares an instant with an interval, whose ends belong to it."""
    return span.start <= (asked.end or FOREVER) and span.end > (asked.start or ALWAYS)


def beside(
    version: Version, among: Sequence[Version], known_by: datetime
) -> tuple[Version | None, Version | None]:
    """Give the versions before and after one, as the record stood when it last told it.

    Args:
        among: all versions, in their order.
        known_by: the last instant of the record that is looked at.
    """
    at = min(known_by, version.recorded.end - _INSTANT)
    line = [one for one in among if one.recorded.start <= at < one.recorded.end]
    before = [one for one in line if one.valid.start < version.valid.start]
    after = [one for one in line if one.valid.start > version.valid.start]
    return before[-1] if before else None, after[0] if after else None


def joined(spans: Iterable[Span]) -> list[Span]:
    """Give the fewest spans that cover the same."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


class _State(NamedTuple):
    """All that the reader is shown of a place, but for since when it was on record."""

    operation: UUID
    audience: Audience
    shape: int
    valid_from: datetime
    valid_until: datetime | None
    properties: str
    do_not_move: str | None
    agreement: UUID | None


def _rows(question: Question) -> Select[Any]:
    """Ask for the reader's own rows of a place, each with every bar that ever was told of it."""
    at_once = and_(
        bar.c.place_id == feature.c.place_id,
        bar.c.whole == _told_whole(question.caller),
        bar.c.valid_from < feature.c.valid_until,
        bar.c.valid_until > feature.c.valid_from,
        bar.c.recorded_from < feature.c.recorded_until,
        bar.c.recorded_until > feature.c.recorded_from,
    )
    columns = (
        *(each for each in feature.c if each.name not in {"west", "south", "east", "north"}),
        bar.c.valid_from.label("bar_from"),
        bar.c.valid_until.label("bar_until"),
        bar.c.recorded_from.label("told_from"),
        bar.c.recorded_until.label("told_until"),
        bar.c.reasons,
        bar.c.until,
    )
    return (
        select(*columns)
        .select_from(feature.outerjoin(bar, at_once))
        .where(
            feature.c.place_id == question.place,
            feature.c.collection == question.collection,
            is_own(question.caller),
            visible(feature),
        )
    )


def _told_whole(caller: Caller) -> ColumnElement[bool]:
    """Tell which bars are the reader's: those with all reasons are for who may know agreements."""
    operational = feature.c.audience == Audience.OPERATIONAL
    whole = operational if caller.role in READERS_OF_WHOLE else false()
    return case((whole, true()), else_=false())


def _began(row: Row[Any]) -> datetime:
    began: datetime = max(row.valid_from, row.bar_from or row.valid_from)
    return began


def _recorded(row: Row[Any]) -> Span:
    return Span(
        max(row.recorded_from, row.told_from or row.recorded_from),
        min(row.recorded_until, row.told_until or row.recorded_until),
    )


def _state(row: Row[Any], question: Question) -> _State:
    ends = min(row.valid_until, row.bar_until or row.valid_until)
    is_told = question.caller.role in READERS_OF_WHOLE or row.audience is not Audience.OPERATIONAL
    bars = None if row.reasons is None else f'"reasons":[{row.reasons}],"until":{row.until}'
    return _State(
        operation=row.operation_id,
        audience=row.audience,
        shape=row.shape_id,
        valid_from=_began(row),
        valid_until=ends if ends <= question.now else None,
        properties=row.properties,
        do_not_move=bars,
        agreement=row.agreement_id if is_told else None,
    )


def _version(question: Question, state: _State, recorded: Span) -> Version:
    assert question.place is not None
    found = Found(
        id=question.place,
        operation=state.operation,
        audience=state.audience,
        recorded_from=recorded.start,
        valid_from=state.valid_from,
        valid_until=state.valid_until,
        properties=state.properties,
        geojson="",
        do_not_move=state.do_not_move,
        agreement=state.agreement,
    )
    return Version(found=found, shape=state.shape, recorded=recorded)
