"""What is done with operations: set up, change, find, list."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app.access import resource
from app.access.caller import Caller
from app.access.resource import Filter, Kind, Plan, State, Values, equal
from app.access.write import Write
from app.domain.errors import Unacceptable
from app.domain.fact import Event
from app.domain.json_value import Json
from app.http.paging import PageWish
from app.http.problems import conflict, not_found
from app.http.schema import UUID_TEXT
from app.ledger.reading import NOW, Reading
from app.operations import members
from app.operations.outside import from_outside
from app.operations.schemas import EditOperation, NewOperation
from app.operations.tables import OperationRow
from app.operations.visibility import is_inside, is_known, known

UNKNOWN = "no such operation is known; expected the id or slug of one"
NOTHING = UUID(int=0)
_table = OperationRow.__table__


def _row(values: Values) -> Mapping[str, Any]:
    started_on = values["started_on"]
    return {
        **{name: values[name] for name in ("slug", "name", "glide", "tz")},
        "countries": f" {' '.join(cast(list[str], values['countries']))} ",
        "started_on": date.fromisoformat(started_on) if isinstance(started_on, str) else None,
    }


def _rule(db: Session, plan: Plan) -> None:
    """Keep slugs apart."""
    question = select(_table.c.id).where(_table.c.slug == plan.present["slug"])
    if db.execute(question).scalar_one_or_none() not in {None, plan.id}:
        raise conflict("another operation has this slug; choose another")


def _keep(db: Session, plan: Plan) -> None:
    members.keep(db, plan.id, plan.present["members"], plan.at)


KIND = Kind(name="operation", entity=OperationRow, row=_row, rule=_rule, keep=_keep, alone=True)


def create(write: Write, body: NewOperation) -> State:
    """Set up an operation."""
    id = uuid4()

    def change() -> Event:
        values = resource.given(body, all_fields=True)
        values["members"] = members.as_field(write.db, body.members)
        return resource.begin(
            write, KIND, body, values, id=id, operation=id, warnings=resource.warned(body)
        )

    event = write.once(authority=lambda: None, version=None, change=change)
    return resource.after(write.db, event)


def edit(write: Write, id: UUID, body: EditOperation) -> State:
    """Change an operation; who is a member from now on has its rights from now on."""
    subject = resource.hold(write.db, KIND, id)
    if subject is None or not is_known(write.db, write.caller, id):
        raise not_found()
    return resource.edit(
        write,
        KIND,
        subject,
        body,
        lambda: _edited(write.db, body),
        warnings=resource.warned(body),
    )


def read(db: Session, caller: Caller, id: UUID, reading: Reading = NOW) -> State:
    """Give one operation.

    Raises:
        Problem: 404 where there was none or the caller may not know of it now.
    """
    state = resource.read(db, id, reading) if is_known(db, caller, id) else None
    if state is None:
        raise not_found()
    return _seen(db, caller, [state], reading)[0]


def page(
    db: Session,
    caller: Caller,
    wish: PageWish,
    *,
    filters: Sequence[Filter] = (),
    reading: Reading = NOW,
) -> list[State]:
    """List the operations that the caller may know of now."""
    found = resource.page(db, KIND, wish, visible=known(caller), filters=filters, reading=reading)
    return _seen(db, caller, found, reading)


def _seen(db: Session, caller: Caller, states: Sequence[State], reading: Reading) -> list[State]:
    """Give operations as the caller sees them, from inside or from outside."""
    outside = [state for state in states if not is_inside(caller, state.id)]
    shown = {state.id: state for state in from_outside(db, outside, reading)}
    return [shown.get(state.id, state) for state in states]


def filters(
    *,
    slug: str | None = None,
    name: str | None = None,
    country: str | None = None,
    glide: str | None = None,
    started_on: date | None = None,
    tz: str | None = None,
) -> list[Filter]:
    """Give the conditions of a list; what is None asks nothing."""
    columns = _table.c
    return [
        *equal(columns.slug, "slug", slug),
        *equal(columns.name, "name", name),
        *equal(columns.glide, "glide", glide),
        *equal(columns.started_on, "started_on", started_on),
        *equal(columns.tz, "tz", tz),
        *_in_country(country),
    ]


def resolve(db: Session, caller: Caller, reference: str) -> UUID | None:
    """Find an operation by id or slug; None where there is none that the caller may know of."""
    if UUID_TEXT.fullmatch(reference):
        asked = _table.c.id == UUID(reference)
    else:
        asked = _table.c.slug == reference
    question = select(_table.c.id).where(and_(asked, known(caller)))
    return db.execute(question).scalar_one_or_none()


def referred(db: Session, caller: Caller, reference: str, pointer: str) -> UUID:
    """Find the operation that a body refers to.

    Raises:
        Unacceptable: there is none that the caller may know of; the message repeats nothing.
    """
    found = resolve(db, caller, reference)
    if found is None:
        raise Unacceptable(pointer, UNKNOWN)
    return found


def asked(db: Session, caller: Caller, reference: str | None) -> UUID | None:
    """Give the id that a filter asks for: None where it asks nothing, nothing's for an unknown."""
    return None if reference is None else resolve(db, caller, reference) or NOTHING


def names_of(db: Session, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Give the names of operations, for warnings and messages to those who may know them."""
    question = select(_table.c.id, _table.c.name).where(_table.c.id.in_(ids))
    return {row.id: row.name for row in db.execute(question)}


def slugs_of(db: Session, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Give the slugs of operations."""
    question = select(_table.c.id, _table.c.slug).where(_table.c.id.in_(ids))
    return {row.id: row.slug for row in db.execute(question)}


def _edited(db: Session, body: EditOperation) -> dict[str, Json]:
    values = resource.given(body)
    if "members" not in values:
        return values
    if body.effective_at is not None:
        raise Unacceptable(
            "/effective_at",
            "memberships act from their recording; leave effective_at out, or change the "
            "members in a request of their own",
        )
    return {**values, "members": members.as_field(db, body.members)}


def _in_country(country: str | None) -> list[Filter]:
    if country is None:
        return []

    def then(values: Values) -> bool:
        return country in cast(list[str], values.get("countries") or [])

    return [Filter(now=_table.c.countries.contains(f" {country} ", autoescape=True), then=then)]
