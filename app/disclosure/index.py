"""The index of space and time: SQLite's R*Tree, kept here in the same transaction.

PostgreSQL keeps its GiST index by itself. Entries are rounded outward, to 10⁻⁷ degrees and to
minutes: the index gives candidates, the exact conditions stand in the question.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import ceil, floor
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from app.domain.policy import Audience

TABLE = "disclosed_index"
MAKE = (
    f"CREATE VIRTUAL TABLE {TABLE} USING rtree_i32(id, west, east, south, north, "
    "valid_from, valid_until, recorded_from, recorded_until, seen_from, seen_until)"
)
COLLECTIONS = ("sites", "corridors", "incidents")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_LAST = 2**31 - 1
_SCALE = 10**7
_ADD = text(
    f"INSERT INTO {TABLE} VALUES (:id, :west, :east, :south, :north, :valid_from, :valid_until, "
    ":recorded_from, :recorded_until, :seen, :seen)"
)
_END = text(f"UPDATE {TABLE} SET recorded_until = :until WHERE id IN :ids").bindparams(
    bindparam("ids", expanding=True)
)
_REMOVE = text(f"DELETE FROM {TABLE} WHERE id IN :ids").bindparams(bindparam("ids", expanding=True))


def add(db: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Add entries for new rows."""
    if rows and _is_ours(db):
        db.execute(_ADD, [entry(row) for row in rows])


def end(db: Session, ids: Sequence[int], at: datetime) -> None:
    """End entries in the record."""
    if ids and _is_ours(db):
        db.execute(_END, {"ids": list(ids), "until": minutes_up(at)})


def remove(db: Session, ids: Sequence[int]) -> None:
    """Remove entries."""
    if ids and _is_ours(db):
        db.execute(_REMOVE, {"ids": list(ids)})


def seen_as(collection: str, audience: Audience) -> int:
    """Give the coordinate by which one audience's rows of one collection are told apart."""
    return COLLECTIONS.index(collection) * 16 + list(Audience).index(audience)


def minutes_down(at: datetime) -> int:
    """Give the minute in which `at` lies, as the index counts it."""
    return min(floor((at - _EPOCH) / _MINUTE), _LAST)


def minutes_up(at: datetime) -> int:
    """Give the minute by whose beginning `at` is over, as the index counts it."""
    return min(ceil((at - _EPOCH) / _MINUTE), _LAST)


def degrees_down(degrees: float) -> int:
    """Round degrees down to a coordinate of the index."""
    return floor(degrees * _SCALE) - 1


def degrees_up(degrees: float) -> int:
    """Round degrees up to a coordinate of the index."""
    return ceil(degrees * _SCALE) + 1


def _is_ours(db: Session) -> bool:
    return db.get_bind().dialect.name == "sqlite"


def entry(row: Mapping[str, Any]) -> dict[str, int]:
    """Give the entry of a disclosed row."""
    return {
        "id": row["id"],
        "west": degrees_down(row["west"]),
        "east": degrees_up(row["east"]),
        "south": degrees_down(row["south"]),
        "north": degrees_up(row["north"]),
        "valid_from": minutes_down(row["valid_from"]),
        "valid_until": minutes_up(row["valid_until"]),
        "recorded_from": minutes_down(row["recorded_from"]),
        "recorded_until": minutes_up(row["recorded_until"]),
        "seen": seen_as(row["collection"], row["audience"]),
    }
