"""Who reads which events."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.access.caller import Caller
from app.access.tables import PrincipalOperationRow, PrincipalRow
from app.domain.instant import format_instant, parse_instant
from app.domain.policy import Audience, Role
from app.http.paging import PageWish
from app.http.problems import not_found
from app.ledger import store as ledger
from app.ledger.history import Wanted, how_many_fit
from app.ledger.reading import Reading
from app.ledger.store import HistoryItem
from app.ledger.tables import EventRow

MAX_PAGE_TEXT = 2 * 1024 * 1024
"""Characters of record and values on a page, each value of which is shown twice."""
_OF_ALL = ("organisation", "schema")
_event = EventRow.__table__
_principal = PrincipalRow.__table__
_named = PrincipalOperationRow.__table__


def operations_of(caller: Caller) -> frozenset[UUID]:
    """Return the operations whose history the caller reads: those that it may know whole."""
    named = caller.operations.items()
    return frozenset(o for o, audience in named if audience is Audience.OPERATIONAL)


def visible(caller: Caller) -> ColumnElement[bool]:
    """Pick the events of the caller's operations, of organisations, the schema, and tokens there.

    Tokens of administrators and witnesses name no operation, so they belong to all.
    """
    operations = operations_of(caller)
    tokens = select(_named.c.principal_id).where(_named.c.operation_id.in_(operations))
    of_all = select(_principal.c.id).where(
        _principal.c.role.in_([Role.ADMINISTRATOR, Role.WITNESS])
    )
    return or_(
        _event.c.operation_id.in_(operations),
        _event.c.subject_kind.in_(_OF_ALL),
        _event.c.subject_id.in_(tokens),
        _event.c.subject_id.in_(of_all),
    )


def shortened(
    db: Session, caller: Caller, wish: PageWish, wanted: Wanted, reading: Reading
) -> PageWish:
    """Wish for fewer events where as many as asked for would be too much to hold at once."""
    fit = how_many_fit(
        db,
        wanted,
        visible=visible(caller),
        reading=reading,
        after=wish.key(parse_instant, UUID),
        limit=wish.limit,
        size=MAX_PAGE_TEXT,
    )
    return replace(wish, limit=fit)


def page(
    db: Session, caller: Caller, wish: PageWish, wanted: Wanted, reading: Reading
) -> Sequence[HistoryItem]:
    """List events by (`recorded_at`, `id`), one more than asked for where a page follows."""
    return ledger.events(
        db,
        wanted,
        visible=visible(caller),
        reading=reading,
        after=wish.key(parse_instant, UUID),
        limit=wish.limit + 1,
    )


def key_of(item: HistoryItem) -> tuple[str, str]:
    """Give the key by which the list is ordered."""
    return format_instant(item.recorded_at), str(item.id)


def read(db: Session, caller: Caller, id: UUID, reading: Reading) -> HistoryItem:
    """Give one event.

    Raises:
        Problem: 404 where there is none that the caller may know of in the reading.
    """
    its_own = _event.c.id == id
    found = ledger.events(db, Wanted(), visible=visible(caller) & its_own, reading=reading, limit=1)
    if not found:
        raise not_found()
    return found[0]
