"""The whole record of one subject, as its events themselves tell it: what a replay starts from.

Read from the records and values alone: the tables that index them may say something else.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.fact import Basis, Subject
from app.domain.instant import parse_instant
from app.domain.json_value import Json
from app.domain.record import aspect_field
from app.domain.redaction import blank
from app.ledger.reading import Entry, Said
from app.ledger.tables import EventRow, EventValueRow

_event = EventRow.__table__
_value = EventValueRow.__table__
_ASPECT = aspect_field("")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One event of a subject.

    Attributes:
        values: of its fields; those that were erased are absent.
        taken_out: event and aspect of what it replaces.
    """

    record: Mapping[str, Any]
    values: Mapping[str, Json]
    organisation: UUID

    @cached_property
    def event(self) -> UUID:
        """Its id."""
        return UUID(self.record["event"])

    @property
    def sequence(self) -> int:
        """Its place in the subject."""
        return int(self.record["sequence"])

    @property
    def kind(self) -> str:
        """What happened."""
        return str(self.record["kind"])

    @cached_property
    def effective_at(self) -> datetime:
        """Since when it is so."""
        return parse_instant(self.record["effective_at"])

    @cached_property
    def recorded_at(self) -> datetime:
        """When it was recorded."""
        return parse_instant(self.record["recorded_at"])

    @property
    def fields(self) -> Mapping[str, str]:
        """The commitment to each field."""
        found: Mapping[str, str] = self.record["values"]
        return found

    @property
    def aspects(self) -> list[str]:
        """The names of the aspects that it sets."""
        return [name.removeprefix(_ASPECT) for name in self.fields if name.startswith(_ASPECT)]

    @cached_property
    def taken_out(self) -> list[tuple[UUID, str]]:
        """Give event and aspect of all that it replaces."""
        replaces = self.record["replaces"]
        return [(UUID(each["event"]), aspect) for each in replaces for aspect in each["aspects"]]

    def entries(self) -> Iterator[Entry]:
        """Give what it says of each aspect."""
        for aspect in self.aspects:
            field = aspect_field(aspect)
            yield Entry(
                subject=UUID(self.record["subject"]["id"]),
                aspect=aspect,
                value=self.values[field] if field in self.values else blank(aspect),
                event=self.event,
                sequence=self.sequence,
                effective_at=self.effective_at,
                recorded_at=self.recorded_at,
                kind=self.kind,
                basis=Basis(self.record["basis"]),
                organisation=self.organisation,
            )


@dataclass(frozen=True, kw_only=True)
class Whole:
    """All events of one subject, in their order."""

    subject: Subject
    steps: Sequence[Step]

    @property
    def id(self) -> UUID:
        """The subject's id."""
        return self.subject.id

    @property
    def created_at(self) -> datetime:
        """When its first event was recorded."""
        return self.steps[0].recorded_at

    @property
    def recorded_at(self) -> datetime:
        """When its last event was recorded."""
        return self.steps[-1].recorded_at

    @cached_property
    def said(self) -> list[Said]:
        """All that was ever said, also what was taken out, in the order of effect."""
        until: dict[tuple[UUID, str], datetime] = {}
        for step in self.steps:
            for taken in step.taken_out:
                until.setdefault(taken, step.recorded_at)
        found = [
            Said(entry=entry, until=until.get((entry.event, entry.aspect)))
            for step in self.steps
            for entry in step.entries()
        ]
        return sorted(found, key=lambda one: (one.entry.effective_at, one.entry.sequence))

    @property
    def standing(self) -> list[Entry]:
        """What was said and not taken out, in the order of effect."""
        return [one.entry for one in self.said if one.until is None]

    def known(self, at: datetime) -> list[Entry]:
        """Give what was recorded by `at` and not taken out by then, in the order of effect."""
        return [one.entry for one in self.said if one.is_known(at)]

    def versions(self) -> Iterator[tuple[Step, list[Entry]]]:
        """Give each event with what stood right after it, in the order of effect."""
        held: dict[tuple[UUID, str], Entry] = {}
        for step in self.steps:
            for taken in step.taken_out:
                held.pop(taken, None)
            held |= {(entry.event, entry.aspect): entry for entry in step.entries()}
            yield step, sorted(held.values(), key=lambda e: (e.effective_at, e.sequence))


def load(db: Session, subject: UUID) -> Whole | None:
    """Read the whole record of a subject; None where there are no events.

    Raises:
        ValueError: a record or value is no JSON, or not of the form that records have.
        LookupError: a member of a record is missing.
    """
    rows = db.execute(
        select(_event.c.id, _event.c.organisation_id, _event.c.record)
        .where(_event.c.subject_id == subject)
        .order_by(_event.c.sequence)
    ).all()
    values = _values(db, subject)
    steps = [
        Step(
            record=orjson.loads(bytes(row.record)),
            values=values.get(row.id, {}),
            organisation=row.organisation_id,
        )
        for row in rows
    ]
    if not steps:
        return None
    first = steps[0].record
    operation = first["operation"]
    found = Subject(
        kind=first["subject"]["kind"],
        id=UUID(first["subject"]["id"]),
        operation=None if operation is None else UUID(operation),
    )
    return Whole(subject=found, steps=steps)


def _values(db: Session, subject: UUID) -> dict[UUID, dict[str, Json]]:
    question = (
        select(_value.c.event_id, _value.c.field, _value.c.value)
        .join(_event, _event.c.id == _value.c.event_id)
        .where(_event.c.subject_id == subject)
    )
    found: dict[UUID, dict[str, Json]] = {}
    for row in db.execute(question):
        found.setdefault(row.event_id, {})[row.field] = orjson.loads(row.value)
    return found
