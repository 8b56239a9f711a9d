"""What is done with organisations: make, change, find, list."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import Session

from app.access import resource
from app.access.resource import Filter, Kind, Plan, State, Values, equal
from app.access.write import Write
from app.domain.errors import Unacceptable
from app.domain.fact import Event
from app.domain.organisation import Organisation, OrganisationKind
from app.http.paging import PageWish
from app.http.problems import conflict, not_found
from app.http.schema import UUID_TEXT
from app.ledger.reading import NOW, Reading
from app.organisations import store
from app.organisations.lineage import check_lineage
from app.organisations.schemas import EditOrganisation, NewOrganisation
from app.organisations.tables import OrganisationRow

UNKNOWN = "no such organisation is known; expected the id or short name of one"
NOBODY = UUID(int=0)


def _row(values: Values) -> Mapping[str, Any]:
    plain = ("name", "short_name", "country", "iati_id", "is_belligerent")
    short_name, parent = values["short_name"], values["parent"]
    return {
        **{name: values[name] for name in plain},
        "short_name_folded": store.folded(cast(str, short_name)),
        "kind": OrganisationKind(cast(str, values["kind"])),
        "parent_id": UUID(parent) if isinstance(parent, str) else None,
    }


def _rule(db: Session, plan: Plan) -> None:
    """Keep short names apart, and no organisation above itself."""
    holder = store.by_short_name(db, cast(str, plan.present["short_name"]))
    if holder not in {None, plan.id}:
        raise conflict("another organisation has this short name; choose another")
    check_lineage(db, plan)


KIND = Kind(name="organisation", entity=OrganisationRow, row=_row, rule=_rule, alone=True)


def create(write: Write, body: NewOrganisation, *, id: UUID | None = None) -> State:
    """Make an organisation known.

    Args:
        id: where it has been chosen already, because the organisation records itself.
    """

    def change() -> Event:
        values = _resolved(write.db, resource.given(body, all_fields=True))
        return resource.begin(write, KIND, body, values, id=id)

    event = write.once(authority=lambda: None, version=None, change=change)
    return resource.after(write.db, event)


def edit(write: Write, id: UUID, body: EditOrganisation) -> State:
    """Change an organisation."""
    subject = resource.hold(write.db, KIND, id)
    if subject is None:
        raise not_found()
    return resource.edit(
        write, KIND, subject, body, lambda: _resolved(write.db, resource.given(body))
    )


def read(db: Session, id: UUID, reading: Reading = NOW) -> State:
    """Give one organisation.

    Raises:
        Problem: 404.
    """
    state = resource.read(db, id, reading) if store.existing(db, [id]) else None
    if state is None:
        raise not_found()
    return state


def page(
    db: Session, wish: PageWish, *, filters: Sequence[Filter] = (), reading: Reading = NOW
) -> list[State]:
    """List organisations."""
    return resource.page(db, KIND, wish, visible=true(), filters=filters, reading=reading)


def filters(
    db: Session,
    *,
    name: str | None = None,
    short_name: str | None = None,
    kind: OrganisationKind | None = None,
    country: str | None = None,
    iati_id: str | None = None,
    parent: str | None = None,
    is_belligerent: bool | None = None,
) -> list[Filter]:
    """Give the conditions of a list; what is None asks nothing."""
    columns = store.organisation.c
    return [
        *equal(columns.name, "name", name),
        *_named(columns.short_name_folded, short_name),
        *equal(columns.kind, "kind", kind),
        *equal(columns.country, "country", country),
        *equal(columns.iati_id, "iati_id", iati_id),
        *equal(columns.parent_id, "parent", asked(db, parent)),
        *equal(columns.is_belligerent, "is_belligerent", is_belligerent),
    ]


def names(db: Session, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Give short names, for sentences; unknown organisations are absent."""
    return store.names(db, ids)


def many(db: Session, ids: Sequence[UUID]) -> dict[UUID, Organisation]:
    """Give organisations as the rules look at them now; unknown ones are absent."""
    return store.many(db, ids)


def resolve(db: Session, reference: str) -> UUID | None:
    """Find an organisation by id or short name; None where there is none."""
    if UUID_TEXT.fullmatch(reference):
        return next(iter(store.existing(db, [UUID(reference)])), None)
    return store.by_short_name(db, reference)


def referred(db: Session, reference: str, pointer: str) -> UUID:
    """Find the organisation that a body refers to.

    Raises:
        Unacceptable: there is none; the message does not repeat the reference.
    """
    found = resolve(db, reference)
    if found is None:
        raise Unacceptable(pointer, UNKNOWN)
    return found


def asked(db: Session, reference: str | None) -> UUID | None:
    """Give the id that a filter asks for: None where it asks nothing, nobody's for an unknown."""
    return None if reference is None else resolve(db, reference) or NOBODY


def _named(column: ColumnElement[str], short_name: str | None) -> list[Filter]:
    if short_name is None:
        return []
    wanted = store.folded(short_name)

    def then(values: Values) -> bool:
        return store.folded(str(values.get("short_name"))) == wanted

    return [Filter(now=column == wanted, then=then)]


def _resolved(db: Session, values: Values) -> Values:
    parent = values.get("parent")
    if not isinstance(parent, str):
        return values
    return {**values, "parent": str(referred(db, parent, "/parent"))}
