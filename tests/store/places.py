"""Places of a test's own: recorded and disclosed, without the rules of any feature."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.access.caller import Caller
from app.db.session import writing
from app.disclosure.following import Entries, disclose
from app.disclosure.places import Recorded
from app.disclosure.reading import Question
from app.disclosure.store import Place
from app.domain.disclosure import Classed, Precision, Sensitivity
from app.domain.fact import Fact, Subject
from app.domain.geometry.shape import Line, Point, as_recorded
from app.domain.policy import Audience, Role
from app.ledger import store as ledger
from tests.http.given import given_operation
from tests.store.ledger_given import OCHA

COLLECTION = "sites"


class Map:
    """The places of one operation."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.operation = given_operation(engine)

    def put(self, db: Session, shape: Point | Line | None, sensitivity: Sensitivity) -> UUID:
        """Put a place on record."""
        fact = Fact(
            subject=Subject(kind="place", id=uuid4(), operation=self.operation),
            kind="created",
            effective_at=datetime(2022, 4, 25, tzinfo=UTC),
            actor=OCHA,
            aspects={
                "geometry": as_recorded(shape) if shape else None,
                "sensitivity": sensitivity.value,
                "release_at": None,
            },
        )
        event = ledger.append(db, fact, at=ledger.moment(db), new=True)
        place = Place(id=fact.subject.id, collection=COLLECTION, operation=self.operation, new=True)
        disclose(db, [place], _told, at=event.recorded_at)
        return place.id

    def move(self, id: UUID, shape: Point | Line | None, since: datetime) -> datetime:
        """Put on record that a place is elsewhere since then, and tell when that was recorded."""
        with writing(self.engine) as db:
            fact = Fact(
                subject=Subject(kind="place", id=id, operation=self.operation),
                kind="edited",
                effective_at=since,
                actor=OCHA,
                aspects={"geometry": as_recorded(shape) if shape else None},
            )
            event = ledger.append(db, fact, at=ledger.moment(db))
            place = Place(id=id, collection=COLLECTION, operation=self.operation)
            disclose(db, [place], _told, at=event.recorded_at)
            return event.recorded_at

    def put_all(self, *places: tuple[Point | Line | None, Sensitivity]) -> list[UUID]:
        """Put several on record, and give their ids."""
        with writing(self.engine) as db:
            return [self.put(db, shape, sensitivity) for shape, sensitivity in places]

    def question(self, audience: Audience, **more: Any) -> Question:
        """Ask for these places as one who belongs to an audience."""
        caller = Caller(role=Role.COORDINATOR, operations={self.operation: audience})
        given: dict[str, Any] = {"operation": self.operation, "now": datetime.now(UTC)}
        return Question(collection=COLLECTION, caller=caller, **(given | more))


def _told(entries: Entries, rights: Mapping[UUID, Classed]) -> dict[UUID, Recorded]:
    return {
        id: Recorded(id=id, entries=found, classed=rights[id], compose=_composed)
        for id, found in entries.items()
    }


def _composed(_: object, precision: Precision, __: Audience, ___: datetime) -> dict[str, Any]:
    return {"precision": precision.value}
