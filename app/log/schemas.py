"""What answers about the log hold; hashes are lower-case hex."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

_HASH = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
_EVENT = "b7d9f1a3-5c7e-4a9b-8d1f-3c5e7a9b1d3f"
_ENTRY: dict[str, Any] = {
    "index": 41,
    "event": _EVENT,
    "leaf_hash": _HASH,
    "record": '{"basis":"stated","effective_at":"2022-04-26T16:00:00.000000Z", …}',
}
_INCLUSION: dict[str, Any] = {
    "event": _EVENT,
    "index": 41,
    "size": 97,
    "leaf_hash": _HASH,
    "proof": [_HASH],
    "root": _HASH,
}


class EntryOut(BaseModel):
    """One entry of the log; of an event that you may not read only its leaf."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [_ENTRY]})

    index: int
    event: UUID | None
    leaf_hash: str = Field(description="SHA-256(0x00 ‖ record)")
    record: str | None = Field(description="the exact text whose UTF-8 bytes are the record")


class InclusionOut(BaseModel):
    """Why an event is in the tree of a checkpoint (RFC 9162, 2.1.3)."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [_INCLUSION]})

    event: UUID
    index: int
    size: int
    leaf_hash: str
    proof: list[str]
    root: str


class ConsistencyOut(BaseModel):
    """Why the tree of one checkpoint begins that of another (RFC 9162, 2.1.4)."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={"examples": [{"from": 90, "to": 97, "proof": [_HASH, _HASH]}]},
    )

    from_: int = Field(serialization_alias="from")
    to: int
    proof: list[str]
