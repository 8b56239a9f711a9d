"""Agreements: proposed, read and edited."""

from typing import Any
from uuid import uuid4

import pytest

from tests.http.agreements.case import (
    WINDOW,
    Case,
    declaration,
    from_now,
    given_case,
    given_declared,
    given_live,
    given_proposed,
    proposal,
)
from tests.http.world import ICRC, MOD, OCHA, UKRAINE, World, read


class TestProposing:
    """POST /v1/agreements."""

    def test_nobody_proposes_without_a_token(self, world: World) -> None:
        assert world.by("anonymous").post("/v1/agreements", proposal()).status_code == 401

    def test_a_revoked_token_proposes_nothing(self, world: World) -> None:
        assert world.by("revoked").post("/v1/agreements", proposal()).status_code == 401

    @pytest.mark.parametrize("who", ["administrator", "auditor", "map-client"])
    def test_only_coordinators_propose(self, world: World, who: str) -> None:
        assert world.by(who).post("/v1/agreements", proposal()).status_code == 403

    def test_any_coordinator_of_the_operation_proposes(self, world: World) -> None:
        made = world.by("msf").post("/v1/agreements", proposal())
        assert made.status_code == 201
        assert made.headers["Location"] == f"/v1/agreements/{made.json()['id']}"
        assert made.headers["ETag"] == '"1"'

    def test_a_proposal_begins_as_proposed_with_revision_one(self, world: World) -> None:
        made = read(world.by("ocha").post("/v1/agreements", proposal()), 201)
        assert (made["status"], made["revision"], made["version"]) == ("proposed", 1, 1)
        assert len(made["terms_hash"]) == 64
        assert made["consent_basis"] == "mutual"
        assert made["sensitivity"] == "high"
        assert made["recorded_by"] == world.organisations[OCHA]

    def test_what_is_proposed_may_not_be_acted_on(self, world: World) -> None:
        made = read(world.by("ocha").post("/v1/agreements", proposal()), 201)
        codes = {reason["code"] for reason in made["do_not_move"]["reasons"]}
        assert {"agreement_not_in_force", "term_not_agreed", "no_window"} <= codes
        assert made["do_not_move"]["until"] is None

    def test_the_proposer_is_the_callers_organisation_unless_named(self, world: World) -> None:
        body = proposal()
        del body["proposer"]
        made = read(world.by("icrc").post("/v1/agreements", body), 201)
        assert made["proposer"] == world.organisations[ICRC]

    def test_references_go_by_id_as_well(self, world: World) -> None:
        parties = [
            {"organisation": world.organisations[name], "role": "required_party"}
            for name in (MOD, UKRAINE)
        ]
        body = proposal(operation=world.operations["mariupol-2022"], parties=parties)
        made = read(world.by("ocha").post("/v1/agreements", body), 201)
        assert [p["short_name"] for p in made["parties"]] == [MOD, UKRAINE]

    def test_a_mutual_agreement_needs_two_required_parties(self, world: World) -> None:
        one = [{"organisation": MOD, "role": "required_party"}]
        refused = world.by("ocha").post("/v1/agreements", proposal(parties=one))
        assert pointers(read(refused, 422)) == ["/parties"]

    def test_one_organisation_named_twice_is_one_required_party(self, world: World) -> None:
        twice = [{"organisation": MOD, "role": "required_party"}] * 2
        assert world.by("ocha").post("/v1/agreements", proposal(parties=twice)).status_code == 422

    @pytest.mark.parametrize("laterality", ["unilateral", "imposed"])
    def test_what_one_side_declares_needs_one_required_party(
        self, world: World, laterality: str
    ) -> None:
        body = declaration() | {"laterality": laterality}
        made = read(world.by("mod").post("/v1/agreements", body), 201)
        assert made["consent_basis"] == laterality
        assert made["do_not_move"]["reasons"][0]["code"] == "consent_not_mutual"

    def test_an_operation_that_the_token_does_not_name_is_like_an_unknown_one(
        self, world: World
    ) -> None:
        theirs = proposal(operation=world.operation(OCHA))
        hidden = world.by("nrc").post("/v1/agreements", theirs)
        unknown = world.by("nrc").post("/v1/agreements", proposal(operation=str(uuid4())))
        assert pointers(read(hidden, 422)) == ["/operation"]
        assert hidden.content == unknown.content

    def test_an_operation_known_by_a_released_agreement_is_not_yours_to_propose_in(
        self, world: World
    ) -> None:
        given_proposed(world, sensitivity="low")
        assert world.by("nrc").post("/v1/agreements", proposal()).status_code == 403

    def test_a_repetition_finds_its_proposal_though_the_operation_was_renamed(
        self, world: World
    ) -> None:
        slug = world.operation(OCHA)
        world.token(slug, OCHA, "coordinator", "ocha-desk", operations=[slug])
        body, key = (
            proposal(operation=slug) | {"effective_at": from_now()},
            {"idempotency_key": slug},
        )
        made = read(world.by(slug).post("/v1/agreements", body, **key), 201)
        change_operation(world, made["operation"], {"slug": f"{slug}-renamed"})
        assert read(world.by(slug).post("/v1/agreements", body, **key), 201)["id"] == made["id"]
        change_operation(world, made["operation"], {"members": []})
        refused = world.by(slug).post("/v1/agreements", body, **key)
        assert pointers(read(refused, 422)) == ["/operation"]

    @pytest.mark.parametrize("member", ["proposer", "declared_by"])
    def test_an_unknown_organisation_is_pointed_at(self, world: World, member: str) -> None:
        unknown = str(uuid4())
        refused = world.by("ocha").post("/v1/agreements", proposal(**{member: unknown}))
        assert pointers(read(refused, 422)) == [f"/{member}"]
        assert unknown not in refused.text

    def test_an_unknown_party_is_pointed_at(self, world: World) -> None:
        parties = [*proposal()["parties"], {"organisation": "Nobody", "role": "monitor"}]
        refused = world.by("ocha").post("/v1/agreements", proposal(parties=parties))
        assert pointers(read(refused, 422)) == ["/parties/5/organisation"]

    def test_a_source_of_another_operation_is_like_an_unknown_one(self, world: World) -> None:
        theirs = world.source("kherson-2022", by="nrc")
        refused = world.by("ocha").post("/v1/agreements", proposal(sources=[theirs]))
        unknown = world.by("ocha").post("/v1/agreements", proposal(sources=[str(uuid4())]))
        assert pointers(read(refused, 422)) == ["/sources/0"]
        assert refused.content == unknown.content

    def test_nothing_is_proposed_in_the_future(self, world: World) -> None:
        body = proposal(effective_at=from_now(hours=1))
        assert pointers(read(world.by("ocha").post("/v1/agreements", body), 422)) == [
            "/effective_at"
        ]

    @pytest.mark.parametrize(
        ("member", "value"),
        [
            ("kind", "truce"),
            ("laterality", "trilateral"),
            ("sensitivity", "secret"),
            ("title", ""),
            ("title", "Call +380 50 123 45 67"),
            ("purpose", "Write to ivan.petrenko@example.org"),
            ("release_at", "2022-05-01T10:00:00"),
            ("basis", "guessed"),
            ("sources", ["not an id"]),
        ],
    )
    def test_a_member_that_is_wrong_is_pointed_at(
        self, world: World, member: str, value: Any
    ) -> None:
        refused = world.by("ocha").post("/v1/agreements", proposal(**{member: value}))
        found = pointers(read(refused, 422))
        assert len(found) == 1
        assert found[0].startswith(f"/{member}")

    @pytest.mark.parametrize("member", ["operation", "title", "kind", "laterality", "purpose"])
    def test_a_member_that_is_missing_is_pointed_at(self, world: World, member: str) -> None:
        body = proposal()
        del body[member]
        assert pointers(read(world.by("ocha").post("/v1/agreements", body), 422)) == [f"/{member}"]


