"""Rows of places follow the record: what a change made is disclosed in the same transaction."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from sqlalchemy.orm import Session

from app.disclosure import store
from app.disclosure.places import Recorded, classed
from app.disclosure.store import Place
from app.domain.disclosure import Classed
from app.ledger import store as ledger
from app.ledger.reading import NOW, Entry, Said

Entries: TypeAlias = "Mapping[UUID, Sequence[Entry]]"
Told: TypeAlias = "Callable[[Entries, Mapping[UUID, Classed]], Mapping[UUID, Recorded]]"
"""Gives places from their entries, and from the class and release that they have now."""


def disclose(
    db: Session,
    places: Sequence[Place],
    told: Told,
    *,
    at: datetime,
    back: Iterable[UUID] = (),
    entries: "Entries | None" = None,
) -> None:
    """Bring the rows of places in line with the record.

    Args:
        back: those of which rows of earlier records must be made anew too.
        entries: what the record says of all of them now, where that was read already.
    """
    again = set(back)
    ahead = [place for place in places if place.id not in again]
    if ahead:
        said = entries or ledger.entries(db, [place.id for place in ahead], NOW)
        found = _told({place.id: said[place.id] for place in ahead}, told)
        for id, stored in store.outlines(db, [p.id for p in ahead if not p.new]).items():
            found[id].has(stored)
        again |= {id for id, place in found.items() if place.is_late(at)}
        changes = [(place, found[place.id].panes(at)) for place in ahead if place.id not in again]
        store.publish(db, changes, at=at)
    for place in places:
        if place.id in again:
            all_said = ledger.said_over_time(db, place.id)
            store.rebuild(db, place, history(all_said, place.id, told, at), at=at)


def _told(said: Entries, told: Told) -> Mapping[UUID, Recorded]:
    return told(said, {place: classed(found) for place, found in said.items()})


def history(said: Sequence[Said], place: UUID, told: Told, at: datetime) -> store.History:
    """Give what was to be seen by each instant at which something of the place was recorded.

    Args:
        said: all that was ever said of it.
    """
    standing = [one.entry for one in said if one.until is None]
    all_of_it = {place: [one.entry for one in said]}
    whole = told(all_of_it, {place: classed(standing)})[place]
    instants = sorted(
        {one.entry.recorded_at for one in said} | {one.until for one in said if one.until}
    )
    return [
        (known_at, whole.known([one.entry for one in said if one.is_known(known_at)]).panes(at))
        for known_at in instants
    ]
