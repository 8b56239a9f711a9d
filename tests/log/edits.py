"""What a superuser of the database does to the history behind the service's back."""

import random
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

import orjson
import rfc8785
from sqlalchemy import Column, Row, Table, and_, delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.domain.record import commitment
from app.ledger.tables import (
    EventAspectRow,
    EventRedactedRow,
    EventReplacedRow,
    EventRow,
    EventValueRow,
)
from app.log import tree
from app.log.tables import LogCheckpointRow, LogEntryRow, LogNodeRow
from tests.store.tampering import edit

_event = EventRow.__table__
_value = EventValueRow.__table__
_aspect = EventAspectRow.__table__
_replaced = EventReplacedRow.__table__
_redacted = EventRedactedRow.__table__
_entry = LogEntryRow.__table__
_node = LogNodeRow.__table__
_checkpoint = LogCheckpointRow.__table__
_TOLD = (_event, _value, _aspect, _replaced, _redacted, _entry, _node)
"""Tables of which an export tells what they hold, or on which its root rests."""
_INDEXED = {("event_replaced", "sequence"), ("event_replaced", "recorded_at")}
"""What follows from the event that is named; `passage doctor --replay` compares it."""

Edit = Callable[[Session, random.Random], str]


def edit_a_column(db: Session, chance: random.Random) -> str:
    """Give one column of one row another value."""
    columns = [
        column
        for table in _TOLD
        for column in table.columns
        if (table.name, column.name) not in _INDEXED
    ]
    column: Column[Any] = chance.choice(columns)
    row = _some_row(db, chance, _table(column))
    edit(db, column, row)
    return f"{column} of {row}"


def delete_a_row(db: Session, chance: random.Random) -> str:
    """Delete one row."""
    table: Table = chance.choice(_TOLD)
    row = _some_row(db, chance, table)
    db.execute(delete(table).where(_this(table, row)))
    return f"{table.name} {row}"


def insert_a_row(db: Session, chance: random.Random) -> str:
    """Insert a row like another one, under a key that is free."""
    table: Table = chance.choice((_event, _value, _aspect, _replaced, _redacted))
    row = dict(_some_row(db, chance, table)._mapping)
    if table is _event:
        row |= {"id": uuid4(), "sequence": row["sequence"] + 1000}
    elif table is _value:
        row["field"] = "aspect/added"
    elif table is _redacted:
        row["field"] = "warnings"
    else:
        row["aspect"] = "added"
    db.execute(insert(table), row)
    return f"{table.name} {row}"


def insert_an_event_with_a_leaf(db: Session, chance: random.Random) -> str:
    """Insert an event somewhere before the end, and move all leaves after it."""
    row = dict(_some_row(db, chance, _event)._mapping)
    row |= {"id": uuid4(), "sequence": row["sequence"] + 1000}
    db.execute(insert(_event), row)
    order = _order(db)
    place = chance.randrange(len(order) - 1)
    log_anew(db, [*order[:place], row["id"], *order[place:]])
    return f"event {row['id']} at {place}"


def swap_two_leaves(db: Session, chance: random.Random) -> str:
    """Put two events in each other's place, and compute the tree again."""
    order = _order(db)
    one, other = chance.sample(range(len(order)), 2)
    order[one], order[other] = order[other], order[one]
    log_anew(db, order)
    return f"leaves {one} and {other}"


def leave_out_an_event(db: Session, chance: random.Random) -> str:
    """Delete an event with all that belongs to it, and close the gap."""
    order = _order(db)
    gone = order.pop(chance.randrange(len(order)))
    log_anew(db, order)
    for table in (_value, _aspect, _redacted):
        db.execute(delete(table).where(table.c.event_id == gone))
    db.execute(delete(_replaced).where(_replaced.c.by_event_id == gone))
    db.execute(delete(_event).where(_event.c.id == gone))
    return f"event {gone}"


