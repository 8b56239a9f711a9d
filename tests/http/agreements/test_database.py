"""The database's second line: what the rules refuse, it refuses too, whoever writes the rows."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.exc import DatabaseError

from app.agreements.tables import (
    AgreementRow,
    AttestationRow,
    CountedConfirmationRow,
    CountedRevisionRow,
    PartyRow,
    PositionRow,
    StatusChangeRow,
)
from app.db.session import reading, writing
from app.ledger.tables import EventRow
from tests.http.agreements.case import (
    CONFIRMED_AT,
    STATED_AT,
    Case,
    confirm_all,
    given_case,
    given_proposed,
)
from tests.http.world import ICRC, MOD, UKRAINE, World, read

agreement: Any = AgreementRow.__table__
position: Any = PositionRow.__table__
attestation: Any = AttestationRow.__table__
counted: Any = CountedConfirmationRow.__table__
extended: Any = CountedRevisionRow.__table__
party: Any = PartyRow.__table__
status_change: Any = StatusChangeRow.__table__
event: Any = EventRow.__table__


def rows(world: World, table: Table, **where: Any) -> list[dict[str, Any]]:
    """Read rows as they are."""
    question = select(table)
    for name, value in where.items():
        question = question.where(table.c[name] == value)
    with reading(world.engine) as db:
        return [dict(row) for row in db.execute(question).mappings()]


def refused(world: World, *statements: Any) -> str:
    """Run statements that the database must refuse; give its words."""
    with pytest.raises(DatabaseError) as error:
        run(world, *statements)
    return str(error.value)


def refused_to_owner(world: World, statement: Any) -> str:
    """Run a statement as the owner of the tables, which the database must refuse."""
    engine = world.database.owner_engine()
    with pytest.raises(DatabaseError) as error, writing(engine) as db:
        db.execute(statement)
    engine.dispose()
    return str(error.value)


def run(world: World, *statements: Any) -> None:
    """Run statements in one transaction, past the rules."""
    with writing(world.engine) as db:
        for statement in statements:
            db.execute(statement)


def spare_event(world: World, case: Case) -> UUID:
    """Give an event of the agreement that set no status, to hang a status change on."""
    read(case.state("mod", "considering", at="2022-04-25T11:00:00Z"), 201)
    found = rows(world, event, subject_id=UUID(case.id))
    return UUID(str(max(found, key=lambda row: int(row["sequence"]))["id"]))


def confirmed(world: World, case: Case) -> Any:
    """Give a statement that sets `confirmed` by hand."""
    return insert(status_change).values(
        id=spare_event(world, case),
        agreement_id=UUID(case.id),
        status="confirmed",
        effective_at=rows(world, event, subject_id=UUID(case.id))[-1]["effective_at"],
    )


class TestConfirmed:
    """A `confirmed` that nobody's confirmations bear out."""

    def test_without_any_counted_position_it_is_refused(self, world: World) -> None:
        case = given_case(world, "settled")
        assert "borne out" in refused(world, confirmed(world, case))

    def test_where_all_confirmed_it_still_names_what_it_counted(self, world: World) -> None:
        case = given_case(world, "stated")
        assert "borne out" in refused(world, confirmed(world, case))

    @pytest.mark.parametrize("left_out", [MOD, "ICRC"])
    def test_with_one_who_must_consent_left_out_it_is_refused(
        self, world: World, left_out: str
    ) -> None:
        case = given_case(world, "stated")
        change = copied(world, case, without=world.organisations[left_out])
        assert "borne out" in refused(world, *change)

    def test_a_position_that_is_no_confirmation_does_not_bear_it_out(self, world: World) -> None:
        case = given_case(world, "stated")
        words = rows(world, position, agreement_id=UUID(case.id))
        weak = next(w for w in words if w["stance"] == "in_principle")
        assert "borne out" in refused(world, *copied(world, case, instead=weak))

    def test_a_relayed_one_without_attestation_does_not_bear_it_out(self, world: World) -> None:
        case = given_case(world, "stated")
        relayed = read(case.relay("ocha", MOD), 201)["id"]
        words = rows(world, position, id=UUID(relayed))
        assert "borne out" in refused(world, *copied(world, case, instead=words[0]))

    @pytest.mark.parametrize(
        "terms", [{"terms_hash": "0" * 64}, {"revision": 2}, {"revision": None, "terms_hash": None}]
    )
    def test_confirmations_of_other_terms_do_not_bear_it_out(
        self, world: World, terms: dict[str, Any]
    ) -> None:
        case = given_case(world, "stated")
        assert "borne out" in refused(world, *copied(world, case, terms=terms))

    def test_those_of_terms_that_are_only_extended_do(self, world: World) -> None:
        case = given_case(world, "stated")
        *made, status = copied(world, case, terms={"revision": 2, "terms_hash": "0" * 64})
        change = status.compile().params["id"]
        known = case.read()
        row = {"revision": known["revision"], "terms_hash": known["terms_hash"]}
        run(world, *made, insert(extended).values(change_id=change, **row), status)

    def test_the_service_names_the_terms_and_what_they_extend(self, world: World) -> None:
        case = given_case(world, "stated")
        first = case.read()["terms_hash"]
        case.window(at=STATED_AT, starts_at="2022-05-01T03:00:00Z", ends_at="2022-05-01T17:00:00Z")
        made = read(case.to("confirmed", at=CONFIRMED_AT), 201)
        change = rows(world, status_change, id=UUID(made["id"]))[0]
        present = case.read()
        assert (change["revision"], change["terms_hash"]) == (2, present["terms_hash"])
        found = rows(world, extended, change_id=UUID(made["id"]))
        assert [(row["revision"], row["terms_hash"]) for row in found] == [(1, first)]

    def test_one_that_has_lapsed_does_not_bear_it_out(self, world: World) -> None:
        case = given_case(world, "stated")
        until = "2022-04-29T08:30:00Z"
        made = read(case.confirm("mod", at=STATED_AT, valid_until=until), 201)
        brief = rows(world, position, id=UUID(made["id"]))[0]
        run(world, *copied(world, case, instead=brief))
        lapsed = copied(world, case, instead=brief, at=brief["valid_until"])
        assert "borne out" in refused(world, *lapsed)

    def test_one_person_alone_does_not_bear_it_out(self, world: World) -> None:
        case = given_case(world, "settled")
        held = {MOD: "one desk", UKRAINE: "ONE desk", ICRC: "\uff4fne desk"}
        for organisation, holder in held.items():
            who = f"one desk of {organisation}"
            world.token(who, organisation, "coordinator", holder, operations=["mariupol-2022"])
            read(case.confirm(who, at=STATED_AT, organisation=organisation), 201)
        answer = case.to("confirmed", at=CONFIRMED_AT)
        assert [unmet["code"] for unmet in answer.json()["unmet"]] == ["two_persons_missing"]
        assert "borne out" in refused(world, *copied(world, case))
        confirm_all(case, at=STATED_AT)
        run(world, *copied(world, case))

    def test_with_every_counted_confirmation_the_rows_are_taken(self, world: World) -> None:
        case = given_case(world, "stated")
        run(world, *copied(world, case))
        found = rows(world, status_change, agreement_id=UUID(case.id))
        assert "confirmed" in {row["status"] for row in found}


