"""What of a site is to be seen follows what is recorded of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.disclosure.following import Entries, disclose
from app.disclosure.places import Recorded, changes_past
from app.disclosure.store import Place
from app.domain.disclosure import Classed
from app.domain.fact import Event
from app.ledger import store as ledger
from app.sites.features import COLLECTION, properties

KIND = "site"


def follow(db: Session, events: Sequence[Event]) -> None:
    """Disclose the sites that changed."""
    for event in events:
        subject = event.fact.subject
        if subject.kind != KIND:
            continue
        assert subject.operation is not None
        new = event.sequence == 1
        place = Place(id=subject.id, collection=COLLECTION, operation=subject.operation, new=new)
        back = [place.id] if not new and changes_past(event.fact) else []
        disclose(db, [place], told, at=event.recorded_at, back=back)


def make_anew(db: Session, sites: Sequence[UUID], at: datetime) -> None:
    """Make all rows of sites anew, those of earlier records too."""
    found = [ledger.lock(db, site) for site in sorted(sites)]
    places = [
        Place(id=site.id, collection=COLLECTION, operation=site.operation)
        for site in found
        if site is not None and site.operation is not None
    ]
    disclose(db, places, told, at=at, back=sites)


def told(entries: Entries, rights: Mapping[UUID, Classed]) -> dict[UUID, Recorded]:
    """Give sites from their entries, with the class and release of now."""
    return {
        site: Recorded(id=site, entries=found, classed=rights[site], compose=properties)
        for site, found in entries.items()
    }
