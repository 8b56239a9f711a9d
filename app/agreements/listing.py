"""Lists of agreements: what a caller may know of, page by page, at any time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query
from sqlalchemy.orm import Session

from app.access.caller import Caller, CurrentCaller
from app.agreements import store
from app.agreements.recorded import Recorded
from app.agreements.seen import judged_at, knowledge_of, reading_of
from app.agreements.tables import AgreementRow
from app.domain.agreement.model import AgreementKind
from app.domain.agreement.status import Laterality, Status
from app.domain.disclosure import Knowledge, Sensitivity
from app.domain.instant import parse_instant
from app.http.deps import AskedTimes, Db
from app.http.paging import PageWish
from app.http.schema import one_of
from app.ledger import store as ledger
from app.ledger.reading import NOW
from app.operations import service as operations
from app.organisations import service as organisations

_BATCH = 200
_NOBODY = UUID(int=0)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One agreement of a list, judged at `at`; `now` is when it is asked."""

    recorded: Recorded
    created_at: datetime
    version: int
    knowledge: Knowledge
    at: datetime
    now: datetime


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What a list is narrowed by.

    Attributes:
        fields: as the record holds them; a reader of the outline is shown none of these, so
            they pick nothing for that reader.
    """

    operation: UUID | None = None
    status: Status | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


def _filters(
    db: Db,
    caller: CurrentCaller,
    operation: Annotated[str | None, Query(description="id or slug")] = None,
    status: Annotated[Status | None, one_of(Status), Query()] = None,
    kind: Annotated[AgreementKind | None, one_of(AgreementKind), Query()] = None,
    laterality: Annotated[Laterality | None, one_of(Laterality), Query()] = None,
    sensitivity: Annotated[Sensitivity | None, one_of(Sensitivity), Query()] = None,
    proposer: Annotated[str | None, Query(description="id or short name")] = None,
    declared_by: Annotated[str | None, Query(description="id or short name")] = None,
) -> Filters:
    given: dict[str, Any] = {"kind": kind, "laterality": laterality, "sensitivity": sensitivity}
    for name, reference in (("proposer", proposer), ("declared_by", declared_by)):
        if reference is not None:
            given[name] = str(organisations.resolve(db, reference) or _NOBODY)
    return Filters(
        operation=(operations.resolve(db, caller, operation) or _NOBODY) if operation else None,
        status=status,
        fields={name: str(value) for name, value in given.items() if value is not None},
    )


AskedFilters = Annotated[Filters, Depends(_filters)]
"""The filters of a question."""


def find(
    db: Session,
    caller: Caller,
    filters: Filters,
    times: AskedTimes,
    now: datetime,
    wish: PageWish,
) -> list[Listed]:
    """Return a page and one more where another follows, by (`created_at`, `id`)."""
    found: list[Listed] = []
    for rows in _batches(db, caller, filters, times, now, wish):
        found += _pick(db, caller, filters, times, now, rows)
        if len(found) > wish.limit:
            break
    return found[: wish.limit + 1]


def _batches(
    db: Session,
    caller: Caller,
    filters: Filters,
    times: AskedTimes,
    now: datetime,
    wish: PageWish,
) -> Iterator[list[AgreementRow]]:
    equal: dict[str, Any] = {}
    if filters.operation is not None:
        equal["operation_id"] = filters.operation
    if filters.status is not None and reading_of(times) == NOW:
        equal["status"] = filters.status
    key = wish.key(parse_instant, UUID)
    after = (key[0], key[1]) if key else None
    size = min(wish.limit + 1, _BATCH)
    whole = bool(filters.fields)
    visible = store.known_whole_to(caller) if whole else store.known_to(caller, now)
    while True:
        rows = store.candidates(db, visible, equal=equal, after=after, limit=size)
        yield rows
        if len(rows) < size:
            return
        after = (rows[-1].created_at, rows[-1].id)


def _pick(
    db: Session,
    caller: Caller,
    filters: Filters,
    times: AskedTimes,
    now: datetime,
    rows: list[AgreementRow],
) -> Iterator[Listed]:
    reading = reading_of(times)
    ids = [row.id for row in rows]
    recorded = store.load(db, [(row.id, row.operation_id) for row in rows], reading)
    versions = ledger.versions(db, ids, reading)
    knowledge = knowledge_of(db, caller, rows, now)
    for row in rows:
        if row.id not in recorded:
            continue
        at, known_now = judged_at(times, now, recorded[row.id])
        one = Listed(
            recorded=recorded[row.id],
            created_at=row.created_at,
            version=versions[row.id],
            knowledge=knowledge[row.id],
            at=at,
            now=known_now,
        )
        if _fits(one, filters):
            yield one


def _fits(one: Listed, filters: Filters) -> bool:
    if filters.status is not None and one.recorded.at(one.at).status.to is not filters.status:
        return False
    if not filters.fields:
        return True
    fields = one.recorded.fields(one.at)
    fit = all(fields.get(name) == value for name, value in filters.fields.items())
    return fit and one.knowledge is Knowledge.WHOLE