class TestPresentStatus:
    """The status of the present row."""

    @pytest.mark.parametrize(
        "status", ["confirmed", "in_force", "completed", "agreed_in_principle"]
    )
    def test_it_cannot_be_set_to_what_was_never_stated(self, world: World, status: str) -> None:
        case = given_proposed(world)
        change = update(agreement).where(agreement.c.id == UUID(case.id)).values(status=status)
        assert "follows from a status change" in refused(world, change)
        assert case.read()["status"] == "proposed"

    @pytest.mark.parametrize("status", ["proposed", "agreed_in_principle", "confirmed"])
    def test_it_cannot_be_set_to_what_it_was_before(self, world: World, status: str) -> None:
        case = given_case(world, "in_force")
        change = update(agreement).where(agreement.c.id == UUID(case.id)).values(status=status)
        assert "follows from a status change" in refused(world, change)

    def test_it_cannot_be_set_to_what_was_taken_out(self, world: World) -> None:
        case = given_case(world, "stated")
        made = read(case.to("confirmed", at=CONFIRMED_AT), 201)
        read(case.to(None, corrects=[made["id"]]), 201)
        row = rows(world, agreement, id=UUID(case.id))[0]
        assert row["status"] == "agreed_in_principle"
        change = update(agreement).where(agreement.c.id == row["id"]).values(status="confirmed")
        assert "follows from a status change" in refused(world, change)

    def test_it_begins_as_proposed(self, world: World) -> None:
        row = rows(world, agreement, id=UUID(given_proposed(world).id))[0]
        other = insert(agreement).values(**row | {"id": uuid4(), "status": "confirmed"})
        assert "begins as proposed" in refused(world, other)

    def test_it_cannot_be_no_status_at_all(self, world: World) -> None:
        case = given_proposed(world)
        with pytest.raises((DatabaseError, LookupError)), writing(world.engine) as db:
            db.connection().exec_driver_sql(
                f"UPDATE agreement SET status = 'done' WHERE id = '{case.id}'"
            )


