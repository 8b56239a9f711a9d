"""The tables of the history beside the records in it: what a replay looks at first."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Table
from sqlalchemy.orm import Session

from app.domain import redaction
from app.domain.json_value import Json
from app.domain.record import NotRecordable, canonical, commitment
from app.ledger.projection import Difference, Owned, as_stored, compare, stored
from app.ledger.tables import (
    EventAspectRow,
    EventRedactedRow,
    EventReplacedRow,
    EventRow,
    EventValueRow,
    SubjectRow,
)
from app.ledger.whole import Step, Whole

SUBJECT = Owned(table=SubjectRow.__table__, by="id")
EVENT = Owned(table=EventRow.__table__, by="subject_id", untold=frozenset({"record"}))
ASPECT = Owned(table=EventAspectRow.__table__, by="event_id", via_event=True)
VALUE = Owned(
    table=EventValueRow.__table__,
    by="event_id",
    via_event=True,
    untold=frozenset({"salt", "value"}),
)
REPLACED = Owned(table=EventReplacedRow.__table__, by="event_id", via_event=True)
REDACTED = Owned(table=EventRedactedRow.__table__, by="event_id", via_event=True)
OWNED = (SUBJECT, EVENT, ASPECT, VALUE, REPLACED, REDACTED)


def check(db: Session, whole: Whole) -> Iterator[Difference]:
    """Compare all rows of the history of one subject with its records."""
    rows = _rows(whole)
    for owned in OWNED:
        found = stored(db, owned, owned.of(whole.id))
        yield from compare(owned, found, as_stored(db, owned, rows))
    yield from _check_order(whole)
    yield from _check_values(db, whole)
    yield from _check_records(db, whole)


def _rows(whole: Whole) -> dict[Table, list[dict[str, Any]]]:
    gone = _erased(whole)
    subject = {
        "id": whole.id,
        "kind": whole.subject.kind,
        "operation_id": whole.subject.operation,
        "version": len(whole.steps),
        "created_at": whole.created_at,
        "recorded_at": whole.recorded_at,
    }
    return {
        SUBJECT.table: [subject],
        EVENT.table: [_event(step) for step in whole.steps],
        ASPECT.table: [row for step in whole.steps for row in _aspects(step)],
        VALUE.table: [
            {"event_id": step.event, "field": field}
            for step in whole.steps
            for field in step.fields
            if (step.event, field) not in gone
        ],
        REPLACED.table: [row for step in whole.steps for row in _replaced(step)],
        REDACTED.table: [
            {"event_id": event, "field": field, "by_event_id": by}
            for (event, field), by in gone.items()
        ],
    }


def _erased(whole: Whole) -> dict[tuple[UUID, str], UUID]:
    return {
        (each.event, field): step.event
        for step in whole.steps
        if step.kind == redaction.KIND
        for each in redaction.erasures({e.aspect: e.value for e in step.entries()})
        for field in each.fields
    }


def _event(step: Step) -> dict[str, Any]:
    record, actor = step.record, step.values.get("actor")
    acted_for = UUID(str(actor["organisation"])) if isinstance(actor, dict) else step.organisation
    return {
        "id": step.event,
        "subject_id": UUID(record["subject"]["id"]),
        "subject_kind": record["subject"]["kind"],
        "operation_id": None if record["operation"] is None else UUID(record["operation"]),
        "sequence": step.sequence,
        "kind": step.kind,
        "effective_at": step.effective_at,
        "recorded_at": step.recorded_at,
        "basis": record["basis"],
        "organisation_id": acted_for,
    }


def _aspects(step: Step) -> Iterator[dict[str, Any]]:
    for aspect in step.aspects:
        yield {
            "event_id": step.event,
            "aspect": aspect,
            "subject_id": UUID(step.record["subject"]["id"]),
            "effective_at": step.effective_at,
            "sequence": step.sequence,
            "recorded_at": step.recorded_at,
        }


def _replaced(step: Step) -> Iterator[dict[str, Any]]:
    for event, aspect in step.taken_out:
        yield {
            "event_id": event,
            "aspect": aspect,
            "by_event_id": step.event,
            "sequence": step.sequence,
            "recorded_at": step.recorded_at,
        }


def _check_order(whole: Whole) -> Iterator[Difference]:
    """Events are numbered 1, 2, 3 …, and no later one was recorded earlier."""
    before = whole.steps[0].recorded_at
    for number, step in enumerate(whole.steps, start=1):
        if step.sequence != number:
            yield _of_event(step, "sequence", str(step.sequence), f"it is event {number}")
        if step.recorded_at < before:
            yield _of_event(step, "recorded_at", str(step.recorded_at), f"{before} or later")
        before = max(before, step.recorded_at)


def _check_values(db: Session, whole: Whole) -> Iterator[Difference]:
    """Each value opens the commitment in the record of its event."""
    fields = {
        (str(step.event), field): c for step in whole.steps for field, c in step.fields.items()
    }
    for row in stored(db, VALUE, VALUE.of(whole.id)):
        committed = fields.get((str(row["event_id"]), row["field"]))
        if committed is not None and _commitment(row) != committed:
            yield Difference(
                table=VALUE.table.name,
                row=f"{row['event_id']} {row['field']}",
                column="value",
                found="a value and salt that do not open the commitment",
                expected=committed,
            )


def _commitment(row: dict[str, Any]) -> str | None:
    try:
        value: Json = orjson.loads(row["value"])
        is_canonical = canonical(value).decode() == row["value"]
        return commitment(row["field"], row["salt"], value) if is_canonical else None
    except (NotRecordable, ValueError):
        return None


def _check_records(db: Session, whole: Whole) -> Iterator[Difference]:
    """Each record is in its canonical form, byte for byte."""
    for row in stored(db, EVENT, EVENT.of(whole.id)):
        try:
            is_canonical = canonical(orjson.loads(row["record"])) == row["record"]
        except (NotRecordable, ValueError):
            is_canonical = False
        if not is_canonical:
            yield Difference(
                table=EVENT.table.name,
                row=str(row["id"]),
                column="record",
                found="bytes that are not in canonical form",
                expected="RFC 8785",
            )


def _of_event(step: Step, column: str, found: str, expected: str) -> Difference:
    return Difference(
        table=EVENT.table.name, row=str(step.event), column=column, found=found, expected=expected
    )
