"""What is done with sources: put on record, change, find, list, cite."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, false, select
from sqlalchemy.orm import Session

from app.access import resource
from app.access.caller import Caller
from app.access.resource import Filter, Kind, Plan, State, Values, equal
from app.access.write import Write
from app.domain.errors import Unacceptable
from app.domain.fact import Event
from app.domain.instant import format_instant, parse_instant
from app.domain.json_value import Json
from app.domain.policy import Role
from app.domain.source import Reliability, SourceKind
from app.http.paging import PageWish
from app.http.problems import not_allowed, not_found
from app.ledger.reading import NOW, Reading
from app.operations import service as operations
from app.sources.schemas import EditSource, NewSource
from app.sources.tables import SourceRow

READERS = frozenset({Role.COORDINATOR, Role.AUDITOR})
_source = SourceRow.__table__


def _row(values: Values) -> Mapping[str, Any]:
    published_at, reliability = values["published_at"], values["reliability"]
    plain = ("publisher", "title", "address", "sha256", "credibility")
    return {
        **{name: values[name] for name in plain},
        "operation_id": UUID(cast(str, values["operation"])),
        "kind": SourceKind(cast(str, values["kind"])),
        "published_at": parse_instant(published_at) if isinstance(published_at, str) else None,
        "reliability": Reliability(reliability) if isinstance(reliability, str) else None,
    }


def _rule(db: Session, plan: Plan) -> None:
    """Take no evidence from the future."""
    published_at = plan.given.get("published_at")
    if isinstance(published_at, str) and parse_instant(published_at) > plan.at:
        raise Unacceptable(
            "/published_at",
            f"found a time in the future; expected {format_instant(plan.at)} or earlier",
        )


KIND = Kind(name="source", entity=SourceRow, row=_row, rule=_rule)


def visible(caller: Caller) -> ColumnElement[bool]:
    """Pick the sources that a caller may know of: those of its token's operations."""
    if caller.role not in READERS:
        return false()
    return _source.c.operation_id.in_(list(caller.operations))


def create(write: Write, body: NewSource) -> State:
    """Put a source on record."""
    caller = write.caller
    operation = operations.referred(write.db, caller, body.operation, "/operation")

    def authority() -> None:
        if not caller.names(operation):
            raise not_allowed(
                "your token does not name this operation; ask one of its coordinators"
            )

    def change() -> Event:
        values = {**resource.given(body, all_fields=True), "operation": str(operation)}
        return resource.begin(write, KIND, body, values, operation=operation)

    event = write.once(authority=authority, version=None, change=change)
    return resource.after(write.db, event)


def edit(write: Write, id: UUID, body: EditSource) -> State:
    """Change what is known of a source."""
    subject = resource.hold(write.db, KIND, id)
    if subject is None or not _is_visible(write.db, write.caller, id):
        raise not_found()
    return resource.edit(write, KIND, subject, body, lambda: resource.given(body))


def read(db: Session, caller: Caller, id: UUID, reading: Reading = NOW) -> State:
    """Give one source.

    Raises:
        Problem: 404 where there was none or the caller may not know of it now.
    """
    state = resource.read(db, id, reading) if _is_visible(db, caller, id) else None
    if state is None:
        raise not_found()
    return state


def page(
    db: Session,
    caller: Caller,
    wish: PageWish,
    *,
    filters: Sequence[Filter] = (),
    reading: Reading = NOW,
) -> list[State]:
    """List the sources that the caller may know of now."""
    return resource.page(db, KIND, wish, visible=visible(caller), filters=filters, reading=reading)


def filters(
    *,
    operation: UUID | None = None,
    publisher: str | None = None,
    title: str | None = None,
    kind: SourceKind | None = None,
    published_at: datetime | None = None,
    address: str | None = None,
    sha256: str | None = None,
    reliability: Reliability | None = None,
    credibility: int | None = None,
) -> list[Filter]:
    """Give the conditions of a list; what is None asks nothing."""
    columns = _source.c
    return [
        *equal(columns.operation_id, "operation", operation),
        *equal(columns.publisher, "publisher", publisher),
        *equal(columns.title, "title", title),
        *equal(columns.kind, "kind", kind),
        *equal(columns.published_at, "published_at", published_at),
        *equal(columns.address, "address", address),
        *equal(columns.sha256, "sha256", sha256),
        *equal(columns.reliability, "reliability", reliability),
        *equal(columns.credibility, "credibility", credibility),
    ]


def known(db: Session, caller: Caller, operation: UUID, ids: Collection[UUID]) -> set[UUID]:
    """Give those of `ids` that are sources of `operation` which the caller may know of."""
    question = select(_source.c.id).where(
        _source.c.id.in_(set(ids)), _source.c.operation_id == operation, visible(caller)
    )
    return set(db.execute(question).scalars())


def cited(db: Session, caller: Caller, operation: UUID, ids: Sequence[UUID]) -> tuple[UUID, ...]:
    """Give the sources that a body cites, each once, in its order.

    Raises:
        Unacceptable: at the first that the caller does not know in this operation.
    """
    found = known(db, caller, operation, ids) if ids else set()
    for index, id in enumerate(ids):
        if id not in found:
            raise Unacceptable(
                f"/sources/{index}",
                "No source of this id is known in this operation. Record it at /v1/sources first.",
            )
    return tuple(dict.fromkeys(ids))


def named_once(values: Mapping[str, Json]) -> dict[str, Json]:
    """Give the sources among the fields of a body each once; nothing where it names none."""
    given = cast("list[str] | None", values.get("sources"))
    return {} if given is None else {"sources": [*dict.fromkeys(given)]}


def _is_visible(db: Session, caller: Caller, id: UUID) -> bool:
    question = select(_source.c.id).where(_source.c.id == id, visible(caller))
    return db.execute(question).scalar_one_or_none() is not None
