"""Tokens and the operations that they name, as they follow from the record; the hash does not."""

from uuid import UUID

from app.access.resource.projecting import owned, present, row_of
from app.access.tables import PrincipalOperationRow
from app.ledger.projection import Owned, Projection, Rows
from app.ledger.reading import winners
from app.ledger.whole import Whole
from app.tokens.service import KIND

_NAMED = PrincipalOperationRow.__table__


def _rows(whole: Whole) -> Rows:
    revoked = winners(whole.standing)["revoked"]
    columns = {"revoked_at": revoked.recorded_at if revoked.value else None}
    return {
        KIND.table: [row_of(KIND, whole, columns)],
        _NAMED: [
            {"principal_id": whole.id, "operation_id": UUID(operation)}
            for operation in present(whole)["operations"]
        ],
    }


PROJECTION = Projection(
    kind=KIND.name,
    owned=(owned(KIND, untold=["token_hash"]), Owned(table=_NAMED, by="principal_id")),
    rows=_rows,
)