def tell_another_story(db: Session, chance: random.Random) -> str:
    """Give an aspect another value, commit to it in the record, and compute the tree again.

    Not what a redaction says it redacts: told otherwise, that contradicts what is erased.
    """
    told = _value.c.field.like("aspect/%"), _value.c.field.not_like("aspect/redaction:%")
    values = select(_value).where(*told)
    row = chance.choice(db.execute(values.order_by(*_value.primary_key.columns)).all())
    text = orjson.dumps({"told": f"otherwise {chance.random()}"}).decode()
    db.execute(update(_value).where(_this(_value, row)).values(value=text))
    own = _event.c.id == row.event_id
    record = orjson.loads(bytes(db.execute(select(_event.c.record).where(own)).scalar_one()))
    record["values"][row.field] = commitment(row.field, row.salt, orjson.loads(text))
    db.execute(update(_event).where(own).values(record=rfc8785.dumps(record)))
    log_anew(db, _order(db))
    return f"{row.field} of {row.event_id}"


def restore_a_backup(db: Session, chance: random.Random) -> str:
    """Take away the newest events and leaves, as a backup of before would."""
    size = tree.size(db)
    left = size - chance.randrange(1, 20)
    for id in _order(db)[left:]:
        for table in (_value, _aspect, _redacted):
            db.execute(delete(table).where(table.c.event_id == id))
        db.execute(delete(_replaced).where(_replaced.c.by_event_id == id))
        db.execute(delete(_entry).where(_entry.c.event_id == id))
        db.execute(delete(_event).where(_event.c.id == id))
    whole = left // tree.TILE
    db.execute(delete(_node).where(_node.c.node_index >= whole))
    db.execute(delete(_checkpoint).where(_checkpoint.c.size > left))
    return f"{left} of {size} events"


def log_anew(db: Session, order: Sequence[UUID]) -> None:
    """Compute the whole tree again, over events in another order."""
    records = {
        row.id: bytes(row.record) for row in db.execute(select(_event.c.id, _event.c.record))
    }
    for table in (_entry, _node, _checkpoint):
        db.execute(delete(table))
    tree.add(db, 0, [(id, records[id]) for id in order])


def _order(db: Session) -> list[UUID]:
    return list(db.execute(select(_entry.c.event_id).order_by(_entry.c.leaf_index)).scalars())


def _some_row(db: Session, chance: random.Random, table: Table) -> Row[Any]:
    count = db.execute(select(func.count()).select_from(table)).scalar_one()
    ordered = select(table).order_by(*table.primary_key.columns)
    return db.execute(ordered.offset(chance.randrange(count)).limit(1)).one()


def _this(table: Table, row: Row[Any]) -> Any:
    return and_(*(key == row._mapping[key.name] for key in table.primary_key.columns))


def _table(column: Column[Any]) -> Table:
    assert isinstance(column.table, Table)
    return column.table


EDITS: Sequence[Edit] = (
    edit_a_column,
    delete_a_row,
    insert_a_row,
    insert_an_event_with_a_leaf,
    swap_two_leaves,
    leave_out_an_event,
    tell_another_story,
    restore_a_backup,
)


def edit_nothing(db: Session, chance: random.Random) -> str:
    """Write one row as it is."""
    table: Table = chance.choice(_TOLD)
    row = _some_row(db, chance, table)
    db.execute(update(table).where(_this(table, row)).values(dict(row._mapping)))
    return f"{table.name} {row}"


def put_a_row_back(db: Session, chance: random.Random) -> str:
    """Delete one row, and insert it again."""
    table: Table = chance.choice(_TOLD)
    row = _some_row(db, chance, table)
    db.execute(delete(table).where(_this(table, row)))
    db.execute(insert(table), dict(row._mapping))
    return f"{table.name} {row}"


def compute_the_tree_again(db: Session, chance: random.Random) -> str:
    """Compute the whole tree again, over the same events."""
    log_anew(db, _order(db))
    return "nothing"


HARMLESS: Sequence[Edit] = (edit_nothing, put_a_row_back, compute_the_tree_again)
