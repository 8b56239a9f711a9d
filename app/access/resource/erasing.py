"""The present rows of resources follow a redaction: what was erased is blank in them too."""

from collections.abc import Sequence

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.access.resource.kind import Kind
from app.domain import redaction
from app.domain.fact import Event
from app.ledger import store
from app.ledger.followers import Follower
from app.ledger.reading import NOW, winners


def blanking(*kinds: Kind) -> Follower:
    """Give the follower that makes the rows of these kinds anew where something was erased."""
    known = {kind.name: kind for kind in kinds}

    def follow(db: Session, events: Sequence[Event]) -> None:
        for event in events:
            kind = known.get(event.fact.subject.kind)
            if kind is not None and event.fact.kind == redaction.KIND:
                _blank(db, kind, event)

    return follow


def _blank(db: Session, kind: Kind, event: Event) -> None:
    subject = event.fact.subject.id
    held = winners(store.entries(db, [subject], NOW)[subject])
    row = kind.row({name: entry.value for name, entry in held.items()})
    db.execute(update(kind.table).where(kind.table.c.id == subject).values(**row))
