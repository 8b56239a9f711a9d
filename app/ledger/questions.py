"""The statements by which the ledger is read, made once for each shape of reading."""

from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
)

from app.db.any_of import any_of
from app.domain.record import aspect_field
from app.ledger.tables import EventAspectRow, EventRow, EventValueRow
from app.ledger.within import Shape, known, not_replaced, replaced, within

_event = EventRow.__table__
_aspect = EventAspectRow.__table__
_value = EventValueRow.__table__

# Written out, not a parameter: PostgreSQL keeps its plan only where it knows the limit.
_ONE = literal_column("1", Integer())


@cache
def one_aspect(of: Shape) -> Select[Any]:
    """Ask for what held of `:aspect` of `:subject`."""
    return (
        _entries(of)
        .where(_aspect.c.subject_id == bindparam("subject"))
        .where(_aspect.c.aspect == bindparam("aspect"))
        .order_by(_aspect.c.effective_at.desc(), _aspect.c.sequence.desc())
        .limit(_ONE)
    )


@cache
def aspects(of: Shape, *, one: bool, names: bool, prefixes: int) -> Select[Any]:
    """Ask for the aspects of `:subjects`, in the order in which they take effect.

    Args:
        one: those of `:subject` only, for which PostgreSQL keeps its plan.
        names: only those in `:names`, and those that begin with one of `:prefix_0`, …
        prefixes: how many of these; each ends before `:end_0`, …
    """
    return (
        _entries(of)
        .where(
            _aspect.c.subject_id == bindparam("subject")
            if one
            else any_of(_aspect.c.subject_id, "subjects")
        )
        .where(_named(names=names, prefixes=prefixes))
        .order_by(_aspect.c.effective_at, _aspect.c.sequence)
    )


@cache
def over_time() -> Select[Any]:
    """Ask for every entry of `:subject`, with when a later event took it out, if one did."""
    gone = (
        select(func.min(replaced.c.recorded_at))
        .where(replaced.c.event_id == _aspect.c.event_id, replaced.c.aspect == _aspect.c.aspect)
        .scalar_subquery()
    )
    return (
        _columns()
        .add_columns(gone.label("until"))
        .where(_aspect.c.subject_id == bindparam("subject"))
        .order_by(_aspect.c.effective_at, _aspect.c.sequence)
    )


@cache
def latest_versions(of: Shape) -> Select[Any]:
    """Ask for the latest sequence known of each of `:subjects` that exists in the reading."""
    first, later = _event.alias("first"), _event.alias("later")
    latest: ColumnElement[int] = (
        select(later.c.sequence)
        .where(later.c.subject_id == first.c.subject_id, known(later, of))
        .order_by(later.c.sequence.desc())
        .limit(_ONE)
        .scalar_subquery()
    )
    return select(first.c.subject_id, latest.label("version")).where(
        any_of(first.c.subject_id, "subjects"),
        first.c.sequence == 1,
        within(first, of),
    )


def _entries(of: Shape) -> Select[Any]:
    return _columns().where(within(_aspect, of), not_replaced(_aspect, of))


def _columns() -> Select[Any]:
    value = (_value.c.event_id == _aspect.c.event_id) & (
        _value.c.field == literal(aspect_field("")) + _aspect.c.aspect
    )
    return (
        select(_aspect, _event.c.kind, _event.c.basis, _event.c.organisation_id, _value.c.value)
        .select_from(_aspect)
        .join(_event, _event.c.id == _aspect.c.event_id)
        .outerjoin(_value, value)
    )


def _named(*, names: bool, prefixes: int) -> ColumnElement[bool]:
    wanted = [
        and_(
            _aspect.c.aspect >= bindparam(f"prefix_{number}"),
            _aspect.c.aspect < bindparam(f"end_{number}"),
        )
        for number in range(prefixes)
    ]
    if names:
        wanted.append(_aspect.c.aspect.in_(bindparam("names", expanding=True)))
    return or_(*wanted) if wanted else true()
