"""The ledger: what was so, as known when, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, exc

from app.db.session import reading, writing
from app.domain.fact import Event, Fact, Warned
from app.domain.record import NotRecordable, record_bytes
from app.ledger import store
from app.ledger.history import HistoryItem, Wanted
from app.ledger.reading import NOW, Reading, winners
from app.ledger.tables import EventRow
from tests.store.ledger_given import (
    ICRC,
    OPERATION,
    april,
    given_agreement,
    given_change,
    given_fact,
    given_subject,
    record,
    taking_out,
)


def held(engine: Engine, event: Event, **when: Any) -> dict[str, Any]:
    """Give the aspects that held of the subject of `event`."""
    subject = event.fact.subject.id
    with reading(engine) as db:
        found = store.entries(db, [subject], Reading(**when))[subject]
    return {aspect: entry.value for aspect, entry in winners(found).items()}


def look_up(engine: Engine, event: Event, aspect: str = "status", **when: Any) -> Any:
    with reading(engine) as db:
        found = store.look_up(db, event.fact.subject.id, aspect, Reading(**when))
    return None if found is None else found.value


def history(engine: Engine, wanted: Wanted = Wanted(), **more: Any) -> list[HistoryItem]:  # noqa: B008
    with reading(engine) as db:
        return store.events(db, wanted, **({"limit": 100} | more))


class TestAppend:
    def test_each_event_is_the_next_version(self, engine: Engine) -> None:
        first = given_agreement(engine)
        second = given_change(engine, first, april(26), status="in_talks")
        assert (first.sequence, second.sequence) == (1, 2)

    def test_recording_never_goes_back_within_a_subject(self, engine: Engine) -> None:
        first = given_agreement(engine, april(25, 12))
        late = given_change(engine, first, april(25, 11), status="in_talks")
        assert late.recorded_at == first.recorded_at

    def test_nothing_takes_effect_after_its_recording(self, engine: Engine) -> None:
        first = given_agreement(engine)
        with pytest.raises(ValueError, match="never later"):
            given_change(engine, first, april(26), effective_at=april(27), status="in_talks")
        assert held(engine, first) == {"status": "proposed"}

    def test_an_unknown_subject_has_no_next_version(self, engine: Engine) -> None:
        with pytest.raises(LookupError):
            record(engine, given_fact(given_subject(), {"status": "proposed"}), april(25))

    def test_a_subject_begins_once(self, engine: Engine) -> None:
        first = given_agreement(engine)
        with pytest.raises(exc.IntegrityError):
            record(engine, given_fact(first.fact.subject, {}), april(26), new=True)

    def test_what_cannot_be_recorded_leaves_nothing(self, engine: Engine) -> None:
        first = given_agreement(engine)
        value: Any = 0.5
        with pytest.raises(NotRecordable):
            given_change(engine, first, april(26), status=value)
        assert len(history(engine)) == 1

    def test_several_events_of_one_request_are_several_versions(self, engine: Engine) -> None:
        first = given_agreement(engine)
        with writing(engine) as db:
            for status in ("in_talks", "agreed_in_principle"):
                fact = given_fact(first.fact.subject, {"status": status})
                store.append(db, fact, at=april(26))
        assert look_up(engine, first) == "agreed_in_principle"

    def test_a_failure_after_the_event_takes_the_event_back(self, engine: Engine) -> None:
        first = given_agreement(engine)
        fact = given_fact(first.fact.subject, {"status": "in_talks"})

        def append_and_fail() -> None:
            with writing(engine) as db:
                store.append(db, fact, at=april(26))
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            append_and_fail()
        assert held(engine, first) == {"status": "proposed"}

    def test_concurrent_writers_leave_no_gap(self, engine: Engine) -> None:
        first = given_agreement(engine)

        def write(number: int) -> int:
            with writing(engine) as db:
                store.lock(db, first.fact.subject.id)
                fact = given_fact(first.fact.subject, {"status": str(number)})
                return store.append(db, fact, at=store.moment(db)).sequence

        with ThreadPoolExecutor(8) as pool:
            written = list(pool.map(write, range(40)))
        assert sorted(written) == list(range(2, 42))


class TestSubject:
    def test_a_locked_subject_shows_its_version(self, engine: Engine) -> None:
        first = given_agreement(engine)
        second = given_change(engine, first, april(26), status="in_talks")
        with writing(engine) as db:
            state = store.lock(db, first.fact.subject.id)
        assert state is not None
        assert (state.version, state.recorded_at) == (2, second.recorded_at)
        assert (state.kind, state.operation) == ("agreement", OPERATION)

    def test_an_unknown_subject_cannot_be_locked(self, engine: Engine) -> None:
        with writing(engine) as db:
            assert store.lock(db, uuid4()) is None

    def test_the_moment_is_now_and_in_utc(self, engine: Engine) -> None:
        with writing(engine) as db:
            first, second = store.moment(db), store.moment(db)
        assert first.tzinfo is UTC
        assert first <= second
        assert abs(second - datetime.now(UTC)) < timedelta(seconds=5)


class TestBothAxes:
    def test_of_26_april_the_state_before_and_after(self, engine: Engine) -> None:
        first = given_agreement(engine, april(25))
        given_change(engine, first, april(26, 18), status="agreed_in_principle")
        assert held(engine, first, as_of=april(26)) == {"status": "proposed"}
        assert held(engine, first, as_of=april(27)) == {"status": "agreed_in_principle"}

    def test_both_bounds_include_their_instant(self, engine: Engine) -> None:
        first = given_agreement(engine, april(25))
        assert look_up(engine, first, as_of=april(25), known_at=april(25)) == "proposed"
        before = april(25) - timedelta(microseconds=1)
        assert look_up(engine, first, as_of=before) is None
        assert look_up(engine, first, known_at=before) is None

    def test_a_late_report_changes_the_past_but_not_what_was_known(self, engine: Engine) -> None:
        first = given_agreement(engine, april(25))
        given_change(engine, first, april(29), effective_at=april(27), status="in_talks")
        assert look_up(engine, first, as_of=april(28)) == "in_talks"
        assert look_up(engine, first, as_of=april(28), known_at=april(28)) == "proposed"

    def test_a_late_report_of_one_field_leaves_the_others(self, engine: Engine) -> None:
        first = given_agreement(engine, april(25), status="proposed", title="Azovstal")
        given_change(engine, first, april(27), title="Azovstal works")
        given_change(engine, first, april(29), effective_at=april(26), title="?", status="in_talks")
        assert held(engine, first) == {"status": "in_talks", "title": "Azovstal works"}

    def test_of_two_that_take_effect_together_the_later_recorded_holds(
        self, engine: Engine
    ) -> None:
        first = given_agreement(engine, april(25))
        given_change(engine, first, april(26), effective_at=april(25), status="in_talks")
        assert look_up(engine, first) == "in_talks"

    def test_an_aspect_can_become_empty(self, engine: Engine) -> None:
        first = given_agreement(engine, april(25), status="proposed", note="x")
        given_change(engine, first, april(26), note=None)
        assert held(engine, first) == {"status": "proposed", "note": None}

    def test_an_answer_is_built_again_up_to_its_event(self, engine: Engine) -> None:
        first = given_agreement(engine, april(25))
        given_change(engine, first, april(25), status="in_talks")
        assert look_up(engine, first, upto=1) == "proposed"

    def test_present_and_past_exist_from_the_first_event_on(self, engine: Engine) -> None:
        first = given_agreement(engine, april(25))
        given_change(engine, first, april(26), status="in_talks")
        subject = first.fact.subject.id

        def version(**when: Any) -> int | None:
            with reading(engine) as db:
                return store.versions(db, [subject, uuid4()], Reading(**when)).get(subject)

        assert (version(), version(as_of=april(25)), version(known_at=april(25))) == (2, 2, 1)
        assert (version(upto=1), version(as_of=april(24)), version(known_at=april(24))) == (
            1,
            None,
            None,
        )


class TestReplacement:
    def test_what_is_taken_out_counts_no_more(self, engine: Engine) -> None:
        first = given_agreement(engine, april(25))
        wrong = given_change(engine, first, april(26), status="in_talks", note="x")
        given_change(engine, first, april(28), replaces=taking_out(wrong, "status"))
        assert held(engine, first) == {"status": "proposed", "note": "x"}
        assert look_up(engine, first) == "proposed"

    def test_what_was_known_before_the_correction_stays_known(self, engine: Engine) -> None:
        first = given_agreement(engine, april(25))
        wrong = given_change(engine, first, april(26), status="in_talks")
        given_change(engine, first, april(28), replaces=taking_out(wrong, "status"))
        assert look_up(engine, first, known_at=april(27)) == "in_talks"
        assert look_up(engine, first, upto=2) == "in_talks"

    def test_a_correction_counts_whenever_it_takes_effect(self, engine: Engine) -> None:
        first = given_agreement(engine, april(25))
        wrong = given_change(engine, first, april(26), status="in_talks")
        given_change(
            engine, first, april(28), replaces=taking_out(wrong, "status"), status="rejected"
        )
        assert look_up(engine, first, as_of=april(27)) == "proposed"

    def test_what_was_taken_out_does_not_come_back_with_its_correction(
        self, engine: Engine
    ) -> None:
        first = given_agreement(engine, april(25))
        wrong = given_change(engine, first, april(26), status="in_talks")
        worse = given_change(
            engine, first, april(27), replaces=taking_out(wrong, "status"), status="rejected"
        )
        given_change(engine, first, april(28), replaces=taking_out(worse, "status"))
        assert look_up(engine, first) == "proposed"


class TestEntries:
    def test_they_come_in_order_and_say_whose_they_are(self, engine: Engine) -> None:
        first = given_agreement(engine, april(25))
        fact = given_fact(first.fact.subject, {"status": "in_talks"}, actor=ICRC, kind="moved")
        late = record(engine, fact, april(28))
        with reading(engine) as db:
            found = store.entries(db, [first.fact.subject.id], NOW)[first.fact.subject.id]
        assert [(entry.effective_at, entry.sequence) for entry in found] == [
            (april(25), 1),
            (april(25), 2),
        ]
        assert (found[1].organisation, found[1].kind) == (ICRC.organisation, "moved")
        assert (found[1].event, found[1].recorded_at) == (late.fact.id, april(28))

    def test_several_subjects_are_kept_apart(self, engine: Engine) -> None:
        one, other = given_agreement(engine, status="a"), given_agreement(engine, status="b")
        ids = [one.fact.subject.id, other.fact.subject.id, uuid4()]
        with reading(engine) as db:
            found = store.entries(db, ids, NOW)
        assert [[entry.value for entry in found[id]] for id in ids] == [["a"], ["b"], []]

    def test_no_subject_is_no_question(self, engine: Engine) -> None:
        with reading(engine) as db:
            assert store.entries(db, [], NOW) == {}
            assert store.versions(db, [], NOW) == {}

    @pytest.mark.parametrize(
        ("names", "prefixes", "expected"),
        [
            ((), (), {"status", "term:a", "term:b", "terms", "Term:c"}),
            (("status",), (), {"status"}),
            ((), ("term:",), {"term:a", "term:b"}),
            (("status",), ("term:",), {"status", "term:a", "term:b"}),
            (("nothing",), (), set()),
        ],
    )
    def test_aspects_are_picked_by_name_and_beginning(
        self, engine: Engine, names: list[str], prefixes: list[str], expected: set[str]
    ) -> None:
        aspects = dict.fromkeys(("status", "term:a", "term:b", "terms", "Term:c"), "x")
        first = given_agreement(engine, april(25), **aspects)
        subject = first.fact.subject.id
        with reading(engine) as db:
            found = store.entries(db, [subject], NOW, names=names, prefixes=prefixes)
        assert {entry.aspect for entry in found[subject]} == expected


class TestHistory:
    def test_an_event_is_read_back_whole(self, engine: Engine) -> None:
        first = given_agreement(engine, april(25), status="proposed", note=None)
        fact = given_fact(
            first.fact.subject,
            {"status": {"to": "in_talks", "steps": [1, True, None, "Азовсталь\u0000"]}},
            reason="talks_began",
            sources=(uuid4(), uuid4()),
            warnings=(Warned(code="text_dropped", message="A number was dropped."),),
            replaces=taking_out(first, "note", "status"),
        )
        written = record(engine, fact, april(26))
        with reading(engine) as db:
            assert store.event(db, first.fact.id) == first
            found = store.event(db, fact.id)
            assert store.event(db, uuid4()) is None
            assert store.events_of(db, []) == {}
        assert found is not None
        assert found.sequence == written.sequence
        assert found.fact.aspects == fact.aspects
        assert sorted(found.fact.replaces[0].aspects) == ["note", "status"]
        assert (found.fact.sources, found.fact.warnings) == (fact.sources, fact.warnings)

    def test_the_record_follows_from_the_event_and_the_salts(self, engine: Engine) -> None:
        first = given_agreement(engine)
        (item,) = history(engine)
        salts = {field: opened.salt for field, opened in item.values.items()}
        assert record_bytes(first, salts) == item.record
        assert len(set(salts.values())) == len(salts)

    def test_pages_hold_every_event_once(self, engine: Engine) -> None:
        first = given_agreement(engine)
        for _ in range(6):
            given_agreement(engine)
            given_change(engine, first, april(26), status="in_talks")
        seen: list[UUID] = []
        after = None
        while page := history(engine, limit=4, after=after):
            seen += [item.id for item in page]
            after = (page[-1].recorded_at, page[-1].id)
        assert len(seen) == len(set(seen)) == 13
        assert seen == [item.id for item in history(engine)]

    def test_events_are_picked_by_what_they_are_about(self, engine: Engine) -> None:
        first = given_agreement(engine, april(25))
        second = given_change(engine, first, april(26), status="in_talks")
        other = given_agreement(engine, april(27))
        elsewhere = Fact(
            subject=type(first.fact.subject)(kind="source", id=uuid4(), operation=None),
            kind="created",
            effective_at=april(28),
            actor=ICRC,
            aspects={},
        )
        record(engine, elsewhere, april(28), new=True)

        def found(**wanted: Any) -> list[UUID]:
            return [item.id for item in history(engine, Wanted(**wanted))]

        ids = [first.fact.id, second.fact.id, other.fact.id, elsewhere.id]
        assert found() == ids
        assert found(subjects=[first.fact.subject.id]) == ids[:2]
        assert found(operations=[OPERATION]) == ids[:3]
        assert found(subject_kind="source") == ids[3:]
        assert found(organisation=ICRC.organisation) == ids[3:]
        assert found(recorded_from=april(26), recorded_until=april(28)) == ids[1:3]
        assert found(subjects=[]) == []

    def test_only_visible_and_known_events_are_shown(self, engine: Engine) -> None:
        first = given_agreement(engine, april(25))
        given_change(engine, first, april(26), status="in_talks")
        visible = EventRow.__table__.c.sequence == 2
        assert [item.sequence for item in history(engine, visible=visible)] == [2]
        shown = history(engine, reading=Reading(known_at=april(25)))
        assert [item.sequence for item in shown] == [1]
