"""Status changes: how an agreement moves, what keeps it from moving, and what was said of it."""

from typing import Any
from uuid import uuid4

import pytest

from tests.http.agreements.case import (
    CONFIRMED_AT,
    IN_FORCE_AT,
    IN_PRINCIPLE_AT,
    PROPOSED_AT,
    SETTLED_AT,
    STATED_AT,
    WINDOW,
    Case,
    all_agreed,
    confirm_all,
    declaration,
    from_now,
    given_case,
    given_declared,
    given_live,
    given_proposed,
    proposal,
)
from tests.http.world import ICRC, MOD, OCHA, UKRAINE, World, read

TWO_SIDES = [
    {"organisation": MOD, "role": "required_party"},
    {"organisation": UKRAINE, "role": "required_party"},
]
END = {
    "movements_statement": "Three convoys, according to the UN",
    "counts_statement": "UN more than 600; other claims unknown",
}


def codes(answer: Any) -> list[str]:
    """List the codes of every unmet condition of a 422."""
    problem = read(answer, 422)
    assert problem["type"] == "/problems/unmet-conditions"
    return sorted(unmet["code"] for unmet in problem["unmet"])


class TestWhoMay:
    """Authority over moves."""

    @pytest.mark.parametrize(
        ("who", "status"),
        [
            ("anonymous", 401),
            ("revoked", 401),
            ("nrc", 404),
            ("ocha-elsewhere", 404),
            ("administrator", 404),
            ("auditor", 403),
            ("map-client", 404),
            ("msf", 403),
            ("mod", 403),
            ("ukraine", 403),
            ("mariupol", 403),
        ],
    )
    def test_only_facilitators_guarantors_and_executors_open(
        self, world: World, who: str, status: int
    ) -> None:
        case = given_proposed(world)
        answer = case.post("/status-changes", {"to": "in_talks"}, who=who, if_match='"1"')
        assert answer.status_code == status
        assert case.statuses() == ["proposed"]

    @pytest.mark.parametrize("who", ["ocha", "icrc"])
    def test_facilitator_and_executor_do(self, world: World, who: str) -> None:
        case = given_proposed(world)
        read(case.state("mod", "approached"), 201)
        assert read(case.to("in_talks", who=who), 201)["to"] == "in_talks"

    @pytest.mark.parametrize("who", ["mod", "ukraine", "ocha", "icrc", "mariupol"])
    def test_any_party_stops(self, world: World, who: str) -> None:
        assert given_case(world).stop(who=who).status_code == 201

    @pytest.mark.parametrize(("who", "status"), [("msf", 403), ("auditor", 403), ("nrc", 404)])
    def test_who_is_no_party_does_not(self, world: World, who: str, status: int) -> None:
        case = in_force(world)
        assert case.stop(who=who).status_code == status

    @pytest.mark.parametrize(("who", "status"), [("ukraine", 201), ("icrc", 422), ("mod", 403)])
    def test_the_proposer_withdraws_it(self, world: World, who: str, status: int) -> None:
        assert given_proposed(world).to("withdrawn", who=who).status_code == status

    @pytest.mark.parametrize(("who", "status"), [("mod", 201), ("ocha", 422), ("mariupol", 403)])
    def test_a_party_rejects_it(self, world: World, who: str, status: int) -> None:
        assert given_proposed(world).to("rejected", who=who).status_code == status

    def test_any_coordinator_records_what_one_side_declared(self, world: World) -> None:
        case = given_declared(world)
        more: dict[str, Any] = {"sources": [world.source()], "at": "2022-04-30T17:00:00Z"}
        assert read(case.to("expired", who="msf", **more), 201)["from"] == "declared"


