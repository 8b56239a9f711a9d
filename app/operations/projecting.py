"""Operations and their members as they follow from the record, and what is counted for each."""

from typing import Any

from app.access.resource.projecting import owned, row_of
from app.disclosure.counted import CELL, COUNTER, check
from app.ledger.projection import Owned, Projection, Rows
from app.ledger.reading import winners
from app.ledger.whole import Whole
from app.operations import members
from app.operations.service import KIND
from app.operations.tables import MembershipRow

_MEMBERSHIP = MembershipRow.__table__


def _rows(whole: Whole) -> Rows:
    return {KIND.table: [row_of(KIND, whole)], _MEMBERSHIP: _memberships(whole)}


def _memberships(whole: Whole) -> list[dict[str, Any]]:
    """Give the memberships, those that have ended too, as each change left them."""
    held: dict[Any, dict[str, Any]] = {}
    for step, entries in whole.versions():
        wanted = members.audiences(winners(entries)["members"].value)
        for organisation in held.keys() - wanted.keys():
            if held[organisation]["removed_at"] is None:
                held[organisation]["removed_at"] = step.recorded_at
        for organisation, audience in wanted.items():
            held[organisation] = {
                "operation_id": whole.id,
                "organisation_id": organisation,
                "audience": audience,
                "removed_at": None,
            }
    return list(held.values())


PROJECTION = Projection(
    kind=KIND.name,
    owned=(owned(KIND), Owned(table=_MEMBERSHIP, by="operation_id"), COUNTER, CELL),
    rows=_rows,
    apart=check,
)
