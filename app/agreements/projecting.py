"""Agreements, their parties and what bears their statuses out, as they follow from the record."""

from typing import Any
from uuid import UUID

from app.agreements import rows, store
from app.agreements.held import KIND
from app.agreements.recorded import Recorded
from app.agreements.tables import AgreementRow, PartyRow
from app.domain.agreement.party import PartyRole
from app.ledger.projection import Owned, Projection, Rows
from app.ledger.reading import winners
from app.ledger.whole import Step, Whole

_AGREEMENT, _PARTY = AgreementRow.__table__, PartyRow.__table__
_BY_EVENT = {
    rows.POSITION: "id",
    rows.ATTESTATION: "id",
    rows.CONFIRMATION: "change_id",
    rows.REVISION: "change_id",
    rows.SUCCESSION: "change_id",
    rows.STATUS: "id",
}


def _rows(whole: Whole) -> Rows:
    return {
        _AGREEMENT: [_agreement(whole)],
        _PARTY: _parties(whole),
        **rows.standing(one.entry for one in whole.said),
    }


def _agreement(whole: Whole) -> dict[str, Any]:
    assert whole.subject.operation is not None
    found = Recorded(
        id=whole.id, operation=whole.subject.operation, entries=whole.standing, names={}
    )
    now = whole.recorded_at
    return {
        "id": whole.id,
        "operation_id": whole.subject.operation,
        "created_at": whole.created_at,
        **store.row(found.at(now), found.fields(now)),
    }


def _parties(whole: Whole) -> list[dict[str, Any]]:
    """Give who was a party since when, until when, as each change left it."""
    kept: list[dict[str, Any]] = []
    before: set[tuple[UUID, PartyRole]] = set()
    for step, entries in whole.versions():
        value: Any = winners(entries)["parties"].value
        after = {(UUID(one["organisation"]), PartyRole(one["role"])) for one in value}
        for row in kept:
            if row["until"] is None and (row["organisation_id"], row["role"]) in before - after:
                row["until"] = step.effective_at
        for organisation, role in after - before:
            _begin(kept, whole.id, organisation, role, step)
        before = after
    return kept


def _begin(
    kept: list[dict[str, Any]], agreement: UUID, organisation: UUID, role: PartyRole, step: Step
) -> None:
    row = {
        "agreement_id": agreement,
        "organisation_id": organisation,
        "role": role,
        "since": step.effective_at,
    }
    back = next((one for one in kept if row.items() <= one.items()), None)
    if back is None:
        kept.append({**row, "until": None})
    else:
        back["until"] = None


PROJECTION = Projection(
    kind=KIND,
    owned=(
        Owned(table=_AGREEMENT, by="id"),
        Owned(table=_PARTY, by="agreement_id"),
        *(Owned(table=table, by=by, via_event=True) for table, by in _BY_EVENT.items()),
    ),
    rows=_rows,
)