class TestGuards:
    """Each move says everything that is missing."""

    def test_in_talks_needs_a_party_that_was_approached(self, world: World) -> None:
        assert codes(given_proposed(world).to("in_talks")) == ["party_not_approached"]

    def test_the_proposers_own_word_is_no_approach(self, world: World) -> None:
        case = given_proposed(world)
        read(case.state("ukraine", "in_principle"), 201)
        assert codes(case.to("in_talks")) == ["party_not_approached"]

    def test_in_principle_needs_every_required_party(self, world: World) -> None:
        case = given_proposed(world)
        assert codes(case.to("agreed_in_principle")) == ["party_not_in_principle"] * 2

    def test_in_principle_needs_a_source_for_each(self, world: World) -> None:
        case = given_proposed(world)
        for who in ("mod", "ukraine"):
            read(case.state(who, "in_principle"), 201)
        problem = read(case.to("agreed_in_principle"), 422)
        assert [u["code"] for u in problem["unmet"]] == ["party_not_in_principle"] * 2
        assert {u["organisation"] for u in problem["unmet"]} == {
            world.organisations[MOD],
            world.organisations[UKRAINE],
        }

    @pytest.mark.parametrize("stance", ["rejected", "withdrawn", "no_response", "conditional"])
    def test_in_principle_is_not_had_of_one_who(self, world: World, stance: str) -> None:
        case = given_proposed(world)
        source = [world.source()]
        read(case.state("ukraine", "in_principle", sources=source), 201)
        more: dict[str, Any] = {"conditions": "Checks"} if stance == "conditional" else {}
        read(case.state("mod", stance, sources=source, **more), 201)
        assert codes(case.to("agreed_in_principle")) == ["party_not_in_principle"]

    def test_confirmed_lists_all_that_is_missing_at_once(self, world: World) -> None:
        case = given_case(world, "agreed_in_principle")
        found = codes(case.to("confirmed"))
        assert found == sorted(
            ["term_not_agreed"] * 10
            + ["voluntariness_not_stated", "no_window", "two_persons_missing"]
            + ["party_not_confirmed"] * 2
            + ["executor_not_confirmed"]
        )

    def test_confirmed_needs_ten_of_ten_terms(self, world: World) -> None:
        case = given_case(world, "agreed_in_principle")
        case.settle(checks={"state": "proposed", "text": "To be settled"})
        case.window()
        confirm_all(case, at=STATED_AT)
        problem = read(case.to("confirmed", at=CONFIRMED_AT), 422)
        assert [(u["code"], u["term"]) for u in problem["unmet"]] == [("term_not_agreed", "checks")]

    @pytest.mark.parametrize("details", [{}, {"voluntary": False}, {"voluntary": "yes"}])
    def test_confirmed_needs_leaving_to_be_voluntary(
        self, world: World, details: dict[str, Any]
    ) -> None:
        case = given_case(world, "agreed_in_principle")
        choice = {"state": "agreed", "text": "Zaporizhzhia", "details": details}
        case.settle(destinations_and_free_choice=choice)
        case.window()
        confirm_all(case, at=STATED_AT)
        assert codes(case.to("confirmed", at=CONFIRMED_AT)) == ["voluntariness_not_stated"]

    def test_confirmed_needs_a_window_that_ends_in_its_future(self, world: World) -> None:
        case = given_case(world, "stated")
        assert codes(case.to("confirmed", at=WINDOW["ends_at"])) == ["window_over"]
        assert codes(case.to("confirmed")) == ["window_over"]
        read(case.to("confirmed", at="2022-04-30T16:59:59.999999Z"), 201)

    @pytest.mark.parametrize(
        ("who", "code"),
        [
            ("mod", "party_not_confirmed"),
            ("ukraine", "party_not_confirmed"),
            ("icrc", "executor_not_confirmed"),
        ],
    )
    def test_confirmed_needs_every_required_party_and_executor(
        self, world: World, who: str, code: str
    ) -> None:
        case = given_case(world, "settled")
        for other in {"mod", "ukraine", "icrc"} - {who}:
            read(case.confirm(other, at=STATED_AT), 201)
        assert codes(case.to("confirmed", at=CONFIRMED_AT)) == [code]

    def test_confirmed_needs_an_executor(self, world: World) -> None:
        parties = [*TWO_SIDES, {"organisation": OCHA, "role": "facilitator"}]
        case = given_case(world, "settled", parties=parties)
        for who in ("mod", "ukraine"):
            read(case.confirm(who, at=STATED_AT), 201)
        assert codes(case.to("confirmed", at=CONFIRMED_AT)) == ["executor_not_confirmed"]

    def test_confirmed_needs_relayed_words_to_be_attested(self, world: World) -> None:
        case = given_case(world, "settled")
        read(case.relay("ocha", MOD), 201)
        for who in ("ukraine", "icrc"):
            read(case.confirm(who, at=STATED_AT), 201)
        assert codes(case.to("confirmed", at=CONFIRMED_AT)) == ["position_not_attested"]

    def test_confirmed_needs_two_persons_of_two_organisations(self, world: World) -> None:
        parties = [
            {"organisation": ICRC, "role": "required_party"},
            {"organisation": OCHA, "role": "required_party"},
            {"organisation": OCHA, "role": "executor"},
        ]
        case = given_proposed(world, parties=parties)
        for who in ("icrc-held-by-ocha", "ocha"):
            own = {"organisation": ICRC if who != "ocha" else OCHA}
            source = [world.source()]
            read(case.state(who, "in_principle", at=IN_PRINCIPLE_AT, sources=source, **own), 201)
        read(case.to("agreed_in_principle", at=IN_PRINCIPLE_AT), 201)
        case.settle()
        case.window()
        for who in ("icrc-held-by-ocha", "ocha"):
            own = {"organisation": ICRC if who != "ocha" else OCHA}
            read(case.confirm(who, at=STATED_AT, **own), 201)
        assert codes(case.to("confirmed", at=CONFIRMED_AT)) == ["two_persons_missing"]

    def test_confirmed_never_follows_talks(self, world: World) -> None:
        case = given_proposed(world)
        read(case.state("mod", "approached"), 201)
        read(case.to("in_talks"), 201)
        assert case.to("confirmed").status_code == 409

    def test_confirmed_names_the_positions_that_it_counted(self, world: World) -> None:
        case = given_case(world, "confirmed")
        counted = case.read("/status-changes")["items"][-1]["counted"]
        assert {c["organisation"] for c in counted} == {
            world.organisations[name] for name in (MOD, UKRAINE, ICRC)
        }

    def test_in_force_needs_a_window_and_the_ceasefires_report(self, world: World) -> None:
        case = given_case(world, "confirmed")
        found = codes(case.to("in_force", at="2022-04-29T12:00:00Z"))
        assert found == ["ceasefire_not_reported", "window_not_begun"]

    @pytest.mark.parametrize(
        "report",
        [
            {"ceasefire_effective_at": IN_FORCE_AT},
            {"ceasefire_effective_at": "2022-04-30T09:00:00Z", "sources": True},
            {"sources": True},
        ],
        ids=["no source", "after the change", "no hour"],
    )
    def test_the_ceasefire_is_reported_with_its_hour_and_a_source(
        self, world: World, report: dict[str, Any]
    ) -> None:
        if "sources" in report:
            report = report | {"sources": [world.source()]}
        case = _kept(world, "confirmed")
        assert codes(case.to("in_force", at=IN_FORCE_AT, **report)) == ["ceasefire_not_reported"]

    def test_an_override_lifts_the_report_and_the_window_with_its_reason(
        self, world: World
    ) -> None:
        case = given_case(world, "confirmed")
        reason = {"reason": "The field commander let the first bus pass"}
        made = read(case.to("in_force", at="2022-04-29T12:00:00Z", override=reason), 201)
        assert made["override"] == reason

    def test_an_override_lifts_nothing_else(self, world: World) -> None:
        case = given_case(world, "confirmed")
        read(case.state("mod", "considering", at="2022-04-30T04:00:00Z"), 201)
        override = {"reason": "No time"}
        answer = case.to("in_force", at=IN_FORCE_AT, override=override)
        assert codes(answer) == ["party_not_confirmed"]
        elsewhere = case.to("agreed_in_principle", at=IN_FORCE_AT, override=override)
        assert read(elsewhere, 422)["errors"][0]["pointer"] == "/override"

    def test_an_override_says_why(self, world: World) -> None:
        case = _kept(world, "confirmed")
        for override in ({}, {"reason": ""}, {"reason": None}, True):
            assert case.to("in_force", at=IN_FORCE_AT, override=override).status_code == 422

    def test_it_never_comes_in_force_by_the_clock(self, world: World) -> None:
        case = _kept(world, "confirmed")
        assert case.read(as_of="2022-04-30T12:00:00Z")["status"] == "confirmed"

    def test_whoever_suspended_it_has_to_confirm_again(self, world: World) -> None:
        case = given_live(world)
        read(case.stop(who="icrc", reason="shelling"), 201)
        assert codes(case.to("in_force")) == ["suspending_party_not_confirmed"]
        read(case.confirm("icrc"), 201)
        assert read(case.to("in_force"), 201)["from"] == "suspended"

    def test_confirmed_falls_back_only_where_a_confirmation_was_lost(self, world: World) -> None:
        case = given_case(world, "confirmed")
        at = "2022-04-29T12:00:00Z"
        assert codes(case.to("agreed_in_principle", at=at)) == ["confirmations_still_count"]
        read(case.state("ukraine", "considering", at="2022-04-29T11:00:00Z"), 201)
        read(case.to("agreed_in_principle", at=at), 201)

    def test_expired_needs_the_window_to_be_over(self, world: World) -> None:
        case = given_case(world, "confirmed")
        assert codes(case.to("expired", at="2022-04-30T16:00:00Z")) == ["window_not_over"]
        read(case.to("expired", at=WINDOW["ends_at"]), 201)

    def test_completed_needs_statements_and_an_end(self, world: World) -> None:
        case = given_case(world)
        at = "2022-04-30T15:00:00Z"
        assert codes(case.to("completed", at=at)) == [
            "counts_statement_missing",
            "movements_statement_missing",
            "purpose_not_met",
        ]
        read(case.to("completed", at=at, purpose_met=True, **END), 201)

    def test_completed_may_say_unknown(self, world: World) -> None:
        case = given_case(world)
        unknown = {"movements_statement": "unknown", "counts_statement": "unknown"}
        read(case.to("completed", **unknown), 201)

    def test_collapsed_needs_a_withdrawal_or_a_facilitator(self, world: World) -> None:
        case = given_case(world)
        assert codes(case.stop("collapsed", who="icrc")) == ["party_not_withdrawn"]
        read(case.state("mod", "withdrawn"), 201)
        assert case.read()["status"] == "in_force"
        read(case.stop("collapsed", who="icrc"), 201)

    def test_a_facilitator_ends_it(self, world: World) -> None:
        assert given_case(world).stop("collapsed").status_code == 201

    def test_a_withdrawal_bars_people_though_the_status_waits(self, world: World) -> None:
        case = given_live(world)
        read(case.state("mod", "withdrawn"), 201)
        shown = case.read()
        assert shown["status"] == "in_force"
        assert "party_not_confirmed" in {r["code"] for r in shown["do_not_move"]["reasons"]}
        assert "party_not_confirmed" in {a["code"] for a in shown["attention"]}

    def test_rejected_and_withdrawn_follow_a_statement(self, world: World) -> None:
        case = given_proposed(world)
        assert codes(case.to("rejected")) == ["party_not_rejected"]
        assert codes(case.to("withdrawn")) == ["proposer_not_withdrawn"]
        read(case.state("mod", "rejected"), 201)
        read(case.to("rejected"), 201)

    def test_superseded_names_its_successor(self, world: World) -> None:
        case, other = given_proposed(world), given_proposed(world)
        assert codes(case.to("superseded")) == ["successor_missing"]
        made = read(case.to("superseded", successor=other.id), 201)
        assert made["successor"] == other.id

    def test_a_successor_that_may_not_be_known_is_like_an_unknown_one(self, world: World) -> None:
        slug = world.operation(OCHA, MOD, UKRAINE)
        world.token(f"ocha {slug}", OCHA, "coordinator", "ocha-desk", operations=[slug])
        hidden = given_proposed(world, by=f"ocha {slug}", operation=slug)
        case = given_proposed(world)
        answers = [case.to("superseded", successor=id) for id in (hidden.id, str(uuid4()))]
        assert read(answers[0], 422)["errors"][0]["pointer"] == "/successor"
        assert answers[0].content == answers[1].content
        assert case.to("superseded", successor=case.id).status_code == 422

    def test_declared_needs_who_declared_it_a_window_and_a_source(self, world: World) -> None:
        body = declaration() | {"declared_by": None}
        case = Case(world=world, id=read(world.by("mod").post("/v1/agreements", body), 201)["id"])
        assert codes(case.to("declared", who="mod")) == [
            "declared_by_missing",
            "no_window",
            "source_missing",
        ]

    @pytest.mark.parametrize("to", ["confirmed", "agreed_in_principle"])
    def test_what_one_side_declared_never_becomes_confirmed(self, world: World, to: str) -> None:
        case = given_declared(world)
        assert case.to(to).status_code in (403, 409)
        assert case.statuses()[-1] == "declared"

    def test_a_mutual_agreement_is_never_declared(self, world: World) -> None:
        case = given_proposed(world)
        assert case.to("declared", sources=[world.source()]).status_code == 409


