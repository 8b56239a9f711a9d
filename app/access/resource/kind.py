"""What one kind of resource brings of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.orm import Session

from app.access.resource.values import Values
from app.db.base import Base
from app.domain.fact import Warned
from app.ledger.reading import Entry


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A change that a kind's own rule is asked about.

    Attributes:
        id: the resource that changes.
        given: the fields that the change sets.
        present: all fields as they would hold after it, now.
        effective_at: since when it would be so.
        at: the moment of recording.
        new: whether the resource begins with it.
        kept: what was said of the resource before and is not taken out by the change.
    """

    id: UUID
    given: Values
    present: Values
    effective_at: datetime
    at: datetime
    new: bool
    kept: tuple[Entry, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Noted:
    """What goes on record with a change besides its fields.

    Attributes:
        reason: why a rule was overridden, where one was.
        warnings: what was taken with it, or dropped.
        sources: on which evidence it rests.
    """

    reason: str | None = None
    warnings: tuple[Warned, ...] = ()
    sources: tuple[UUID, ...] = ()

    def resting_on(self, sources: Sequence[UUID]) -> "Noted":
        """Give the same with its evidence."""
        return replace(self, sources=tuple(sources))


def _no_rule(db: Session, plan: Plan) -> None:
    """Accept every plan."""


def _nothing_else(db: Session, plan: Plan) -> None:
    """Keep no other rows."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of resource.

    Attributes:
        name: of its subjects.
        entity: its row, one for each, of the present state, with `id` and `created_at`.
        row: the other columns, from the fields as they hold now.
        rule: raises where the domain says no; called before anything is recorded.
        keep: brings other rows of the present state in line, after the resource's own.
        alone: only one transaction changes resources of this kind at a time, because its rule
            looks at several of them.
    """

    name: str
    entity: type[Base]
    row: Callable[[Values], Mapping[str, Any]]
    rule: Callable[[Session, Plan], None] = _no_rule
    keep: Callable[[Session, Plan], None] = _nothing_else
    alone: bool = False

    @property
    def table(self) -> Table:
        """The table of the present state."""
        return self.entity.__table__
