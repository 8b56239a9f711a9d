"""Releases of severe places: no row holds their exact shape before its time, so rows are made then.

Of all other classes the rows for after the release are written ahead, unseen until it comes. For the
highest class even that would be an exact shape in a second place. So whoever reads places first
lets those be disclosed whose release has come, looked up once a second at most.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Annotated
from uuid import UUID

import anyio
from anyio.to_thread import run_sync
from fastapi import Depends
from sqlalchemy import Engine, Table, exists, select
from sqlalchemy.orm import Session
from starlette.requests import Request

from app.db.session import reading, writing
from app.disclosure.tables import FOREVER, DisclosedFeatureRow
from app.domain.disclosure import Sensitivity
from app.domain.policy import Audience
from app.ledger.tables import SubjectRow

_FRESH_S = 1.0
_feature = DisclosedFeatureRow.__table__
_subject = SubjectRow.__table__


@dataclass(frozen=True, kw_only=True)
class Releasing:
    """One kind of places.

    Attributes:
        table: of the present state, with `sensitivity` and `release_at`.
        make_anew: makes all rows of places anew, as of an instant.
    """

    table: Table
    make_anew: Callable[[Session, Sequence[UUID], datetime], None]


_kinds: tuple[Releasing, ...] = ()


def release(*kinds: Releasing) -> None:
    """Set which kinds of places there are, in place of those that were set."""
    global _kinds  # noqa: PLW0603  # one program, set before anything is read
    _kinds = kinds


class Releases:
    """Discloses severe places whose release has come; one look at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turn = anyio.Lock()
        self._until = 0.0

    async def come(self) -> None:
        """Disclose what is due, as of a second ago or later."""
        if monotonic() < self._until:
            return
        async with self._turn:
            if monotonic() >= self._until:
                await run_sync(disclose_due, self._engine)
                self._until = monotonic() + _FRESH_S


def disclose_due(engine: Engine) -> None:
    """Make the rows of severe places whose release has come and that the public does not see yet."""
    now = datetime.now(UTC)
    with reading(engine) as db:
        if not any(_due(db, kind.table, now) for kind in _kinds):
            return
    with writing(engine) as db:
        for kind in _kinds:
            for at, places in _due(db, kind.table, now).items():
                kind.make_anew(db, places, at)


def _due(db: Session, table: Table, now: datetime) -> Mapping[datetime, list[UUID]]:
    """Give the places that are due, by the instant from which their rows should have been there.

    It does not tell when somebody read first, which others could see in what is counted.
    """
    is_seen = exists().where(
        _feature.c.place_id == table.c.id,
        _feature.c.audience == Audience.PUBLIC,
        _feature.c.recorded_until == FOREVER,
    )
    question = (
        select(table.c.id, table.c.release_at, _subject.c.recorded_at)
        .join(_subject, _subject.c.id == table.c.id)
        .where(table.c.sensitivity == Sensitivity.SEVERE, table.c.release_at <= now, ~is_seen)
    )
    found: dict[datetime, list[UUID]] = defaultdict(list)
    for place, release_at, recorded_at in db.execute(question):
        found[max(release_at, recorded_at)].append(place)
    return dict(sorted(found.items()))


async def come(request: Request) -> None:
    """Let what is due be disclosed before a request reads places."""
    await request.app.state.releases.come()


Released = Annotated[None, Depends(come)]
"""Named by routes that read places, before all else: what is due is disclosed first."""