class TestMoving:
    """POST …/status-changes."""

    def test_its_answer_is_the_entry_of_the_history(self, world: World) -> None:
        case = given_proposed(world)
        read(case.state("mod", "approached", at="2022-04-26T10:00:00Z"), 201)
        source, at = world.source(), "2022-04-26T11:00:00Z"
        answer = case.to("in_talks", at=at, note="Talks in Moscow", sources=[source],
                         basis="inferred", reason="talks_held")  # fmt: skip
        made = read(answer, 201)
        assert (made["from"], made["to"], made["lasted_s"]) == ("proposed", "in_talks", None)
        assert made["effective_at"] == "2022-04-26T11:00:00.000000Z"
        assert (made["reason"], made["note"]) == ("talks_held", "Talks in Moscow")
        assert (made["sources"], made["basis"]) == ([source], "inferred")
        assert made["organisation"] == world.organisations[OCHA]
        assert made["actor"]["holder"] == "ocha-desk"
        assert (made["override"], made["corrects"]) == (None, [])
        assert answer.headers["Location"] == f"{case.path}/status-changes/{made['id']}"
        assert case.read(f"/status-changes/{made['id']}") == made

    def test_it_needs_the_version(self, world: World) -> None:
        case = given_proposed(world)
        assert case.post("/status-changes", {"to": "in_talks"}).status_code == 428
        stale = case.post("/status-changes", {"to": "in_talks"}, if_match='"9"')
        assert stale.status_code == 412

    def test_the_version_is_asked_for_before_the_rule(self, world: World) -> None:
        case = given_proposed(world)
        assert case.post("/status-changes", {"to": "confirmed"}).status_code == 428

    @pytest.mark.parametrize("to", ["in_force", "completed", "expired", "proposed"])
    def test_an_unlisted_move_is_a_conflict(self, world: World, to: str) -> None:
        answer = given_proposed(world).to(to)
        assert answer.status_code in (403, 409)
        assert "proposed" in answer.json()["detail"]

    def test_what_is_over_stays_over(self, world: World) -> None:
        case = given_proposed(world)
        read(case.to("withdrawn", who="ukraine"), 201)
        answer = case.to("in_talks")
        assert "final" in read(answer, 409)["detail"]

    def test_nothing_happens_in_the_future(self, world: World) -> None:
        case = given_proposed(world)
        read(case.state("mod", "approached"), 201)
        problem = read(case.to("in_talks", at=from_now(minutes=5)), 422)
        assert problem["errors"][0]["pointer"] == "/effective_at"

    def test_nothing_happens_before_the_proposal(self, world: World) -> None:
        case = given_proposed(world)
        assert case.to("in_talks", at="2022-04-25T09:59:59Z").status_code == 409

    @pytest.mark.parametrize(
        ("wrong", "pointer"),
        [
            ({"to": "done"}, "/to"),
            ({"to": None}, "/to"),
            ({"to": ["in_talks"]}, "/to"),
            ({"reason": "Because I say so"}, "/reason"),
            ({"note": "call +380 50 123 45 67"}, "/note"),
            ({"sources": [str(uuid4())]}, "/sources/0"),
            ({"purpose_met": 1}, "/purpose_met"),
            ({"purpose_met": "true"}, "/purpose_met"),
            ({"ceasefire_effective_at": "11:00"}, "/ceasefire_effective_at"),
            ({"corrects": [str(uuid4())]}, "/corrects/0"),
            ({"from": "proposed"}, "/from"),
        ],
    )
    def test_what_is_wrong_is_pointed_at(
        self, world: World, wrong: dict[str, Any], pointer: str
    ) -> None:
        case = _kept(world, "agreed_in_principle")
        problem = read(case.change("POST", "/status-changes", {"to": "superseded"} | wrong), 422)
        assert [error["pointer"] for error in problem["errors"]] == [pointer]

    def test_a_body_without_to_is_refused(self, world: World) -> None:
        case = _kept(world, "agreed_in_principle")
        problem = read(case.change("POST", "/status-changes", {"reason": "talks_held"}), 422)
        assert problem["errors"][0]["pointer"] == "/to"


