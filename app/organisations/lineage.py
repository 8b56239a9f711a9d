"""No organisation stands above itself, at any time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.access.resource import Plan
from app.domain.errors import Unacceptable
from app.domain.json_value import Json
from app.ledger import store as ledger
from app.ledger.reading import NOW, Entry

_LAST = 2**62
"""The place of what is not recorded yet among what took effect at the same time."""


@dataclass(frozen=True)
class _Step:
    """Under which parent an organisation was from some time on."""

    since: datetime
    sequence: int
    parent: UUID | None


def check_lineage(db: Session, plan: Plan) -> None:
    """Refuse a change after which an organisation would stand above itself at some time.

    Raises:
        Unacceptable: naming `/parent`.
    """
    if "parent" not in plan.given:
        return
    own = [*_steps(plan.kept), _Step(plan.effective_at, _LAST, _id(plan.given["parent"]))]
    said = _said_upwards(db, plan.id, own)
    instants = {step.since for steps in said.values() for step in steps}
    if any(_stands_above_itself(said, plan.id, at) for at in instants):
        raise Unacceptable(
            "/parent",
            "at some time this organisation stands below the one that you are changing; "
            "expected one that never does",
        )


def _said_upwards(db: Session, start: UUID, own: list[_Step]) -> dict[UUID, list[_Step]]:
    """Collect what was ever said of the parents of all who ever stood above `start`."""
    said = {start: own}
    ahead = _parents(own) - said.keys()
    while ahead:
        found = ledger.entries(db, sorted(ahead), NOW, names=("parent",))
        said |= {id: _steps(entries) for id, entries in found.items()}
        ahead = {id for steps in said.values() for id in _parents(steps)} - said.keys()
    return said


def _stands_above_itself(said: dict[UUID, list[_Step]], organisation: UUID, at: datetime) -> bool:
    here = _parent(said[organisation], at)
    seen: set[UUID] = set()
    while here is not None and here not in seen:
        if here == organisation:
            return True
        seen.add(here)
        here = _parent(said[here], at)
    return False


def _parent(steps: Sequence[_Step], at: datetime) -> UUID | None:
    held = [step for step in steps if step.since <= at]
    latest = max(held, key=lambda step: (step.since, step.sequence), default=None)
    return None if latest is None else latest.parent


def _parents(steps: Iterable[_Step]) -> set[UUID]:
    return {step.parent for step in steps if step.parent is not None}


def _steps(entries: Iterable[Entry]) -> list[_Step]:
    return [
        _Step(entry.effective_at, entry.sequence, _id(entry.value))
        for entry in entries
        if entry.aspect == "parent"
    ]


def _id(value: Json) -> UUID | None:
    return UUID(value) if isinstance(value, str) else None
