"""The present rows of resources, as they follow from the whole record of each."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.access.resource.kind import Kind
from app.ledger.projection import Owned
from app.ledger.reading import winners
from app.ledger.whole import Whole


def present(whole: Whole) -> dict[str, Any]:
    """Give all fields as they hold now."""
    return {name: entry.value for name, entry in winners(whole.standing).items()}


def row_of(kind: Kind, whole: Whole, columns: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Give the row of a resource.

    Args:
        columns: what it holds that follows otherwise than from the fields alone.
    """
    fields = kind.row(present(whole))
    return {"id": whole.id, "created_at": whole.created_at, **fields, **(columns or {})}


def owned(kind: Kind, *, untold: Iterable[str] = ()) -> Owned:
    """Give the table of a kind as one whose rows follow from the record."""
    return Owned(table=kind.table, by="id", untold=frozenset(untold))
