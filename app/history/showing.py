"""An event as one auditor sees it: whole, but for operations that this auditor may not know."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson

from app.access.caller import Caller
from app.domain.record import aspect_field
from app.history import service
from app.history.schemas import EventOut
from app.ledger.history import Opened
from app.ledger.store import HistoryItem

_OPERATIONS = aspect_field("operations")


def shown(item: HistoryItem, caller: Caller) -> EventOut:
    """Show an event with the openings of its record."""
    opened = _openings(item, caller)
    values: dict[str, Any] = {field: opening.value for field, opening in opened.items()}
    aspects = aspect_field("")
    return EventOut.model_validate(
        {
            **{name: getattr(item, name) for name in ("id", "sequence", "kind", "basis")},
            "subject": {"kind": item.subject.kind, "id": item.subject.id},
            "operation": item.subject.operation,
            "effective_at": item.effective_at,
            "recorded_at": item.recorded_at,
            "organisation": item.organisation,
            "actor": values.get("actor"),
            "reason": values.get("reason"),
            "sources": values.get("sources") or [],
            "warnings": values.get("warnings") or [],
            "replaces": orjson.loads(item.record)["replaces"],
            "aspects": {
                field.removeprefix(aspects): value
                for field, value in values.items()
                if field.startswith(aspects)
            },
            "record": item.record.decode(),
            "openings": {
                field: {"salt": opening.salt.hex(), "value": opening.value}
                for field, opening in opened.items()
            },
            "redacted": dict(item.redacted),
        }
    )


def _openings(item: HistoryItem, caller: Caller) -> Mapping[str, Opened]:
    """Leave closed what would name an operation of a token that the auditor may not know.

    The record still holds the commitments, so that what is shown verifies.
    """
    named = item.values.get(_OPERATIONS)
    if item.subject.kind != "token" or named is None or not isinstance(named.value, list):
        return item.values
    known = service.operations_of(caller)
    if all(UUID(str(operation)) in known for operation in named.value):
        return item.values
    closed = {_OPERATIONS, "warnings"}
    return {field: opened for field, opened in item.values.items() if field not in closed}