class TestLateReports:
    """Changes that are recorded after those that follow them in effect."""

    def test_a_late_report_takes_its_place_in_the_history(self, world: World) -> None:
        case = given_case(world, "agreed_in_principle")
        read(case.state("mod", "approached", at="2022-04-25T12:00:00Z"), 201)
        made = read(case.to("in_talks", at="2022-04-26T00:00:00Z"), 201)
        assert made["from"] == "proposed"
        items = case.read("/status-changes")["items"]
        assert [i["to"] for i in items] == ["proposed", "in_talks", "agreed_in_principle"]
        assert [i["from"] for i in items] == [None, "proposed", "in_talks"]
        assert items[1]["lasted_s"] == 16 * 3600

    def test_its_own_instant_is_judged(self, world: World) -> None:
        case = given_case(world, "agreed_in_principle")
        assert codes(case.to("in_talks", at="2022-04-25T11:00:00Z")) == ["party_not_approached"]

    def test_it_is_refused_where_it_would_leave_an_unlisted_move(self, world: World) -> None:
        case = given_case(world, "confirmed")
        answer = case.to("withdrawn", at="2022-04-27T00:00:00Z", who="ukraine")
        assert answer.status_code == 409


class TestStopping:
    """`suspended` and `collapsed`: stopping never waits."""

    def test_it_needs_no_version_and_takes_any(self, world: World) -> None:
        assert given_case(world).stop().status_code == 201
        assert given_case(world).stop(if_match='"1"').status_code in (201, 422)

    def test_it_is_taken_without_reason_and_source_as_incomplete(self, world: World) -> None:
        made = read(given_case(world).stop(), 201)
        assert made["incomplete"] == ["reason", "sources"]
        assert "incomplete" in {w["code"] for w in made["warnings"]}

    def test_in_the_future_it_takes_effect_now(self, world: World) -> None:
        made = read(given_case(world).stop(effective_at=from_now(days=1)), 201)
        assert made["effective_at"] == made["recorded_at"]
        assert "effective_at_replaced" in {w["code"] for w in made["warnings"]}

    def test_where_it_is_unlisted_at_its_instant_it_takes_effect_now(self, world: World) -> None:
        made = read(given_case(world).stop(effective_at="2022-04-26T00:00:00Z"), 201)
        assert made["effective_at"] == made["recorded_at"]

    def test_in_the_past_it_takes_effect_then(self, world: World) -> None:
        case = given_case(world)
        made = read(case.stop(effective_at="2022-04-30T09:00:00Z"), 201)
        assert made["effective_at"] == "2022-04-30T09:00:00.000000Z"
        bar = case.read(as_of="2022-04-30T12:00:00Z")["do_not_move"]
        assert "agreement_not_in_force" in {r["code"] for r in bar["reasons"]}

    @pytest.mark.parametrize(
        "wrong",
        [
            {"note": "call +380 50 123 45 67"},
            {"note": "x" * 20_001},
            {"note": 5},
            {"reason": "Because!"},
            {"sources": ["x"]},
            {"basis": "guess"},
            {"effective_at": "today"},
            {"effective_at": "2022-04-30T09:00:00"},
            {"purpose_met": 1},
            {"override": {"reason": 5}},
            {"corrects": "x"},
            {"ceasefire_effective_at": 7},
            {"successor": "x"},
        ],
        ids=str,
    )
    def test_an_unacceptable_member_is_dropped_with_a_warning(
        self, world: World, wrong: dict[str, Any]
    ) -> None:
        made = read(given_case(world).stop(**wrong), 201)
        assert f"{next(iter(wrong))}_dropped" in {w["code"] for w in made["warnings"]}

    @pytest.mark.parametrize("member", ["note", "reason", "basis", "effective_at"])
    def test_how_to_reach_a_person_does_not_come_into_the_record_with_it(
        self, world: World, member: str
    ) -> None:
        case = given_case(world)
        read(case.stop(**{member: "ivan.petrenko@example.org"}), 201)
        assert "petrenko" not in case.get("/status-changes").text

    @pytest.mark.parametrize(
        "more",
        [
            {"sources": [str(uuid4())]},
            {"corrects": [str(uuid4())]},
            {"successor": str(uuid4())},
            {"override": {"reason": "none"}},
            {"to": "suspended", "unheard_of": 1},
        ],
        ids=lambda more: next(iter(more)),
    )
    def test_it_is_not_refused_for_what_it_names(self, world: World, more: dict[str, Any]) -> None:
        case = given_case(world)
        body = {"to": "suspended"} | more
        answer = case.post("/status-changes", body)
        assert answer.status_code == (422 if "unheard_of" in body else 201)

    def test_stopping_what_is_stopped_adds_the_statement_and_changes_nothing(
        self, world: World
    ) -> None:
        case = given_case(world)
        read(case.stop(who="mod"), 201)
        again = read(case.stop(who="ukraine", reason="shelling"), 201)
        assert (again["changes_status"], again["from"], again["to"]) == (
            False,
            "suspended",
            "suspended",
        )
        assert case.statuses()[-2:] == ["in_force", "suspended"]
        assert len(case.read("/status-changes")["items"]) == 6

    def test_who_stated_a_second_stop_has_to_confirm_again_too(self, world: World) -> None:
        case = given_live(world)
        read(case.stop(who="mod"), 201)
        read(case.stop(who="ukraine"), 201)
        read(case.confirm("mod"), 201)
        assert codes(case.to("in_force")) == ["suspending_party_not_confirmed"]

    def test_what_is_over_takes_the_statement(self, world: World) -> None:
        case = given_case(world)
        read(case.to("completed", **END), 201)
        assert read(case.stop(who="mod"), 201)["changes_status"] is False

    @pytest.mark.parametrize("step", ["proposed", "agreed_in_principle"])
    def test_what_never_opened_is_not_suspended(self, world: World, step: str) -> None:
        assert _kept(world, step).stop().status_code == 409

    def test_a_suspended_agreement_collapses(self, world: World) -> None:
        case = given_case(world)
        read(case.stop(), 201)
        assert read(case.stop("collapsed"), 201)["from"] == "suspended"

    def test_it_stops_what_a_late_stop_left_in_force(self, world: World) -> None:
        case = given_case(world)
        read(case.stop(effective_at="2022-04-30T09:00:00Z"), 201)
        read(case.confirm("icrc", at="2022-04-30T09:30:00Z"), 201)
        read(case.confirm("mod", at="2022-04-30T09:30:00Z"), 201)


