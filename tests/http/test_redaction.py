"""What is erased is gone, from wherever it stood; all else answers as before."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import delete, exc, insert, select, text, update

from app.agreements.tables import CountedConfirmationRow
from app.db.session import reading, writing
from app.domain import redaction
from app.ledger.tables import EventRedactedRow, EventValueRow
from app.replay import Counted, replay
from tests.databases import Database
from tests.http.redaction import (
    addresses,
    erasable,
    statuses,
    texts,
    told_anywhere,
)
from tests.http.test_case import Azovstal, _loaded
from tests.http.world import given_world, read

READERS = ("coordinator-ocha", "auditor", "administrator", "map-client")
_value, _redacted = EventValueRow.__table__, EventRedactedRow.__table__
_counted = CountedConfirmationRow.__table__


@pytest.fixture
def case(database: Database, tmp_path: Path) -> Iterator[Azovstal]:
    """Run the service with a case of its own, of which anything may be erased."""
    with given_world(database, tmp_path, empty=True) as world:
        yield _loaded(world)


def events(case: Azovstal, **wanted: str) -> list[Any]:
    """List the history, oldest first."""
    return list(case.by("auditor").read("/v1/history", limit=1000, **wanted)["items"])


def ask(
    case: Azovstal, event: str, *fields: str, who: str = "administrator", **headers: str
) -> Any:
    """Ask for a redaction."""
    body = {"fields": list(fields), "reason": "names_a_person"}
    return case.by(who).post(f"/v1/history/{event}/redactions", body, **headers)


def redact(case: Azovstal, event: str, *fields: str) -> Any:
    """Erase fields, and give the event that did it."""
    return read(ask(case, event, *fields), 201)


def of(case: Azovstal, kind: str, aspect: str = "") -> Any:
    """Give the last event of a kind of subject that sets an aspect which begins so."""
    found = [
        event
        for event in events(case, subject_kind=kind)
        if any(name.startswith(aspect) for name in event["aspects"])
    ]
    return found[-1]


def erase_all(case: Azovstal) -> tuple[set[str], set[str]]:
    """Erase all that may be erased, in any order; give the texts that went, and those that stay."""
    order = events(case)
    random.Random(7).shuffle(order)
    gone: set[str] = set()
    kept: set[str] = set()
    for event in order:
        fields = erasable(event, ended=False)
        redact(case, event["id"], *fields)
        for field, opened in event["openings"].items():
            (gone if field in fields else kept).update(texts(opened["value"]))
    return gone, kept


def test_all_that_may_be_erased_goes_and_everything_answers(case: Azovstal) -> None:
    known = {who: list(addresses(case.by(who))) for who in READERS}
    before = {who: statuses(case.by(who), paths) for who, paths in known.items()}
    instants = [event["recorded_at"] for event in events(case)[::50]]
    gone, kept = erase_all(case)
    for who, paths in known.items():
        after = statuses(case.by(who), paths)
        assert {p: s for p, s in after.items() if s not in {before[who][p], 404}} == {}
    paths = random.Random(3).sample(known["auditor"], 50)
    for at in ("2022-04-28T00:00:00Z", "2022-05-02T00:00:00Z", *instants):
        for times in ({"as_of": at}, {"known_at": at}):
            told = statuses(case.by("auditor"), paths, **times)
            assert {path: s for path, s in told.items() if s not in {200, 404}} == {}
    left = {one: tables for one in gone - kept if (tables := told_anywhere(case.world.engine, one))}
    assert {one: tables for one, tables in left.items() if not _is_part(one, kept)} == {}
    assert len(gone - kept) > 40
    _assert_not_in_the_file(case, {one for one in gone - kept if not _is_part(one, kept)})
    with reading(case.world.engine) as db:
        assert [each.line() for each in replay(db, Counted())] == []


def _is_part(one: str, of: set[str]) -> bool:
    return any(one in other for other in of)


def _assert_not_in_the_file(case: Azovstal, gone: set[str]) -> None:
    """SQLite: nothing is left in free pages either, once the log of writes was written back."""
    if case.world.database.dialect != "sqlite":
        return
    engine = case.world.database.owner_engine()
    with engine.connect() as db:
        db.rollback()
        raw = db.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    path = Path(urlsplit(case.world.database.url).path.removeprefix("/"))
    content = path.read_bytes()
    assert [one for one in gone if len(one) > 12 and one.encode() in content] == []


def test_a_blank_that_no_reader_expects_is_found_out(
    case: Azovstal, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = of(case, "organisation")
    monkeypatch.setattr(redaction, "_BLANKS", {})
    answer = ask(case, event["id"], "aspect/name")
    read_back = case.by("auditor").get(f"/v1/organisations/{event['subject']['id']}")
    assert answer.status_code == 500 or read_back.status_code == 500


class TestRedactEvent:
    """Who may, what may go, and what is answered."""

    def test_the_answer_is_the_event_that_erased(self, case: Azovstal) -> None:
        event = of(case, "agreement", "title")
        answer = ask(case, event["id"], "reason", "aspect/title")
        made = read(answer, 201)
        assert answer.headers["Location"] == f"/v1/history/{made['id']}"
        named = {"event": event["id"], "fields": ["aspect/title", "reason"]}
        assert made["kind"] == "redacted"
        assert made["aspects"] == {f"redaction:{event['id']}": named}
        assert made["reason"] == "names_a_person"
        assert made["subject"] == event["subject"]
        assert case.by("auditor").read(answer.headers["Location"]) == made

    def test_the_history_says_what_was_erased_by_which_event(self, case: Azovstal) -> None:
        event = of(case, "agreement", "title")
        made = redact(case, event["id"], "actor", "aspect/title")
        shown = case.by("auditor").read(f"/v1/history/{event['id']}")
        assert shown["redacted"] == {"actor": made["id"], "aspect/title": made["id"]}
        assert shown["actor"] is None
        assert "title" not in shown["aspects"]
        assert shown["record"] == event["record"]
        assert shown["openings"].keys() == event["openings"].keys() - {"actor", "aspect/title"}

    def test_only_administrators_and_only_what_is_there(self, case: Azovstal) -> None:
        event = of(case, "agreement", "title")["id"]
        for who in ("coordinator-ocha", "auditor", "map-client"):
            assert ask(case, event, "reason", who=who).status_code == 403
        assert ask(case, event, "reason", who="anonymous").status_code == 401
        unknown = "3f0d7c1e-5b86-4e0a-9c43-8a1f6d2b7e91"
        assert ask(case, unknown, "reason").status_code == 404

    @pytest.mark.parametrize(
        ("kind", "aspect", "field", "why"),
        [
            ("agreement", "status", "aspect/status", "record a correction"),
            ("agreement", "parties", "aspect/parties", "it stays"),
            ("organisation", "short_name", "aspect/short_name", "it stays"),
            ("operation", "slug", "aspect/slug", "it stays"),
            ("site", "geometry", "aspect/geometry", "it stays"),
            ("token", "holder", "aspect/holder", "revoke it first"),
            ("agreement", "title", "aspect/nothing", "no such field"),
            ("agreement", "title", "sources", "it stays"),
            ("agreement", "laterality", "aspect/laterality", "it stays"),
        ],
    )
    def test_what_must_stay_is_refused_with_a_reason(
        self, case: Azovstal, kind: str, aspect: str, field: str, why: str
    ) -> None:
        answer = ask(case, of(case, kind, aspect)["id"], field)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/fields/0"
        assert why in answer.json()["errors"][0]["message"]

    def test_nothing_is_erased_twice_and_no_redaction_is(self, case: Azovstal) -> None:
        event = of(case, "agreement", "title")["id"]
        made = redact(case, event, "reason")
        assert "before" in ask(case, event, "reason").text
        assert "redaction itself" in ask(case, made["id"], "reason").text

    def test_a_repeated_request_gets_the_same_answer(self, case: Azovstal) -> None:
        event = of(case, "agreement", "title")["id"]
        first = ask(case, event, "reason", idempotency_key="once")
        again = ask(case, event, "reason", idempotency_key="once")
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json() == again.json()

    @pytest.mark.parametrize("fields", [[], ["reason", "reason"], ["x" * 201], "reason", [1]])
    def test_a_body_that_is_wrong_is_refused(self, case: Azovstal, fields: Any) -> None:
        event = of(case, "agreement", "title")["id"]
        body = {"fields": fields, "reason": "names_a_person"}
        answer = case.by("administrator").post(f"/v1/history/{event}/redactions", body)
        assert answer.status_code == 422

    def test_a_status_goes_once_a_correction_says_the_same(self, case: Azovstal) -> None:
        voice = case.by("coordinator-ocha")
        changes = case.read("/status-changes")["items"]
        last = [change for change in changes if change["changes_status"]][-1]
        assert ask(case, last["id"], "aspect/status").status_code == 422
        body = {
            "to": last["to"],
            "effective_at": last["effective_at"],
            "reason": "names_a_person",
            "purpose_met": True,
            "counts_statement": "As reported.",
            "movements_statement": "As reported.",
            "corrects": last["id"],
        }
        tag = voice.get(case.path).headers["ETag"]
        answer = voice.post(f"{case.path}/status-changes", body, if_match=tag)
        read(answer, 201)
        redact(case, last["id"], "aspect/status")
        before = answer.json()["recorded_at"]
        earlier = case.read(known_at=last["recorded_at"])
        assert (case.read()["status"], earlier["status"]) == (last["to"], "suspended")
        assert case.read(known_at=before)["status"] == last["to"]

    def test_a_confirmed_goes_with_what_it_counted(self, case: Azovstal) -> None:
        voice = case.by("coordinator-ocha")
        changes = case.read("/status-changes", to="confirmed")["items"]
        [was] = [change for change in changes if change["changes_status"]]
        named = {name: was[name] for name in ("to", "effective_at", "reason", "sources", "basis")}
        tag = voice.get(case.path).headers["ETag"]
        body = named | {"corrects": was["id"]}
        read(voice.post(f"{case.path}/status-changes", body, if_match=tag), 201)
        redact(case, was["id"], "aspect/status")
        with reading(case.world.engine) as db:
            left = select(_counted.c.change_id).where(_counted.c.change_id == UUID(was["id"]))
            assert db.execute(left).all() == []
            assert [each.line() for each in replay(db, Counted())] == []


class TestWhatRestsOnIt:
    """Every doubt falls to: do not move."""

    def test_a_position_that_was_erased_counts_no_more(self, case: Azovstal) -> None:
        counted = [p for p in case.read("/positions")["items"] if p["counts"]]
        for position in counted:
            redact(case, position["id"], f"aspect/position:{position['id']}")
        codes = {one["code"] for one in case.read("/readiness")["unmet"]}
        assert "party_not_confirmed" in codes
        assert not any(p["counts"] for p in case.read("/positions")["items"])
        assert case.reasons()

    def test_a_term_that_was_erased_is_open(self, case: Azovstal) -> None:
        event = of(case, "agreement", "term:")
        field = next(name for name in event["aspects"] if name.startswith("term:"))
        redact(case, event["id"], f"aspect/{field}")
        term = case.by("coordinator-ocha").read(
            f"/v1/agreements/{event['subject']['id']}/terms/{field.removeprefix('term:')}"
        )
        assert (term["state"], term["text"], term["details"]) == ("open", None, {})

    def test_the_repetition_of_a_request_whose_position_is_gone_is_told_so(
        self, case: Azovstal
    ) -> None:
        proposal = {
            "operation": "mariupol-2022",
            "title": "A lull on the road to Berdiansk",
            "kind": "evacuation",
            "laterality": "multilateral",
            "purpose": "Civilians leave.",
            "parties": [
                {"organisation": name, "role": "required_party"}
                for name in ("Russian MoD", "Government of Ukraine")
            ]
            + [{"organisation": "UN OCHA", "role": "facilitator"}],
        }
        body = {
            "organisation": "Government of Ukraine",
            "position": "in_principle",
            "authority_level": "minister",
            "form": "letter",
            "note": "A person is named here.",
        }
        voice = case.by("coordinator-ukraine")
        made = case.by("coordinator-ocha").post("/v1/agreements", proposal)
        path = f"/v1/agreements/{read(made, 201)['id']}/positions"
        id = read(voice.post(path, body, idempotency_key="stated"), 201)["id"]
        redact(case, id, f"aspect/position:{id}")
        again = voice.post(path, body, idempotency_key="stated")
        assert again.status_code == 409
        assert "erased" in again.json()["detail"]
        assert voice.get(f"{path}/{id}").status_code == 404

    def test_the_name_of_a_site_goes_from_every_row(self, case: Azovstal) -> None:
        event = of(case, "site", "name")
        name = event["aspects"]["name"]
        assert "disclosed_feature" in told_anywhere(case.world.engine, name)
        redact(case, event["id"], "aspect/name")
        shown = case.by("coordinator-ocha").read(f"/v1/sites/{event['subject']['id']}")
        assert shown["name"] == ""

    def test_a_holder_goes_with_the_token_that_was_revoked(self, case: Azovstal) -> None:
        tokens = events(case, subject_kind="token")
        event = next(e for e in tokens if e["aspects"]["holder"] == "map-client")
        id, holder = event["subject"]["id"], event["aspects"]["holder"]
        assert case.by("administrator").call("DELETE", f"/v1/tokens/{id}").status_code == 204
        redact(case, event["id"], "aspect/holder")
        shown = case.by("administrator").read(f"/v1/tokens/{id}")
        assert shown["holder"] == ""
        assert holder not in case.by("administrator").get(f"/v1/tokens/{id}").text


class TestTheDatabase:
    """It lets go of what a redaction names, and of nothing else."""

    def test_a_value_that_no_redaction_names_stays(self, case: Azovstal) -> None:
        with (
            pytest.raises(exc.IntegrityError, match="only added to"),
            writing(case.world.engine) as db,
        ):
            db.execute(delete(_value).where(_value.c.field == "reason"))

    def test_a_value_is_never_changed(self, case: Azovstal) -> None:
        event = of(case, "agreement", "title")["id"]
        redact(case, event, "reason")
        engine = case.world.database.owner_engine()
        with pytest.raises(exc.IntegrityError, match="only added to"), engine.begin() as db:
            db.execute(update(_value).values(value="null"))
        engine.dispose()

    def test_a_redaction_without_its_event_is_refused(self, case: Azovstal) -> None:
        found = events(case)
        row = {"event_id": found[0]["id"], "field": "reason", "by_event_id": found[-1]["id"]}
        engine = case.world.database.owner_engine()
        with (
            pytest.raises(exc.IntegrityError, match="a redaction is an event"),
            engine.begin() as db,
        ):
            db.execute(insert(_redacted), row)
        engine.dispose()

    def test_value_and_salt_are_gone(self, case: Azovstal) -> None:
        event = of(case, "agreement", "title")["id"]
        redact(case, event, "aspect/title", "actor")
        with reading(case.world.engine) as db:
            question = select(_value.c.field).where(_value.c.event_id == event)
            assert not {"aspect/title", "actor"} & set(db.execute(question).scalars())
            assert db.scalar(text("SELECT count(*) FROM event_redacted")) == 2
