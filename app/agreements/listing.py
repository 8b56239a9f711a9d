"""Lists of agreements: what a caller may know of, page by page, at any time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query
from sqlalchemy.orm import Session

from app.access.caller import Caller, CurrentCaller
from app.access.resource import Asked, WholeNumber, as_json
from app.agreements import store
from app.agreements.recorded import Recorded
from app.agreements.seen import judged_at, knowledge_of, reading_of
from app.agreements.tables import AgreementRow
from app.domain.agreement.model import AgreementKind
from app.domain.agreement.status import Status
from app.domain.disclosure import Knowledge, Sensitivity
from app.domain.instant import parse_instant
from app.domain.json_value import Json
from app.domain.laterality import ConsentBasis, Laterality, consent_basis
from app.http.deps import AskedTimes, Db
from app.http.paging import PageWish
from app.http.schema import one_of
from app.ledger import store as ledger
from app.ledger.reading import NOW, Reading
from app.operations import service as operations
from app.organisations import service as organisations

_BATCH = 200


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
        outline: fields that everybody sees who may know of an agreement.
        whole: fields that stand in the whole of it; a reader of the outline is shown none of
            these, so they pick nothing for that reader.
        party: who must be a party, in any role; of the whole too.
    """

    operation: UUID | None = None
    outline: Mapping[str, Json] = field(default_factory=dict)
    whole: Mapping[str, Json] = field(default_factory=dict)
    party: UUID | None = None

    @property
    def of_the_whole(self) -> bool:
        """Whether only readers of the whole are answered."""
        return bool(self.whole) or self.party is not None


def _filters(
    db: Db,
    caller: CurrentCaller,
    operation: Annotated[str | None, Query(description="id or slug")] = None,
    title: Annotated[Asked | None, Query(description="to the letter")] = None,
    status: Annotated[Status | None, one_of(Status), Query()] = None,
    consent_basis: Annotated[ConsentBasis | None, one_of(ConsentBasis), Query()] = None,
    kind: Annotated[AgreementKind | None, one_of(AgreementKind), Query()] = None,
    laterality: Annotated[Laterality | None, one_of(Laterality), Query()] = None,
    sensitivity: Annotated[Sensitivity | None, one_of(Sensitivity), Query()] = None,
    revision: Annotated[WholeNumber | None, Query(description="the present one")] = None,
    proposer: Annotated[str | None, Query(description="id or short name")] = None,
    declared_by: Annotated[str | None, Query(description="id or short name")] = None,
    party: Annotated[str | None, Query(description="id or short name; in any role")] = None,
) -> Filters:
    return Filters(
        operation=operations.asked(db, caller, operation),
        outline=_given(title=title, status=status, consent_basis=consent_basis),
        whole=_given(
            kind=kind,
            laterality=laterality,
            sensitivity=sensitivity,
            revision=revision,
            proposer=organisations.asked(db, proposer),
            declared_by=organisations.asked(db, declared_by),
        ),
        party=organisations.asked(db, party),
    )


def _given(**values: object) -> dict[str, Json]:
    return {name: as_json(value) for name, value in values.items() if value is not None}


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
    equal = _of_rows(filters, reading_of(times))
    key = wish.key(parse_instant, UUID)
    after = (key[0], key[1]) if key else None
    size = min(wish.limit + 1, _BATCH) if _by_rows(filters, reading_of(times)) else _BATCH
    whole = filters.of_the_whole
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


def _of_rows(filters: Filters, reading: Reading) -> dict[str, Any]:
    """Return what rows can be picked by: what never changes, and of the present what they hold."""
    equal: dict[str, Any] = {}
    if filters.operation is not None:
        equal["operation_id"] = filters.operation
    if reading == NOW:
        asked = {**filters.outline, **filters.whole}
        equal |= {name: read(str(asked[name])) for name, read in _COLUMNS.items() if name in asked}
    return equal


def _by_rows(filters: Filters, reading: Reading) -> bool:
    """Whether rows alone tell what fits, so that no more need be read than are shown."""
    asked = {**filters.outline, **filters.whole}
    return filters.party is None and (
        not asked or (reading == NOW and asked.keys() <= _COLUMNS.keys())
    )


_COLUMNS = {
    "status": Status,
    "kind": AgreementKind,
    "laterality": Laterality,
    "sensitivity": Sensitivity,
}


def _fits(one: Listed, filters: Filters) -> bool:
    agreement, fields = one.recorded.at(one.at), one.recorded.fields(one.at)
    told = {
        **fields,
        "status": agreement.status.to,
        "consent_basis": consent_basis(agreement.laterality),
        "revision": agreement.revision.number,
    }
    asked = {**filters.outline, **filters.whole}
    if any(told.get(name) != value for name, value in asked.items()):
        return False
    if filters.party is not None and not agreement.roles_of(filters.party):
        return False
    return one.knowledge is Knowledge.WHOLE or not filters.of_the_whole
