"""Any history, read at any instant as known at any other, is what a plain reading gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from app.db.session import reading, writing
from app.domain.fact import Event, Replaced
from app.ledger import store
from app.ledger.reading import Reading, winners
from tests.store.ledger_given import april, given_fact, given_subject

ASPECTS = ("status", "note", "term:routes")


@dataclass(frozen=True)
class Wish:
    """One change: hours after the last recording, hours before it, what it sets and takes out."""

    wait: int
    late: int
    sets: dict[str, Any]
    takes_out: list[tuple[int, str]]


wishes = st.lists(
    st.builds(
        Wish,
        wait=st.integers(0, 2),
        late=st.integers(0, 6),
        sets=st.dictionaries(st.sampled_from(ASPECTS), st.none() | st.integers(0, 9)),
        takes_out=st.lists(
            st.tuples(st.integers(0, 9), st.sampled_from(ASPECTS)), max_size=2, unique=True
        ),
    ),
    min_size=1,
    max_size=8,
)


def replaced_by(wish: Wish, earlier: Sequence[Event]) -> tuple[Replaced, ...]:
    """Read the wishes to take out as naming events that exist."""
    if not earlier:
        return ()
    named = {(number % len(earlier), aspect) for number, aspect in wish.takes_out}
    return tuple(
        Replaced(event=earlier[number].fact.id, aspects=(aspect,))
        for number, aspect in sorted(named)
    )


def recorded(engine: Engine, asked: Sequence[Wish]) -> list[Event]:
    subject, at = given_subject(), april(25)
    written: list[Event] = []
    with writing(engine) as db:
        for wish in asked:
            at += timedelta(hours=wish.wait)
            effective_at = at - timedelta(hours=wish.late)
            replaces = replaced_by(wish, written)
            fact = given_fact(subject, wish.sets, effective_at=effective_at, replaces=replaces)
            written.append(store.append(db, fact, at=at, new=not written))
    return written


def plainly(events: Sequence[Event], as_of: datetime, known_at: datetime) -> dict[str, Any]:
    """Read the history as the design words it, one event after the other."""
    known = [event for event in events if event.recorded_at <= known_at]
    out = {(r.event, name) for event in known for r in event.fact.replaces for name in r.aspects}
    return {
        name: value
        for event in sorted(known, key=lambda event: (event.fact.effective_at, event.sequence))
        if event.fact.effective_at <= as_of
        for name, value in event.fact.aspects.items()
        if (event.fact.id, name) not in out
    }


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=wishes)
def test_any_history_reads_as_the_design_says(engine: Engine, asked: list[Wish]) -> None:
    events = recorded(engine, asked)
    subject = events[0].fact.subject.id
    hours = [april(25) + timedelta(hours=hour) for hour in (-4, 1, 6, 17)]
    with reading(engine) as db:
        for as_of in hours:
            for known_at in hours:
                when = Reading(as_of=as_of, known_at=known_at)
                expected = plainly(events, as_of, known_at)
                held = winners(store.entries(db, [subject], when)[subject])
                assert {name: entry.value for name, entry in held.items()} == expected
                for name in ASPECTS:
                    assert store.look_up(db, subject, name, when) == held.get(name)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=wishes)
def test_every_earlier_answer_can_be_built_again(engine: Engine, asked: list[Wish]) -> None:
    events = recorded(engine, asked)
    subject = events[0].fact.subject.id
    latest = events[-1].recorded_at
    with reading(engine) as db:
        for event in events:
            upto = events[: event.sequence]
            held = winners(store.entries(db, [subject], Reading(upto=event.sequence))[subject])
            assert {name: e.value for name, e in held.items()} == plainly(upto, latest, latest)
