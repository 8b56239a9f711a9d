"""The members of an operation: what a body says of them, and the rows that give rights."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.domain.errors import Unacceptable
from app.domain.json_value import Json
from app.domain.policy import Audience
from app.operations.schemas import MemberIn
from app.operations.tables import MembershipRow
from app.organisations import service as organisations

_membership = MembershipRow.__table__


def as_field(db: Session, members: Sequence[MemberIn]) -> Json:
    """Give the members as the record holds them, in the order of the body.

    Raises:
        Unacceptable: an organisation is unknown or named twice.
    """
    named: dict[str, Json] = {}
    for index, member in enumerate(members):
        pointer = f"/members/{index}"
        organisation = str(organisations.referred(db, member.organisation, pointer))
        if organisation in named:
            raise Unacceptable(pointer, "this organisation is named twice; expected it once")
        audience = member.audience.value if member.audience else None
        named[organisation] = {"organisation": organisation, "audience": audience}
    return list(named.values())


def keep(db: Session, operation: UUID, members: Json, at: datetime) -> None:
    """Bring the memberships in line; one that has ended keeps its row and the time of its end."""
    wanted = audiences(members)
    question = select(_membership).where(_membership.c.operation_id == operation)
    held = {row.organisation_id: row for row in db.execute(question)}
    for organisation in held.keys() - wanted.keys():
        if held[organisation].removed_at is None:
            _set(db, operation, organisation, {"removed_at": at})
    for organisation, audience in wanted.items():
        values = {"audience": audience, "removed_at": None}
        if organisation in held:
            _set(db, operation, organisation, values)
        else:
            key = {"operation_id": operation, "organisation_id": organisation}
            db.execute(insert(_membership), {**key, **values})


def is_member(db: Session, operation: UUID, organisation: UUID) -> bool:
    """Tell whether an organisation is a member of an operation now."""
    question = select(_membership.c.organisation_id).where(
        _membership.c.operation_id == operation,
        _membership.c.organisation_id == organisation,
        _membership.c.removed_at.is_(None),
    )
    return db.execute(question).scalar_one_or_none() is not None


def audiences(members: Json) -> dict[UUID, Audience | None]:
    """Give the members that a record holds, each with its own audience where it has one."""
    return {
        UUID(member["organisation"]): Audience(member["audience"]) if member["audience"] else None
        for member in cast(list[dict[str, Any]], members or [])
    }


def _set(db: Session, operation: UUID, organisation: UUID, values: Mapping[str, Any]) -> None:
    change = update(_membership).where(
        _membership.c.operation_id == operation, _membership.c.organisation_id == organisation
    )
    db.execute(change.values(**values))