class TestCorrecting:
    """Changes that replace others, and those that only take them out."""

    def test_a_correction_takes_the_time_of_what_it_replaces(self, world: World) -> None:
        case, stop = suspended(world)
        made = read(case.to("collapsed", corrects=stop["id"]), 201)
        assert made["effective_at"] == stop["effective_at"]
        assert case.statuses()[-2:] == ["in_force", "collapsed"]

    def test_null_takes_the_named_change_out(self, world: World) -> None:
        case = given_case(world, "agreed_in_principle")
        items = case.read("/status-changes")["items"]
        made = read(case.to(None, corrects=[items[-1]["id"]]), 201)
        assert (made["to"], made["corrects"]) == (None, [items[-1]["id"]])
        assert case.statuses() == ["proposed"]
        assert case.read()["status"] == "proposed"

    def test_an_earlier_known_at_still_shows_what_was_taken_out(self, world: World) -> None:
        case = given_case(world, "agreed_in_principle")
        last = case.read("/status-changes")["items"][-1]
        read(case.to(None, corrects=[last["id"]]), 201)
        known = {"known_at": last["recorded_at"]}
        assert case.statuses(**known) == ["proposed", "agreed_in_principle"]
        assert case.read(**known)["status"] == "agreed_in_principle"

    def test_to_is_null_only_where_something_is_corrected(self, world: World) -> None:
        problem = read(_kept(world, "agreed_in_principle").to(None), 422)
        assert problem["errors"][0]["pointer"] == "/to"

    def test_taking_a_stop_out_is_judged_as_an_opening_now(self, world: World) -> None:
        case, stop = suspended(world)
        found = codes(case.to(None, corrects=[stop["id"]]))
        assert "window_over" in found

    def test_taking_a_stop_out_is_for_those_who_open(self, world: World) -> None:
        case = given_live(world)
        stop = read(case.stop(who="mod"), 201)
        assert case.to(None, corrects=[stop["id"]], who="mod").status_code == 403

    def test_whoever_recorded_it_corrects_it(self, world: World) -> None:
        case, stop = suspended(world)
        assert case.to(None, corrects=[stop["id"]], who="icrc").status_code == 403

    def test_the_proposal_itself_is_not_corrected(self, world: World) -> None:
        case = given_proposed(world)
        first = case.read("/status-changes")["items"][0]["id"]
        problem = read(case.to(None, corrects=[first]), 422)
        assert problem["errors"][0]["pointer"] == "/corrects/0"

    def test_a_correction_that_leaves_an_unlisted_move_is_refused(self, world: World) -> None:
        case = given_case(world, "in_force")
        confirmed = case.read("/status-changes")["items"][-2]
        assert case.to(None, corrects=[confirmed["id"]]).status_code == 409

    def test_several_are_taken_out_at_once(self, world: World) -> None:
        case = given_case(world, "in_force")
        both = [item["id"] for item in case.read("/status-changes")["items"][-2:]]
        read(case.to(None, corrects=both), 201)
        assert case.read()["status"] == "agreed_in_principle"

    def test_it_needs_the_version_unless_it_stops(self, world: World) -> None:
        case, stop = suspended(world)
        body = {"to": None, "corrects": [stop["id"]]}
        assert case.post("/status-changes", body).status_code == 428
        again = {"to": "suspended", "corrects": [stop["id"]], "reason": "shelling"}
        made = read(case.post("/status-changes", again), 201)
        assert (made["effective_at"], made["reason"]) == (stop["effective_at"], "shelling")