class TestStays:
    """Agreements and their parties stay; a party's part can end."""

    @pytest.mark.parametrize("table", [agreement, party], ids=lambda table: table.name)
    def test_they_are_neither_deleted_nor_written_over(self, world: World, table: Any) -> None:
        case = given_case(world, "stated")
        key = "id" if table is agreement else "agreement_id"
        proposed = {"status": "proposed"} if table is agreement else {}
        before = rows(world, table, **{key: UUID(case.id)})
        mine = delete(table).where(table.c[key] == UUID(case.id))
        assert "stays" in refused_to_owner(world, mine)
        assert refused(world, mine)
        if world.database.dialect == "sqlite":
            again = insert(table).prefix_with("OR REPLACE").values(**before[0] | proposed)
            assert "has this row already" in refused(world, again)
        assert rows(world, table, **{key: UUID(case.id)}) == before

    def test_the_part_of_a_party_ends_once_and_nothing_else_changes(self, world: World) -> None:
        case = given_case(world, "stated")
        mine = update(party).where(party.c.agreement_id == UUID(case.id))
        row = rows(world, party, agreement_id=UUID(case.id))[0]
        for change in ({"role": "guarantor"}, {"since": row["since"] + timedelta(days=1)}):
            assert "can end, once" in refused(world, mine.values(**change))
        run(world, mine.values(until=row["since"] + timedelta(days=9)))
        for until in (None, row["since"] + timedelta(days=1)):
            assert "can end, once" in refused(world, mine.values(until=until))


class TestOnlyAddedTo:
    """Positions, attestations and statuses are only added to."""

    @pytest.mark.parametrize(
        "table",
        [position, attestation, counted, extended, status_change],
        ids=lambda table: table.name,
    )
    def test_they_are_neither_changed_nor_deleted(self, world: World, table: Any) -> None:
        case = given_case(world, "stated")
        case.window(at=STATED_AT, starts_at="2022-05-01T03:00:00Z", ends_at="2022-05-01T17:00:00Z")
        read(case.to("confirmed", at=CONFIRMED_AT), 201)
        relayed = read(case.relay("ocha", MOD), 201)["id"]
        read(case.post(f"/positions/{relayed}/attestations", {}, who="icrc"), 201)
        before = rows(world, table)
        assert before
        names = ("organisation_id", "agreement_id", "revision")
        column = next(c for c in table.columns if c.name in names)
        assert refused(world, update(table).values({column.name: before[0][column.name]}))
        assert refused(world, delete(table))
        assert rows(world, table) == before

    def test_one_that_exists_is_not_written_over(self, world: World) -> None:
        case = given_case(world, "confirmed")
        first = rows(world, position, agreement_id=UUID(case.id))[0]
        assert refused(world, insert(position).values(**first | {"stance": "confirmed"}))
        if world.database.dialect == "sqlite":
            again = insert(position).prefix_with("OR REPLACE").values(**first)
            assert refused(world, again)

    def test_a_position_belongs_to_an_event(self, world: World) -> None:
        first = rows(world, position, agreement_id=UUID(given_case(world, "stated").id))[0]
        assert refused(world, insert(position).values(**first | {"id": uuid4()}))


def copied(
    world: World,
    case: Case,
    *,
    without: str | None = None,
    instead: dict[str, Any] | None = None,
    terms: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> Sequence[Any]:
    """Give the statements by which a `confirmed` counts what the agreement's rows hold.

    Args:
        without: an organisation whose confirmation is not counted.
        instead: a position that is counted for its organisation in place of the confirmation.
        terms: what the change names as its terms other than the present ones.
        at: when it takes effect; None means as soon as all had spoken.
    """
    said = {row["id"]: row["sequence"] for row in rows(world, event, subject_id=UUID(case.id))}
    words = rows(world, position, agreement_id=UUID(case.id))
    words.sort(key=lambda word: said[word["id"]])  # of an organisation the last counts
    binding = {w["organisation_id"]: w for w in words if w["stance"] == "confirmed"
               and w["recorded_by_organisation_id"] == w["organisation_id"]}  # fmt: skip
    if instead is not None:
        binding[instead["organisation_id"]] = instead
    if without is not None:
        del binding[UUID(without)]
    change = spare_event(world, case)
    made = [
        insert(counted).values(
            change_id=change, organisation_id=organisation, position_id=word["id"]
        )
        for organisation, word in binding.items()
    ]
    latest = max(word["stated_at"] for word in words)
    known = case.read()
    status = insert(status_change).values(
        id=change,
        agreement_id=UUID(case.id),
        status="confirmed",
        effective_at=at or latest,
        **{"revision": known["revision"], "terms_hash": known["terms_hash"]} | (terms or {}),
    )
    return [*made, status]
