"""One place: the only way to the exact shape of a severe one, for the operational audience."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import orjson
from sqlalchemy.orm import Session

from app.db.at_once import aside
from app.disclosure import reading
from app.disclosure.following import Told
from app.disclosure.places import classed
from app.disclosure.reading import Found, Question
from app.domain.disclosure import Sensitivity
from app.domain.policy import Audience
from app.ledger import store as ledger
from app.ledger.reading import NOW


def find_one(db: Session, question: Question, told: Told) -> Found | None:
    """Give the one place that is asked for, as its reader may see it; None where there is none.

    No row holds the exact shape of a severe place: it is made from the record, for this answer.
    """
    found = reading.seen(db, question)
    if found is None or found.audience is not Audience.OPERATIONAL or not _is_severe(found):
        return found
    return aside(partial(_exactly, db, question, told, found))


def _exactly(db: Session, question: Question, told: Told, found: Found) -> Found:
    entries = ledger.entries(db, [found.id], question.reading)
    rights = {found.id: classed(ledger.entries(db, [found.id], NOW)[found.id])}
    view = told(entries, rights)[found.id].exact(_instant(question, found), question.now)
    return replace(found, properties=view.properties, geojson=view.outline.geojson)


def _instant(question: Question, found: Found) -> datetime:
    """Give the instant of which a place is shown: of a state that ended before, its last."""
    at = max(question.reading.as_of or question.now, found.valid_from)
    if question.since is None or found.valid_until is None:
        return at
    return min(at, found.valid_until - timedelta.resolution)


def _is_severe(found: Found) -> bool:
    sensitivity = orjson.loads(f"{{{found.properties}}}").get("sensitivity")
    return bool(sensitivity == Sensitivity.SEVERE.value)
