"""The audit: reads a database row by row and says in sentences what is lost, half or double."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Row, Table, select

from app.access.tables import PrincipalRow
from app.access.token import token_hash
from app.agreements.tables import AgreementRow, PositionRow, StatusChangeRow
from app.domain.instant import format_instant
from app.domain.record import commitment
from app.ledger.tables import (
    EventAspectRow,
    EventRow,
    EventValueRow,
    IdempotencyKeyRow,
    SubjectRow,
)
from tests.faults.places import Places, Said, faults_of_places, read_places
from tests.faults.writers import Acknowledged, Journal

_MARK = re.compile(r"mark-[0-9a-f-]{36}")

Rows = Sequence[Row[*tuple[Any, ...]]]


@dataclass(frozen=True, kw_only=True)
class Found:
    """All rows that the audit looks at."""

    subjects: Rows
    events: Rows
    aspects: Rows
    values: Rows
    keys: Rows
    agreements: Rows
    positions: Rows
    status_changes: Rows
    principals: Rows
    places: Places


def audit(engine: Engine, journal: Journal | None = None) -> list[str]:
    """Say what is wrong with the record by itself, and against what writers were told."""
    with engine.connect() as connection:
        found = _read(connection)
    faults = [*_sequences(found), *_records(found), *_rows(found), *_keys(found)]
    faults += faults_of_places(found.places, _said(found))
    return faults if journal is None else [*faults, *journal.wrong, *_against(journal, found)]


def _read(connection: Connection) -> Found:
    def rows(of: Any) -> Rows:
        table: Table = of.__table__
        return connection.execute(select(table)).all()

    return Found(
        subjects=rows(SubjectRow),
        events=rows(EventRow),
        aspects=rows(EventAspectRow),
        values=rows(EventValueRow),
        keys=rows(IdempotencyKeyRow),
        agreements=rows(AgreementRow),
        positions=rows(PositionRow),
        status_changes=rows(StatusChangeRow),
        principals=rows(PrincipalRow),
        places=read_places(connection),
    )


def _sequences(found: Found) -> Iterator[str]:
    """One event for each version, without a gap, and the subject at the last one."""
    of_subject = defaultdict(list)
    for event in found.events:
        of_subject[event.subject_id].append(event)
    for subject in found.subjects:
        events = sorted(of_subject.pop(subject.id, []), key=lambda e: e.sequence)
        sequences = [event.sequence for event in events]
        if sequences != list(range(1, subject.version + 1)):
            yield f"{subject.id} is at version {subject.version} with events {sequences}"
        elif subject.recorded_at != events[-1].recorded_at:
            yield f"{subject.id} was not recorded with its last event"
        if any(earlier.recorded_at > later.recorded_at for earlier, later in pairwise(events)):
            yield f"{subject.id} has a later event that was recorded earlier"
    for lost in of_subject:
        yield f"{lost} has events and no subject"


def _records(found: Found) -> Iterator[str]:
    """Each event has exactly the values and aspects that its record commits to."""
    values, aspects = _by_event(found.values), _by_event(found.aspects)
    for event in found.events:
        record = json.loads(event.record)
        said = {
            value.field: commitment(value.field, value.salt, json.loads(value.value))
            for value in values.pop(event.id, [])
        }
        if said != record["values"]:
            yield f"event {event.id} holds other values than its record commits to"
        if (record["event"], record["sequence"]) != (str(event.id), event.sequence):
            yield f"event {event.id} holds the record of another"
        if record["recorded_at"] != format_instant(event.recorded_at):
            yield f"event {event.id} was recorded at another time than its record says"
        named = {f for f in record["values"] if f.startswith("aspect/")}
        mine = aspects.pop(event.id, [])
        if {f"aspect/{aspect.aspect}" for aspect in mine} != named:
            yield f"event {event.id} has other aspects than its record names"
        if any((a.subject_id, a.sequence) != (event.subject_id, event.sequence) for a in mine):
            yield f"event {event.id} has an aspect of another version"
    for lost in {*values, *aspects}:
        yield f"there are values or aspects of {lost}, which is no event"


def _by_event(rows: Rows) -> dict[UUID, list[Row[*tuple[Any, ...]]]]:
    grouped = defaultdict(list)
    for row in rows:
        grouped[row.event_id].append(row)
    return grouped


def _rows(found: Found) -> Iterator[str]:
    """The present rows say what the events say, no more and no less."""
    stated = {a.event_id for a in found.aspects if a.aspect.startswith("position:")}
    proposed = {s.id for s in found.subjects if s.kind == "agreement"}
    moved = {a.event_id for a in found.aspects if a.aspect == "status" and a.subject_id in proposed}
    yield from _differ("position", stated, found.positions)
    yield from _differ("status change", moved, found.status_changes)
    yield from _differ("agreement", proposed, found.agreements)
    for kind, rows in (("corridor", found.places.corridors), ("site", found.places.sites)):
        yield from _differ(kind, {s.id for s in found.subjects if s.kind == kind}, rows)
    status = _statuses(found, proposed)
    for agreement in found.agreements:
        if status.get(agreement.id) != agreement.status.value:
            yield f"agreement {agreement.id} is {agreement.status}, its events say another status"


def _differ(what: str, wanted: set[UUID], rows: Rows) -> Iterator[str]:
    present = {row.id for row in rows}
    yield from (f"{what} {id} is in the history and has no row" for id in wanted - present)
    yield from (f"{what} {id} has a row and is not in the history" for id in present - wanted)


def _statuses(found: Found, subjects: set[UUID]) -> Mapping[UUID, str | None]:
    values = {v.event_id: json.loads(v.value) for v in found.values if v.field == "aspect/status"}
    told = [a for a in found.aspects if a.aspect == "status" and a.subject_id in subjects]
    told.sort(key=lambda a: (a.effective_at, a.sequence))
    return {a.subject_id: (values.get(a.event_id) or {}).get("to") for a in told}


def _said(found: Found) -> Iterator[Said]:
    """Give what the record says, without what was taken out."""
    values = {(v.event_id, v.field): json.loads(v.value) for v in found.values}
    for aspect in found.aspects:
        value = values.get((aspect.event_id, f"aspect/{aspect.aspect}"))
        if value is not None:
            yield Said(
                subject=aspect.subject_id,
                aspect=aspect.aspect,
                value=value,
                recorded_at=aspect.recorded_at,
                effective_at=aspect.effective_at,
                sequence=aspect.sequence,
            )


def _keys(found: Found) -> Iterator[str]:
    """Each key names an event of its subject, and no event has two."""
    subjects = {event.id: event.subject_id for event in found.events}
    named: set[UUID] = set()
    for key in found.keys:
        if subjects.get(key.event_id) != key.subject_id:
            yield f"key {key.key} names an event that is not of its subject"
        if key.event_id in named:
            yield f"event {key.event_id} has two keys"
        named.add(key.event_id)


def _against(journal: Journal, found: Found) -> Iterator[str]:
    """What was acknowledged is there once, under its version and key; what was refused is not."""
    marked = _marked(found)
    events = {event.id: event for event in found.events}
    holders = {principal.token_hash: principal.id for principal in found.principals}
    kept = {(key.principal_id, key.key): key.event_id for key in found.keys}
    for said in journal.acknowledged:
        mine = marked.pop(said.wish.mark, [])
        place = f"{said.wish.path} of version {said.version}"
        if len(mine) != 1:
            yield f"{place} was acknowledged and is there {len(mine)} times"
            continue
        event = events[mine[0]]
        if (event.subject_id, event.sequence) != (said.subject, said.version):
            yield f"{place} was acknowledged with another version than it has"
        if not _same_id(said, event):
            yield f"{place} was acknowledged under another id than it has"
        if kept.get((holders[token_hash(said.wish.token)], said.wish.key)) != event.id:
            yield f"{place} was acknowledged and its key is not kept"
    yield from (
        f"{wish.path} was refused and is there" for wish in journal.refused if wish.mark in marked
    )
    refused = {wish.mark for wish in journal.refused}
    yield from (f"{mark} is there and nobody was told" for mark in marked if mark not in refused)


def _same_id(said: Acknowledged, event: Row[*tuple[Any, ...]]) -> bool:
    return said.id in (None, event.id, event.subject_id)


def _marked(found: Found) -> dict[str, list[UUID]]:
    marked: dict[str, set[UUID]] = defaultdict(set)
    for value in found.values:
        for mark in _marks(value.value):
            marked[mark].add(value.event_id)
    return {mark: list(events) for mark, events in marked.items()}


def _marks(text: str) -> Iterable[str]:
    return _MARK.findall(text)
