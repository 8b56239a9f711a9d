"""Contacts: what was held stays held, and what is due shows until it is done."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from app.access.resource import State
from app.access.write import Write
from app.console.database import write_for
from app.contacts import service
from app.contacts.schemas import EditContact, NewContact
from app.db.session import reading, writing
from app.domain.errors import MoveUnknown, Unacceptable
from app.domain.fact import Fact, Subject
from app.domain.instant import parse_instant
from app.http.paging import PageWish
from app.http.versions import etag
from app.ledger import store as ledger
from app.ledger.reading import Reading
from app.organisations import service as organisations
from app.organisations.schemas import NewOrganisation

MARCH, APRIL, MAY = (f"2022-0{month}-01T00:00:00Z" for month in (3, 4, 5))
TALKS: dict[str, Any] = {
    "participants": [{"organisation": "OCHA", "level": "senior_official"}],
    "channel": "meeting",
    "status": "planned",
    "effective_at": MARCH,
}


class Talks:
    """One agreement and its contacts, each call a transaction of its own."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.operation, self.ocha = uuid4(), uuid4()
        with writing(engine) as db:
            body = NewOrganisation.model_validate(
                {"name": "UN OCHA", "short_name": "OCHA", "kind": "un"}
            )
            organisations.create(write_for(db, self.ocha), body, id=self.ocha)
            self.agreement = self._agreement(write_for(db, self.ocha))

    def _agreement(self, write: Write) -> UUID:
        subject = Subject(kind="agreement", id=uuid4(), operation=self.operation)
        fact = Fact(
            subject=subject,
            kind="created",
            effective_at=parse_instant(MARCH),
            actor=write.caller.actor,
            aspects={},
        )
        ledger.append(write.db, fact, at=ledger.moment(write.db), new=True)
        return subject.id

    def record(self, **fields: Any) -> State:
        with writing(self.engine) as db:
            return service.create(
                write_for(db, self.ocha),
                agreement=self.agreement,
                operation=self.operation,
                body=NewContact.model_validate(TALKS | fields),
            )

    def edit(self, state: State, **fields: Any) -> State:
        with writing(self.engine) as db:
            caller = write_for(db, self.ocha).caller
            write = Write(db=db, caller=caller, if_match=etag(state.version))
            body = EditContact.model_validate(fields)
            return service.edit(write, state.id, agreement=self.agreement, body=body)

    def event(self, state: State) -> UUID:
        """Give the id of the newest event."""
        with reading(self.engine) as db:
            entries = ledger.entries(db, [state.id], Reading())[state.id]
        return max(entries, key=lambda entry: entry.sequence).event

    def overdue(self, at: str) -> list[str]:
        with reading(self.engine) as db:
            found = service.overdue(db, self.agreement, parse_instant(at))
        return [one.what for one in found]

    def listed(self, **asked: Any) -> list[State]:
        with reading(self.engine) as db:
            wish, picked = PageWish(limit=10), service.filters(**asked)
            return service.page(db, wish, agreement=self.agreement, filters=picked)


@pytest.fixture
def talks(engine: Engine) -> Talks:
    return Talks(engine)


def test_planned_talks_are_held(talks: Talks) -> None:
    held = talks.edit(talks.record(), status="held", at=APRIL, outcome="Routes were discussed")
    assert held.values["status"] == "held"
    assert talks.listed(status="held") == talks.listed(channel="meeting")


def test_held_talks_stay_held(talks: Talks) -> None:
    held = talks.edit(talks.record(), status="held", at=APRIL)
    for status in ("planned", "cancelled"):
        with pytest.raises(MoveUnknown):
            talks.edit(held, status=status)
    assert talks.edit(held, outcome="Nothing was agreed").values["status"] == "held"


def test_a_correction_says_that_they_were_never_held(talks: Talks) -> None:
    held = talks.edit(talks.record(), status="held", at=APRIL)
    corrected = talks.edit(held, status="cancelled", corrects=[str(talks.event(held))])
    assert corrected.values["status"] == "cancelled"


def test_a_late_report_makes_no_move_that_is_not_listed(talks: Talks) -> None:
    held = talks.edit(talks.record(), status="held", at=APRIL, effective_at=MAY)
    with pytest.raises(MoveUnknown):
        talks.edit(held, status="cancelled", effective_at=APRIL)


def test_held_talks_have_a_time_that_is_past(talks: Talks) -> None:
    for at in (None, "2122-01-01T00:00:00Z"):
        with pytest.raises(Unacceptable) as refused:
            talks.record(status="held", at=at)
        assert refused.value.pointer == "/at"


def test_planned_talks_may_lie_ahead_or_have_no_time_yet(talks: Talks) -> None:
    for at in (None, "2122-01-01T00:00:00Z"):
        talks.record(at=at)
    assert len(talks.listed(status="planned")) == 2


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"participants": [{"organisation": "nobody"}]}, "/participants/0/organisation"),
        (
            {"participants": [{"organisation": "OCHA"}, {"organisation": "ocha"}]},
            "/participants/1/organisation",
        ),
        ({"follow_ups": [{"what": "x", "by": "nobody"}]}, "/follow_ups/0/by"),
    ],
)
def test_organisations_must_be_known(talks: Talks, fields: Any, pointer: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        talks.record(**fields)
    assert refused.value.pointer == pointer


def test_what_is_due_and_not_done_is_overdue(talks: Talks) -> None:
    names = {"what": "Name the assembly point", "by": "OCHA", "due_at": APRIL}
    state = talks.record(follow_ups=[names, {"what": "Write it down"}])
    assert talks.overdue(MARCH) == talks.overdue(APRIL) == []
    assert talks.overdue(MAY) == ["Name the assembly point"]
    done = talks.edit(state, follow_ups=[names | {"done_at": "2022-04-15T00:00:00Z"}])
    assert talks.overdue(MAY) == []
    assert talks.overdue("2022-04-10T00:00:00Z") == ["Name the assembly point"]
    talks.edit(done, follow_ups=[names], status="cancelled")
    assert talks.overdue(MAY) == []


def test_talks_are_read_under_their_own_agreement_only(talks: Talks, engine: Engine) -> None:
    state = talks.record()
    with reading(engine) as db:
        assert service.read(db, state.id, agreement=talks.agreement) == state
        with pytest.raises(Exception, match="nothing is known here"):
            service.read(db, state.id, agreement=talks.operation)
        before = Reading(known_at=state.recorded_at - timedelta(microseconds=1))
        with pytest.raises(Exception, match="nothing is known here"):
            service.read(db, state.id, agreement=talks.agreement, reading=before)
