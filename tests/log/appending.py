"""A process that appends events and may keep the log: `python -m tests.log.appending …`.

It goes on where it was killed, until it has as many events as it should. The id of each event whose
commit was seen is written to a file; so is each checkpoint, before it is kept.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4, uuid5

from sqlalchemy import Engine, exists, func, select
from sqlalchemy.orm import Session
from typing_extensions import override

from app.db.engine import make_engine
from app.db.errors import DatabaseUnavailable
from app.db.session import reading, writing
from app.domain.fact import Event, Fact, Subject
from app.domain.note import Note, read_note
from app.ledger import followers, store
from app.ledger.tables import EventRow
from app.log import sequencing
from app.log.keeper import Keeper
from app.log.keys import Files
from app.log.signing import Desk
from app.log.tables import LogOutboxRow
from app.settings import with_driver
from tests.store.ledger_given import OCHA, april

SHARED = [Subject(kind="agreement", id=UUID(int=n), operation=None) for n in (1, 2)]
"""Subjects that all processes append to."""
NAME = "log.example"
_PATIENCE_S = 10.0
_event = EventRow.__table__
_WAITS = select(exists().select_from(LogOutboxRow.__table__))


class Journalled(Files):
    """Files that remember every checkpoint that was ever signed."""

    @override
    def keep(self, note: Note) -> None:
        draft = self.directory / f".{uuid4()}"
        draft.write_text(str(note))
        draft.rename(self.directory / f"{draft.name}.note")
        super().keep(note)

    def notes(self) -> Sequence[Note]:
        """Give them all."""
        return [read_note(path.read_text()) for path in self.directory.glob(".*.note")]


def seen(folder: Path, name: str = "*") -> set[UUID]:
    """Give the ids of events whose commit was seen, of one process or all."""
    lines = [line for path in folder.glob(f"seen-{name}") for line in path.read_text().split("\n")]
    return {UUID(line) for line in lines if len(line) == 36}


def events(engine: Engine) -> set[UUID]:
    """Give the ids of all events that are there."""
    with reading(engine) as db:
        return set(db.execute(select(_event.c.id)).scalars())


def begin(engine: Engine) -> None:
    """Record the beginning of the subjects that are shared; only the log follows."""
    before = followers._followers
    followers.follow(sequencing.follow)
    for subject in SHARED:
        with writing(engine) as db:
            append(db, subject, "created", new=True)
    followers.follow(*before)


def append(db: Session, subject: Subject, kind: str, *, new: bool = False) -> Event:
    """Record that an agreement was proposed once more."""
    aspects = {"status": "proposed"}
    fact = Fact(subject=subject, kind=kind, effective_at=april(25), actor=OCHA, aspects=aspects)
    return store.append(db, fact, at=datetime.now(UTC), new=new)


def append_all(engine: Engine, name: str, count: int, tell: Callable[[UUID], object]) -> None:
    """Append events of the kind `name`, by turns to a subject of one's own and to a shared one."""
    own = Subject(kind="agreement", id=uuid5(UUID(int=0), name), operation=None)
    question = select(func.count()).select_from(_event).where(_event.c.kind == name)
    with reading(engine) as db:
        done = db.execute(question).scalar_one()
    while done < count:
        subject = SHARED[done % 4 // 2] if done % 2 else own
        try:
            with writing(engine) as db:
                made = append(db, subject, name, new=done == 0)
        except DatabaseUnavailable:
            continue  # nothing was stored
        tell(made.fact.id)
        done += 1


def _keep_up(engine: Engine) -> None:
    """Wait until nothing waits any more."""
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        with reading(engine) as db:
            if not db.execute(_WAITS).scalar_one():
                return
        time.sleep(0.05)
    sys.exit("events still wait for their index")


def main() -> None:
    """Append until the count is reached, and keep the log meanwhile and until nothing waits."""
    words = argparse.ArgumentParser()
    words.add_argument("--name", required=True)
    words.add_argument("--count", type=int, required=True)
    words.add_argument("--folder", type=Path, required=True)
    words.add_argument("--keeps", action="store_true")
    told = words.parse_args()
    followers.follow(sequencing.follow)
    engine = make_engine(with_driver(os.environ["PASSAGE_DATABASE_URL"]), pool_size=4)
    keeper = Keeper(engine, Desk(Journalled(told.folder), NAME))
    if told.keeps:
        keeper.start()
    with (told.folder / f"seen-{told.name}").open("a", buffering=1) as file:
        append_all(engine, told.name, told.count, lambda id: file.write(f"{id}\n"))
    if told.keeps:
        _keep_up(engine)
        keeper.stop()
    engine.dispose()


if __name__ == "__main__":
    main()
