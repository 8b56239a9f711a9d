"""The rows that bear statuses out, as they follow from the record: none of what was erased."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from app.agreements import aspects
from app.agreements.tables import (
    AttestationRow,
    CountedConfirmationRow,
    CountedRevisionRow,
    PositionRow,
    StatusChangeRow,
    SuccessionRow,
)
from app.domain.agreement.status import Status
from app.ledger.reading import Entry

POSITION = PositionRow.__table__
ATTESTATION = AttestationRow.__table__
CONFIRMATION = CountedConfirmationRow.__table__
REVISION = CountedRevisionRow.__table__
SUCCESSION = SuccessionRow.__table__
STATUS = StatusChangeRow.__table__
IN_ORDER = (POSITION, ATTESTATION, CONFIRMATION, REVISION, SUCCESSION, STATUS)
"""Each after what it names, and a status after what it counted: the database looks at that."""

Row = dict[str, Any]
Rows = Mapping[Table, list[Row]]


def stated(entries: Iterable[Entry]) -> Rows:
    """Give the rows of entries of one agreement, in the order in which they are to be added.

    Entries that a later event took out keep theirs.
    """
    found: dict[Table, list[Row]] = {table: [] for table in IN_ORDER}
    for entry in entries:
        make = _ROWS.get(entry.aspect.partition(":")[0])
        if make is not None and entry.value is not None:
            for table, row in make(entry):
                found[table].append(row)
    return found


def standing(entries: Iterable[Entry]) -> Rows:
    """Give the rows of all entries ever said; what rests on an erased one goes with it."""
    found = stated(entries)
    positions = {row["id"] for row in found[POSITION]}
    attestations = [row for row in found[ATTESTATION] if row["position_id"] in positions]
    attested = {None, *(row["id"] for row in attestations)}
    confirmations = [
        row
        for row in found[CONFIRMATION]
        if row["position_id"] in positions and row["attestation_id"] in attested
    ]
    return {**found, ATTESTATION: attestations, CONFIRMATION: confirmations}


def _position(entry: Entry) -> Iterable[tuple[Table, Row]]:
    position = aspects.read_position(entry)
    row = {
        "id": position.id,
        "agreement_id": entry.subject,
        "organisation_id": position.organisation,
        "stance": position.stance,
        "stated_at": position.stated_at,
        "recorded_by_organisation_id": position.recorded_by.organisation,
        "recorded_by_holder": position.recorded_by.folded_holder,
        "basis": position.basis,
        "revision": position.revision,
        "terms_hash": position.terms_hash,
        "form": position.form,
        "valid_until": position.valid_until,
    }
    yield POSITION, row


def _attestation(entry: Entry) -> Iterable[tuple[Table, Row]]:
    attestation = aspects.read_attestation(entry)
    row = {
        "id": attestation.id,
        "position_id": attestation.position,
        "organisation_id": attestation.by.organisation,
        "holder": attestation.by.folded_holder,
    }
    yield ATTESTATION, row


def _status(entry: Entry) -> Iterable[tuple[Table, Row]]:
    value = aspects.members(entry)
    for one in value.get("counted", []):
        row: Row = {
            "change_id": entry.event,
            "organisation_id": UUID(one["organisation"]),
            "position_id": UUID(one["position"]),
            "attestation_id": UUID(one["attestations"][0]) if one["attestations"] else None,
        }
        yield CONFIRMATION, row
    for one in value.get("extended", []):
        yield REVISION, {"change_id": entry.event, **one}
    if value["to"] == Status.SUPERSEDED:
        yield SUCCESSION, _succession(entry, value["successor"])
    row = {
        "id": entry.event,
        "agreement_id": entry.subject,
        "status": Status(value["to"]),
        "effective_at": entry.effective_at,
        "revision": value.get("revision"),
        "terms_hash": value.get("terms_hash"),
    }
    yield STATUS, row


def _succession(entry: Entry, successor: str) -> Row:
    return {
        "change_id": entry.event,
        "agreement_id": entry.subject,
        "successor_id": UUID(successor),
    }


_ROWS: dict[str, Callable[[Entry], Iterable[tuple[Table, Row]]]] = {
    "position": _position,
    "attestation": _attestation,
    "status": _status,
}
