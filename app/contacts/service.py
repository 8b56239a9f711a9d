"""What is done with contacts: put on record, change, read; `app.agreements` gives them addresses.

Whether the caller may know of the agreement is asked there, before anything here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import resource
from app.access.caller import Caller
from app.access.resource import Filter, Kind, Plan, State, Values, equal
from app.access.write import Write
from app.contacts.schemas import EditContact, NewContact, ParticipantIn
from app.contacts.tables import ContactRow
from app.domain.contact import Channel, ContactStatus, check_contact
from app.domain.errors import Unacceptable
from app.domain.fact import Event
from app.domain.instant import parse_instant
from app.domain.json_value import Json
from app.domain.policy import Audience, Role
from app.http.paging import PageWish
from app.http.problems import not_found
from app.ledger.reading import NOW, Reading, winners
from app.organisations import service as organisations

READERS = frozenset({Role.COORDINATOR, Role.AUDITOR})
_contact = ContactRow.__table__


@dataclass(frozen=True, kw_only=True)
class Overdue:
    """A follow-up that is due and not done."""

    contact: UUID
    what: str
    by: UUID | None
    due_at: datetime


def may_know(caller: Caller, operation: UUID) -> bool:
    """Tell whether a caller may know of talks: coordinators and auditors, operational audience."""
    return caller.role in READERS and caller.audience(operation) is Audience.OPERATIONAL


def _row(values: Values) -> Mapping[str, Any]:
    return {
        "agreement_id": UUID(cast(str, values["agreement"])),
        "channel": Channel(cast(str, values["channel"])),
        "status": ContactStatus(cast(str, values["status"])),
        "at": _instant(values["at"]),
    }


def _rule(db: Session, plan: Plan) -> None:
    """Judge status and time as they hold when the change takes effect."""
    held = winners(entry for entry in plan.kept if entry.effective_at <= plan.effective_at)
    before = {name: entry.value for name, entry in held.items()}
    after = before | dict(plan.given)
    check_contact(
        ContactStatus(cast(str, after["status"])),
        before=ContactStatus(cast(str, before["status"])) if "status" in before else None,
        at=_instant(after["at"]),
        now=plan.at,
    )
    _check_later(plan)


def _check_later(plan: Plan) -> None:
    """Refuse a late change that makes the one after it an unlisted move."""
    later = [
        entry
        for entry in plan.kept
        if entry.aspect == "status" and entry.effective_at > plan.effective_at
    ]
    if "status" in plan.given and later:
        check_contact(
            ContactStatus(cast(str, later[0].value)),
            before=ContactStatus(cast(str, plan.given["status"])),
            at=plan.at,
            now=plan.at,
        )


KIND = Kind(name="contact", entity=ContactRow, row=_row, rule=_rule)


def create(
    write: Write,
    *,
    agreement: UUID,
    operation: UUID,
    body: NewContact,
    authority: Callable[[], None] = lambda: None,
) -> State:
    """Put talks about an agreement on record."""

    def change() -> Event:
        values = _resolved(write.db, body, resource.given(body, all_fields=True))
        fixed: dict[str, Json] = {"agreement": str(agreement)}
        return resource.begin(write, KIND, body, {**values, **fixed}, operation=operation)

    event = write.once(authority=authority, version=None, change=change)
    return resource.after(write.db, event)


def edit(
    write: Write,
    id: UUID,
    *,
    agreement: UUID,
    body: EditContact,
    authority: Callable[[], None] = lambda: None,
) -> State:
    """Change what is known of talks; that they were held or cancelled stays, save by correction."""
    subject = resource.hold(write.db, KIND, id)
    if subject is None or not _is_about(write.db, id, agreement):
        raise not_found()
    return resource.edit(
        write,
        KIND,
        subject,
        body,
        lambda: _resolved(write.db, body, resource.given(body)),
        authority=authority,
    )


def read(db: Session, id: UUID, *, agreement: UUID, reading: Reading = NOW) -> State:
    """Give talks about an agreement.

    Raises:
        Problem: 404.
    """
    state = resource.read(db, id, reading) if _is_about(db, id, agreement) else None
    if state is None:
        raise not_found()
    return state


def page(
    db: Session,
    wish: PageWish,
    *,
    agreement: UUID,
    filters: Sequence[Filter] = (),
    reading: Reading = NOW,
) -> list[State]:
    """List the talks about an agreement, in the order in which they were put on record."""
    about = _contact.c.agreement_id == agreement
    return resource.page(db, KIND, wish, visible=about, filters=filters, reading=reading)


def filters(
    *,
    channel: Channel | None = None,
    status: ContactStatus | None = None,
    at: datetime | None = None,
    participant: UUID | None = None,
) -> list[Filter]:
    """Give the conditions of a list; what is None asks nothing."""
    columns = _contact.c
    return [
        *_took_part(participant),
        *equal(columns.channel, "channel", channel),
        *equal(columns.status, "status", status),
        *equal(columns.at, "at", at),
    ]


def _took_part(organisation: UUID | None) -> list[Filter]:
    """Pick talks in which an organisation took part; their record tells, whatever the time."""
    if organisation is None:
        return []
    wanted = str(organisation)

    def then(values: Values) -> bool:
        participants = cast(list[dict[str, Any]], values["participants"] or [])
        return any(each["organisation"] == wanted for each in participants)

    return [Filter(now=None, then=then)]


def overdue(db: Session, agreement: UUID, at: datetime, reading: Reading = NOW) -> list[Overdue]:
    """Give what was to follow from talks by `at` and is not done by then, earliest first."""
    question = select(_contact.c.id).where(_contact.c.agreement_id == agreement)
    states = resource.read_many(db, list(db.execute(question).scalars()), reading)
    found = [
        Overdue(contact=state.id, what=follow_up["what"], by=_id(follow_up["by"]), due_at=due_at)
        for state in states.values()
        if state.values["status"] != ContactStatus.CANCELLED
        for follow_up in cast(list[dict[str, Any]], state.values["follow_ups"] or [])
        if (due_at := _instant(follow_up["due_at"])) is not None
        and due_at < at
        and not _is_done(follow_up, at)
    ]
    return sorted(found, key=lambda one: (one.due_at, str(one.contact)))


def _is_done(follow_up: Mapping[str, Any], at: datetime) -> bool:
    done_at = _instant(follow_up["done_at"])
    return done_at is not None and done_at <= at


def _is_about(db: Session, id: UUID, agreement: UUID) -> bool:
    question = select(_contact.c.id).where(
        _contact.c.id == id, _contact.c.agreement_id == agreement
    )
    return db.execute(question).scalar_one_or_none() is not None


def _resolved(db: Session, body: NewContact | EditContact, values: dict[str, Json]) -> Values:
    if "participants" in values:
        values["participants"] = _participants(db, body.participants)
    if "follow_ups" in values:
        values["follow_ups"] = [
            {
                **cast(dict[str, Json], resource.as_json(follow_up)),
                "by": _referred(db, follow_up.by, f"/follow_ups/{index}/by"),
            }
            for index, follow_up in enumerate(body.follow_ups)
        ]
    return values


def _participants(db: Session, participants: Sequence[ParticipantIn]) -> Json:
    named: dict[str, Json] = {}
    for index, participant in enumerate(participants):
        pointer = f"/participants/{index}/organisation"
        organisation = str(organisations.referred(db, participant.organisation, pointer))
        if organisation in named:
            raise Unacceptable(pointer, "this organisation is named twice; expected it once")
        named[organisation] = {"organisation": organisation, "level": participant.level}
    return list(named.values())


def _referred(db: Session, reference: str | None, pointer: str) -> str | None:
    return None if reference is None else str(organisations.referred(db, reference, pointer))


def _instant(value: Json) -> datetime | None:
    return parse_instant(value) if isinstance(value, str) else None


def _id(value: Json) -> UUID | None:
    return UUID(value) if isinstance(value, str) else None