class TestReading:
    """GET /v1/agreements/{id}."""

    @pytest.mark.parametrize("who", ["anonymous", "nrc", "nrc-auditor", "administrator"])
    def test_to_strangers_it_does_not_exist(self, world: World, who: str) -> None:
        case = shared(world)
        hidden, unknown = case.get(who=who), world.by(who).get(f"/v1/agreements/{uuid4()}")
        assert hidden.status_code == 404
        assert hidden.content == unknown.content
        assert dict(hidden.headers) == dict(unknown.headers)

    @pytest.mark.parametrize("who", ["ocha", "icrc", "mod", "ukraine", "msf", "auditor"])
    def test_parties_and_the_operational_audience_read_it_whole(
        self, world: World, who: str
    ) -> None:
        assert "terms_hash" in shared(world).read(who=who)

    def test_a_map_client_of_the_partner_audience_that_is_no_party_does_not(
        self, world: World
    ) -> None:
        world.token("msf-map", "MSF", "map_client", "msf-map", operations=["mariupol-2022"])
        assert shared(world).get(who="msf-map").status_code == 404

    def test_a_revoked_token_reads_nothing(self, world: World) -> None:
        assert shared(world).get(who="revoked").status_code == 401

    def test_what_is_no_id_is_not_found(self, world: World) -> None:
        for id in ("x", "1", "00000000", "%00", "a" * 500):
            assert world.by("ocha").get(f"/v1/agreements/{id}").status_code == 404

    def test_a_token_of_the_same_organisation_for_another_operation_reads_nothing(
        self, world: World
    ) -> None:
        assert shared(world).get(who="ocha-elsewhere").status_code == 404

    def test_head_answers_as_get_without_a_body(self, world: World) -> None:
        case = shared(world)
        head = case.by("ocha").call("HEAD", case.path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["ETag"] == case.tag()

    def test_in_force_it_bars_nobody_while_its_window_is_open(self, world: World) -> None:
        bar = shared(world).read(as_of="2022-04-30T12:00:00Z")["do_not_move"]
        assert bar == {"reasons": [], "until": "2022-04-30T17:00:00.000000Z"}

    def test_the_end_of_a_window_bars_at_its_instant(self, world: World) -> None:
        bar = shared(world).read(as_of=WINDOW["ends_at"])["do_not_move"]
        assert "window_over" in {reason["code"] for reason in bar["reasons"]}
        assert bar["until"] is None

    def test_before_its_window_it_says_when_that_begins(self, world: World) -> None:
        shown = shared(world).read(as_of="2022-04-29T12:00:00Z")
        assert shown["do_not_move"]["until"] == "2022-04-30T03:00:00.000000Z"
        codes = {reason["code"] for reason in shown["do_not_move"]["reasons"]}
        assert codes == {"agreement_not_in_force", "window_not_begun"}

    def test_past_its_last_window_it_needs_attention_and_stays_in_force(self, world: World) -> None:
        shown = shared(world).read()
        assert shown["status"] == "in_force"
        assert [item["code"] for item in shown["attention"]] == ["window_over"]

    def test_a_lapse_of_validity_is_the_next_known_change(self, world: World) -> None:
        case = given_case(world, "settled")
        until = "2022-04-29T20:00:00Z"
        read(case.confirm("mod", at="2022-04-29T08:00:00Z", valid_until=until), 201)
        shown = case.read(as_of="2022-04-29T09:00:00Z")
        assert shown["do_not_move"]["until"] == "2022-04-29T20:00:00.000000Z"

    def test_a_declared_one_never_frees_anybody_to_move(self, world: World) -> None:
        case = given_declared(world)
        shown = case.read(as_of="2022-04-30T12:00:00Z")
        assert shown["consent_basis"] == "unilateral"
        assert "consent_not_mutual" in {r["code"] for r in shown["do_not_move"]["reasons"]}


class TestOutline:
    """What everybody sees of an agreement that is low or released."""

    OUTLINE = frozenset({"id", "operation", "title", "status", "consent_basis", "do_not_move"})

    @pytest.mark.parametrize("who", ["anonymous", "nrc", "nrc-auditor", "nrc-map-client"])
    def test_a_low_one_is_shown_in_outline(self, world: World, who: str) -> None:
        case = given_proposed(world, sensitivity="low")
        assert set(case.read(who=who)) == self.OUTLINE

    def test_reasons_that_tell_who_said_what_are_shown_as_not_in_force(self, world: World) -> None:
        case = given_proposed(world, sensitivity="low")
        reasons = case.read(who="anonymous")["do_not_move"]["reasons"]
        assert [reason["code"] for reason in reasons] == ["agreement_not_in_force"]
        assert "Government" not in str(reasons)

    def test_a_green_light_is_shown_to_everybody(self, world: World) -> None:
        case = given_case(world, sensitivity="low")
        shown = case.read(who="anonymous", as_of="2022-04-30T12:00:00Z")
        assert shown["do_not_move"]["reasons"] == []

    def test_the_green_light_ends_for_everybody_where_a_validity_does(self, world: World) -> None:
        case = given_case(world, sensitivity="low")
        until = "2022-04-30T14:00:00Z"
        read(case.confirm("mod", at="2022-04-30T09:00:00Z", valid_until=until), 201)
        shown = case.read(who="anonymous", as_of="2022-04-30T12:00:00Z")
        assert shown["do_not_move"] == {"reasons": [], "until": "2022-04-30T14:00:00.000000Z"}

    def test_while_it_bars_its_hours_are_not_shown(self, world: World) -> None:
        case = given_case(world, sensitivity="low")
        before = "2022-04-30T02:00:00Z"
        assert case.read(as_of=before)["do_not_move"]["until"] == "2022-04-30T03:00:00.000000Z"
        assert case.read(who="anonymous", as_of=before)["do_not_move"]["until"] is None

    def test_it_is_shown_from_its_release_on(self, world: World) -> None:
        assert (
            given_proposed(world, release_at=from_now(hours=-1)).get(who="anonymous").status_code
            == 200
        )

    def test_before_its_release_it_does_not_exist(self, world: World) -> None:
        assert (
            given_proposed(world, release_at=from_now(hours=1)).get(who="anonymous").status_code
            == 404
        )

    def test_may_see_is_judged_now_also_for_the_past(self, world: World) -> None:
        case = given_proposed(world, sensitivity="low")
        read(case.change("PATCH", "", {"sensitivity": "high"}), 200)
        at = {"as_of": "2022-04-26T00:00:00Z"}
        assert case.get(who="anonymous", **at).status_code == 404

    @pytest.mark.parametrize(
        "below",
        ["/positions", "/terms", "/windows", "/contacts", "/readiness", "/transitions",
         "/status-changes"],
    )  # fmt: skip
    def test_nothing_below_it_exists_for_those_who_know_the_outline(
        self, world: World, below: str
    ) -> None:
        case = given_proposed(world, sensitivity="low")
        assert case.get(below, who="nrc").status_code == 404

    def test_it_can_be_changed_by_none_of_them(self, world: World) -> None:
        case = given_proposed(world, sensitivity="low")
        refused = case.change("PATCH", "", {"title": "Another"}, who="nrc")
        assert refused.status_code == 403


class TestEditing:
    """PATCH /v1/agreements/{id}."""

    def test_nobody_edits_without_a_token(self, world: World) -> None:
        answer = shared(world).change("PATCH", "", {"title": "A"}, who="anonymous")
        assert answer.status_code == 401

    def test_strangers_find_nothing_to_edit(self, world: World) -> None:
        assert shared(world).change("PATCH", "", {"title": "A"}, who="nrc").status_code == 404

    @pytest.mark.parametrize("who", ["auditor", "msf", "mariupol"])
    def test_those_who_do_not_settle_may_not(self, world: World, who: str) -> None:
        assert shared(world).change("PATCH", "", {"title": "A"}, who=who).status_code == 403

    @pytest.mark.parametrize("who", ["ocha", "icrc", "mod", "ukraine"])
    def test_facilitators_executors_and_required_parties_may(self, world: World, who: str) -> None:
        case = given_proposed(world)
        changed = case.change("PATCH", "", {"title": "Evacuation of Azovstal"}, who=who)
        assert read(changed, 200)["title"] == "Evacuation of Azovstal"
        assert changed.headers["ETag"] == '"2"'

    def test_it_needs_the_version(self, world: World) -> None:
        case = shared(world)
        answer = case.by("ocha").call("PATCH", case.path, {"title": "A"})
        assert answer.status_code == 428

    @pytest.mark.parametrize("tag", ['"99"', "*", 'W/"1"', '"1;now;now"'])
    def test_a_stale_version_changes_nothing(self, world: World, tag: str) -> None:
        case = shared(world)
        assert case.change("PATCH", "", {"title": "A"}, if_match=tag).status_code == 412
        assert case.read()["title"] != "A"

    def test_the_tag_of_a_past_reading_is_no_version(self, world: World) -> None:
        case = given_proposed(world)
        tag = case.get(as_of="2022-04-26T00:00:00Z").headers["ETag"]
        assert case.change("PATCH", "", {"title": "A"}, if_match=tag).status_code == 412

    def test_a_merge_patch_is_taken_by_its_own_type_too(self, world: World) -> None:
        case = given_proposed(world)
        kind = {"content_type": "application/merge-patch+json"}
        assert case.change("PATCH", "", {"title": "Other"}, **kind).status_code == 200

    def test_members_that_are_left_out_stay(self, world: World) -> None:
        case = given_proposed(world)
        before = case.read()
        after = read(case.change("PATCH", "", {"title": "Other"}), 200)
        same = {"purpose", "kind", "parties", "proposer", "terms_hash", "revision", "status"}
        assert {k: after[k] for k in same} == {k: before[k] for k in same}

    @pytest.mark.parametrize(
        "member", ["status", "laterality", "operation", "revision", "terms_hash", "proposer", "id"]
    )
    def test_what_has_ways_of_its_own_is_not_edited(self, world: World, member: str) -> None:
        refused = shared(world).change("PATCH", "", {member: "confirmed"})
        assert pointers(read(refused, 422)) == [f"/{member}"]

    def test_new_parties_make_new_terms(self, world: World) -> None:
        case = given_proposed(world)
        before = case.read()
        parties = [*proposal()["parties"], {"organisation": "MSF", "role": "monitor"}]
        after = read(case.change("PATCH", "", {"parties": parties}), 200)
        assert after["terms_hash"] != before["terms_hash"]
        assert after["revision"] == 1

    def test_a_party_may_go_and_come_back_at_one_instant(self, world: World) -> None:
        case = given_proposed(world)
        parties = proposal()["parties"]
        for named in (parties[:-1], parties, parties[:-1], parties):
            body = {"parties": named, "effective_at": proposal()["effective_at"]}
            read(case.change("PATCH", "", body), 200)
        assert len(case.read()["parties"]) == len(parties)
        assert case.get(who="mariupol").status_code == 200

    def test_new_parties_void_confirmations_and_say_so(self, world: World) -> None:
        case = given_case(world, "confirmed")
        parties = [*proposal()["parties"], {"organisation": "MSF", "role": "monitor"}]
        after = read(case.change("PATCH", "", {"parties": parties}), 200)
        assert (after["revision"], after["status"]) == (2, "agreed_in_principle")
        assert {w["code"] for w in after["warnings"]} == {"confirmations_voided", "status_fell"}

    def test_a_mutual_agreement_keeps_two_required_parties(self, world: World) -> None:
        one = [{"organisation": MOD, "role": "required_party"}]
        refused = shared(world).change("PATCH", "", {"parties": one})
        assert pointers(read(refused, 422)) == ["/parties"]

    def test_a_changed_class_clears_the_release(self, world: World) -> None:
        case = given_proposed(world, release_at=from_now(hours=1))
        after = read(case.change("PATCH", "", {"sensitivity": "severe"}), 200)
        assert after["release_at"] is None

    def test_a_changed_class_keeps_the_release_that_comes_with_it(self, world: World) -> None:
        case = given_proposed(world)
        both = {"sensitivity": "severe", "release_at": "2099-01-01T00:00:00Z"}
        after = read(case.change("PATCH", "", both), 200)
        assert after["release_at"] == "2099-01-01T00:00:00.000000Z"

    def test_null_takes_the_release_away(self, world: World) -> None:
        case = given_proposed(world, release_at="2099-01-01T00:00:00Z")
        assert read(case.change("PATCH", "", {"release_at": None}), 200)["release_at"] is None

    def test_a_mutual_agreement_is_declared_by_nobody(self, world: World) -> None:
        refused = shared(world).change("PATCH", "", {"declared_by": MOD})
        assert pointers(read(refused, 422)) == ["/declared_by"]

    def test_a_late_report_of_one_member_leaves_the_others(self, world: World) -> None:
        case = given_proposed(world)
        read(
            case.change("PATCH", "", {"title": "New", "effective_at": "2022-04-27T00:00:00Z"}), 200
        )
        late = {"purpose": "Old purpose", "effective_at": "2022-04-26T00:00:00Z"}
        read(case.change("PATCH", "", late), 200)
        assert case.read()["title"] == "New"
        then = case.read(as_of="2022-04-26T12:00:00Z")
        assert (then["title"], then["purpose"]) == (proposal()["title"], "Old purpose")


def shared(world: World) -> Case:
    """Lend the agreement in force that tests only read."""
    if "in force" not in world.kept:
        world.kept["in force"] = given_case(world)
    case: Case = world.kept["in force"]
    return case


def pointers(problem: Any) -> list[str]:
    """List where a problem document points."""
    return [error["pointer"] for error in problem["errors"]]


def test_a_live_agreement_in_force_lets_people_move_now(world: World) -> None:
    shown = given_live(world).read()
    assert (shown["status"], shown["attention"]) == ("in_force", [])
    assert shown["do_not_move"]["reasons"] == []


def change_operation(world: World, id: str, body: dict[str, Any]) -> None:
    """Let an administrator change an operation."""
    administrator, path = world.by("administrator"), f"/v1/operations/{id}"
    tag = administrator.get(path).headers["ETag"]
    read(administrator.call("PATCH", path, body, if_match=tag), 200)
