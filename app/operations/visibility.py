"""Who may know of an operation, and who may know its members."""

from collections.abc import Callable
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from app.access.caller import Caller
from app.domain.policy import Role
from app.operations.tables import OperationRow

Reason: TypeAlias = "Callable[[Caller, ColumnElement[UUID]], ColumnElement[bool]]"
"""Gives the condition under which a caller sees something of the operation with that id."""

_operation = OperationRow.__table__
_reasons: dict[str, Reason] = {}


def also_known_by(name: str, reason: Reason) -> None:
    """Let whoever sees a place or agreement of an operation know of the operation.

    Higher layers add their reason when the service is put together; one for each name.
    """
    _reasons[name] = reason


def known(caller: Caller) -> ColumnElement[bool]:
    """Pick the operations that a caller may know of: its token's, those it sees something of."""
    if caller.role is Role.ADMINISTRATOR:
        return true()
    id = _operation.c.id
    return or_(
        id.in_(list(caller.operations)), *(reason(caller, id) for reason in _reasons.values())
    )


def is_known(db: Session, caller: Caller, operation: UUID) -> bool:
    """Tell whether a caller may know of an operation."""
    question = select(_operation.c.id).where(_operation.c.id == operation, known(caller))
    return db.execute(question).scalar_one_or_none() is not None


def is_inside(caller: Caller, operation: UUID) -> bool:
    """Tell whether a caller may know who the members and token holders of an operation are."""
    return caller.role is Role.ADMINISTRATOR or caller.names(operation)
