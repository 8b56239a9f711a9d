"""A redaction erases in the same transaction, several events of its subject at once."""

import pytest
from sqlalchemy import Engine, exc, insert, select

from app.db.session import reading, writing
from app.domain.redaction import KIND, Erasure
from app.ledger import store
from app.ledger.reading import NOW, Reading
from app.ledger.tables import EventRedactedRow, EventValueRow
from tests.store.ledger_given import (
    april,
    given_agreement,
    given_change,
    given_fact,
    given_redaction,
    record,
)

_value, _redacted = EventValueRow.__table__, EventRedactedRow.__table__


def fields(engine: Engine, event: object) -> set[str]:
    """Name the fields of an event whose values are there."""
    with reading(engine) as db:
        question = select(_value.c.field).where(_value.c.event_id == event)
        return set(db.execute(question).scalars())


def test_one_redaction_covers_several_events(engine: Engine) -> None:
    first = given_agreement(engine, april(25), title="x", note="y")
    second = given_change(engine, first, april(26), title="z")
    both = (
        Erasure(event=first.fact.id, fields=("aspect/note", "aspect/title")),
        Erasure(event=second.fact.id, fields=("actor",)),
    )
    aspects = {name: value for each in both for name, value in each.aspect().items()}
    fact = given_fact(first.fact.subject, aspects, kind=KIND, effective_at=april(27))
    by = record(engine, fact, april(27))
    assert {"aspect/note", "aspect/title"}.isdisjoint(fields(engine, first.fact.id))
    assert "actor" not in fields(engine, second.fact.id)
    with reading(engine) as db:
        rows = {(r.event_id, r.field, r.by_event_id) for r in db.execute(select(_redacted))}
    assert rows == {(each.event, f, by.fact.id) for each in both for f in each.fields}


def test_every_reading_of_any_time_finds_it_blank(engine: Engine) -> None:
    first = given_agreement(engine, april(25), title="x", note="y")
    given_redaction(engine, first, april(27), "aspect/title", "aspect/note", "actor", "reason")
    subject = first.fact.subject.id
    with reading(engine) as db:
        for asked in (NOW, Reading(as_of=april(26)), Reading(known_at=april(26)), Reading(upto=1)):
            held = {e.aspect: e.value for e in store.entries(db, [subject], asked)[subject]}
            assert (held["title"], held["note"]) == ("", None)
        made = store.event(db, first.fact.id)
    assert made is not None
    assert (made.fact.actor.holder, made.fact.reason) == ("", None)
    assert made.fact.actor.organisation == first.fact.actor.organisation
    assert dict(made.fact.aspects) == {"title": "", "note": None}


def test_what_is_not_there_is_not_erased_and_nothing_is_stored(engine: Engine) -> None:
    first = given_agreement(engine, april(25), title="x")
    with pytest.raises(ValueError, match="to erase"):
        given_redaction(engine, first, april(27), "aspect/note")
    with reading(engine) as db:
        assert store.versions(db, [first.fact.subject.id], NOW) == {first.fact.subject.id: 1}
        assert db.execute(select(_redacted)).all() == []


@pytest.mark.parametrize("seeded", ["kind", "other subject"])
def test_the_database_wants_the_event_that_says_so(engine: Engine, seeded: str) -> None:
    first = given_agreement(engine, april(25), title="x")
    other = given_agreement(engine, april(25), title="y")
    subject = first.fact.subject if seeded != "other subject" else other.fact.subject
    named = Erasure(event=first.fact.id, fields=("reason",)).aspect()
    kind = "edited" if seeded == "kind" else "marked"
    by = record(engine, given_fact(subject, named, kind=kind, effective_at=april(26)), april(26))
    row = {"event_id": first.fact.id, "field": "reason", "by_event_id": by.fact.id}
    with (
        pytest.raises(exc.IntegrityError, match="a redaction is an event"),
        writing(engine) as db,
    ):
        db.execute(insert(_redacted), row)