class TestReading:
    """GET …/status-changes and of one."""

    def test_each_says_from_to_when_by_whom_and_how_long(self, world: World) -> None:
        items = in_force(world).read("/status-changes")["items"]
        assert [(i["from"], i["to"]) for i in items] == [
            (None, "proposed"),
            ("proposed", "agreed_in_principle"),
            ("agreed_in_principle", "confirmed"),
            ("confirmed", "in_force"),
        ]
        assert items[0]["effective_at"] == "2022-04-25T10:00:00.000000Z"
        assert [i["lasted_s"] for i in items] == [30 * 3600, 65 * 3600, 23 * 3600, None]
        assert {i["actor"]["holder"] for i in items} == {"ocha-desk"}

    def test_later_ones_are_not_there_yet(self, world: World) -> None:
        case = in_force(world)
        assert case.statuses(as_of=CONFIRMED_AT)[-1] == "confirmed"
        assert case.statuses(as_of="2022-04-29T08:59:59Z")[-1] == "agreed_in_principle"
        at = case.read("/status-changes")["items"]
        late = case.get(f"/status-changes/{at[-1]['id']}", as_of=CONFIRMED_AT)
        assert late.status_code == 404

    def test_how_long_it_lasted_is_open_while_it_lasts_then(self, world: World) -> None:
        items = in_force(world).read("/status-changes", as_of=CONFIRMED_AT)["items"]
        assert items[-1]["lasted_s"] is None

    def test_before_the_proposal_there_is_nothing(self, world: World) -> None:
        at = {"as_of": "2022-04-25T09:59:59Z"}
        for below in ("", "/status-changes", "/positions", "/terms", "/windows", "/readiness"):
            assert in_force(world).get(below, **at).status_code == 404

    def test_at_its_instant_it_is_proposed(self, world: World) -> None:
        assert in_force(world).read(as_of=PROPOSED_AT)["status"] == "proposed"

    def test_they_come_in_pages(self, world: World) -> None:
        case = in_force(world)
        whole = case.read("/status-changes")["items"]
        first = case.read("/status-changes", limit=3)
        rest = case.by("ocha").read(first["next"])
        assert first["items"] + rest["items"] == whole
        assert rest["next"] is None

    def test_an_unknown_one_is_not_found(self, world: World) -> None:
        other = given_proposed(world).read("/status-changes")["items"][0]["id"]
        for id in (str(uuid4()), other, "x"):
            assert in_force(world).get(f"/status-changes/{id}").status_code == 404

    @pytest.mark.parametrize(("who", "status"), [("nrc", 404), ("anonymous", 401), ("mod", 200)])
    def test_those_who_know_the_agreement_whole_read_them(
        self, world: World, who: str, status: int
    ) -> None:
        assert in_force(world).get("/status-changes", who=who).status_code == status


def in_force(world: World) -> Case:
    """Lend the agreement in force that tests only read."""
    return _kept(world, "in_force")


def _kept(world: World, step: str) -> Case:
    if f"kept {step}" not in world.kept:
        world.kept[f"kept {step}"] = given_case(world, step)
    case: Case = world.kept[f"kept {step}"]
    return case


def suspended(world: World) -> tuple[Case, Any]:
    """Give an agreement that OCHA suspended an hour after it came in force, and the stop."""
    case = given_case(world)
    return case, read(case.stop(effective_at="2022-04-30T09:00:00Z"), 201)


def test_ten_terms_settled_late_do_not_reach_back(world: World) -> None:
    case = given_case(world, "agreed_in_principle")
    read(case.change("PUT", "/terms", {"terms": all_agreed(), "effective_at": SETTLED_AT}), 200)
    then = case.read("/readiness", as_of="2022-04-28T00:00:00Z")
    assert then["terms_agreed"] == 0
    assert proposal()["purpose"] == case.read()["purpose"]
