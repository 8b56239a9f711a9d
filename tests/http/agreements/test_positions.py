"""Positions and attestations: what the parties say, and who stands behind it."""

from typing import Any
from uuid import uuid4

import pytest

from tests.http.agreements.case import (
    SETTLED_AT,
    STATED_AT,
    Case,
    from_now,
    given_case,
    given_proposed,
)
from tests.http.world import ICRC, MARIUPOL, MOD, MSF, OCHA, UKRAINE, UNHCR, World, read


class TestStating:
    """POST …/positions."""

    def test_without_a_token_it_is_asked_for_whether_or_not_there_is_an_agreement(
        self, world: World
    ) -> None:
        hidden = open_case(world).state("anonymous", "approached", organisation=MOD)
        unknown = Case(world=world, id=str(uuid4())).state("anonymous", "approached")
        assert (hidden.status_code, unknown.status_code) == (401, 401)
        assert hidden.content == unknown.content

    def test_to_strangers_there_is_nothing_to_state_about(self, world: World) -> None:
        answer = open_case(world).state("nrc", "approached", organisation=MOD)
        assert answer.status_code == 404

    @pytest.mark.parametrize(("who", "status"), [("auditor", 403), ("map-client", 404)])
    def test_only_coordinators_state(self, world: World, who: str, status: int) -> None:
        assert open_case(world).state(who, "approached", organisation=MOD).status_code == status

    def test_a_party_states_its_own_without_a_source(self, world: World) -> None:
        made = given_proposed(world).state("mod", "considering", at="2022-04-26T10:00:00Z")
        shown = read(made, 201)
        assert shown["organisation"] == world.organisations[MOD]
        assert (shown["counts_as"], shown["counts"]) == ("considering", False)
        assert shown["stated_at"] == "2022-04-26T10:00:00.000000Z"
        assert shown["recorded_by"]["holder"] == "mod-desk"
        assert made.headers["Location"].endswith(shown["id"])

    def test_it_needs_no_version(self, world: World) -> None:
        case = given_proposed(world)
        for stance in ("approached", "considering"):
            assert case.state("mod", stance).status_code == 201

    def test_nobody_speaks_for_another_without_saying_who_relayed_it(self, world: World) -> None:
        answer = open_case(world).state("ocha", "in_principle", organisation=MOD)
        assert answer.status_code == 403

    def test_what_was_relayed_needs_a_source(self, world: World) -> None:
        more: dict[str, Any] = {"organisation": MOD, "relayed_by": OCHA}
        assert pointers(open_case(world).state("ocha", "in_principle", **more)) == ["/sources"]

    def test_what_was_relayed_is_taken_with_a_source(self, world: World) -> None:
        more: dict[str, Any] = {
            "organisation": MOD,
            "relayed_by": OCHA,
            "sources": [world.source()],
        }
        made = read(open_case(world).state("ocha", "in_principle", **more), 201)
        assert made["relayed_by"] == world.organisations[OCHA]
        assert made["counts_as"] == "in_principle"

    @pytest.mark.parametrize("stance", ["rejected", "withdrawn"])
    def test_a_relayed_refusal_without_a_source_is_taken_as_incomplete(
        self, world: World, stance: str
    ) -> None:
        more: dict[str, Any] = {"organisation": MOD, "relayed_by": OCHA}
        made = read(open_case(world).state("ocha", stance, **more), 201)
        assert made["incomplete"] == ["sources"]
        assert [w["code"] for w in made["warnings"]] == ["incomplete"]
        assert made["counts_as"] == stance

    @pytest.mark.parametrize("stance", ["rejected", "withdrawn"])
    def test_a_refusal_in_the_future_takes_effect_now(self, world: World, stance: str) -> None:
        made = read(open_case(world).state("mod", stance, at=from_now(days=1)), 201)
        assert made["stated_at"] == made["recorded_at"]
        assert [w["code"] for w in made["warnings"]] == ["effective_at_replaced"]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"note": "Call +380 50 123 45 67"},
            {"note": "x" * 20_001},
            {"conditions": 7},
            {"stated_at": "yesterday"},
            {"valid_until": "2022-04-30"},
            {"revision": 0},
            {"terms_hash": "x"},
            {"form": "telepathy"},
            {"authority_level": "clerk"},
            {"sources": "none"},
            {"basis": "guessed"},
            {"corrects": ["x"]},
        ],
        ids=str,
    )
    def test_a_refusal_is_never_refused_for_what_comes_with_it(
        self, world: World, wrong: dict[str, Any]
    ) -> None:
        made = read(open_case(world).state("mod", "withdrawn", **wrong), 201)
        assert [w["code"] for w in made["warnings"]] == [f"{next(iter(wrong))}_dropped"]

    @pytest.mark.parametrize("more", [{"relayed_by": "Nobody"}, {"unheard_of": True}], ids=str)
    def test_a_refusal_of_ones_own_is_taken_whoever_it_names(
        self, world: World, more: dict[str, Any]
    ) -> None:
        answer = open_case(world).state("mod", "withdrawn", **more)
        assert answer.status_code in (201, 422)

    def test_an_unknown_source_of_a_refusal_is_left_out(self, world: World) -> None:
        unknown = str(uuid4())
        answer = open_case(world).state("mod", "rejected", sources=[unknown])
        assert read(answer, 201)["sources"] == []
        assert unknown not in answer.text

    def test_an_organisation_that_is_no_party_has_no_position(self, world: World) -> None:
        answer = open_case(world).state("msf", "confirmed", organisation=MSF, revision=1,
                                        terms_hash="0" * 64, form="letter")  # fmt: skip
        assert pointers(answer) == ["/organisation"]

    def test_an_unknown_organisation_is_pointed_at(self, world: World) -> None:
        unknown = str(uuid4())
        answer = open_case(world).state("mod", "approached", organisation=unknown)
        assert pointers(answer) == ["/organisation"]
        assert unknown not in answer.text

    def test_nobody_stated_anything_in_the_future(self, world: World) -> None:
        answer = open_case(world).state("mod", "considering", at=from_now(hours=1))
        assert pointers(answer) == ["/stated_at"]

    def test_conditions_are_part_of_a_conditional_position(self, world: World) -> None:
        assert pointers(open_case(world).state("mod", "conditional")) == ["/conditions"]

    @pytest.mark.parametrize(
        ("stance", "more"),
        [
            ("conditional", {"conditions": "Checks at Manhush"}),
            ("announced_unilaterally", {}),
        ],
    )
    def test_a_condition_and_an_announcement_count_as_considering_at_most(
        self, world: World, stance: str, more: dict[str, Any]
    ) -> None:
        made = read(open_case(world).state("mod", stance, **more), 201)
        assert made["counts_as"] == "considering"

    @pytest.mark.parametrize("member", ["revision", "terms_hash", "form"])
    def test_a_confirmation_names_what_it_confirms_and_how(self, world: World, member: str) -> None:
        case = settled(world)
        answer = case.confirm("mod", at=STATED_AT, **{member: None})
        assert pointers(answer) == [f"/{member}"]

    def test_a_form_that_is_not_known_is_for_what_is_inferred(self, world: World) -> None:
        case = settled(world)
        assert pointers(case.confirm("mod", at=STATED_AT, form="not_known")) == ["/form"]

    @pytest.mark.parametrize("wrong", [{"revision": 7}, {"terms_hash": "0" * 64}], ids=str)
    def test_a_confirmation_of_other_terms_is_kept_and_changes_nothing(
        self, world: World, wrong: dict[str, Any]
    ) -> None:
        case = settled(world)
        made = read(case.confirm("mod", at=STATED_AT, **wrong), 201)
        assert (made["counts"], made["counts_as"]) == (False, None)
        assert "other than the present revision" in made["why_not_more"]
        assert "position_without_effect" in {w["code"] for w in made["warnings"]}

    def test_a_confirmation_from_before_its_revision_changes_nothing(self, world: World) -> None:
        case = settled(world)
        made = read(case.confirm("mod", at="2022-04-28T08:00:00Z"), 201)
        assert made["counts"] is False

    def test_a_public_statement_alone_does_not_confirm(self, world: World) -> None:
        case = given_case(world, "settled")
        made = read(case.confirm("mod", at=STATED_AT, form="public_statement"), 201)
        assert (made["counts"], made["counts_as"]) == (False, "in_principle")
        assert "public statement" in made["why_not_more"]

    def test_ones_own_confirmation_counts_at_once(self, world: World) -> None:
        made = read(settled(world).confirm("mod", at=STATED_AT), 201)
        assert (made["counts"], made["counts_as"], made["why_not_more"]) == (
            True,
            "confirmed",
            None,
        )

    def test_a_confirmation_lapses_with_its_validity(self, world: World) -> None:
        case = given_case(world, "settled")
        read(case.confirm("mod", at=STATED_AT, valid_until="2022-04-29T20:00:00Z"), 201)
        before = case.read("/positions", as_of="2022-04-29T19:59:59Z")["items"][-1]
        after = case.read("/positions", as_of="2022-04-29T20:00:00Z")["items"][-1]
        assert (before["counts"], after["counts"]) == (True, False)

    def test_a_later_word_takes_the_place_of_a_confirmation(self, world: World) -> None:
        case = given_case(world, "settled")
        read(case.confirm("mod", at=STATED_AT), 201)
        read(case.state("mod", "considering", at="2022-04-29T10:00:00Z"), 201)
        first, later = case.read("/positions", as_of="2022-04-29T12:00:00Z")["items"][-2:]
        assert (first["counts"], first["counts_as"]) == (False, None)
        assert later["counts_as"] == "considering"

    def test_validity_ends_after_it_begins(self, world: World) -> None:
        answer = open_case(world).state("mod", "considering", at=STATED_AT, valid_until=STATED_AT)
        assert pointers(answer) == ["/valid_until"]

    def test_stated_at_and_effective_at_are_one_thing(self, world: World) -> None:
        more: dict[str, Any] = {"effective_at": "2022-04-26T10:00:00Z"}
        same = open_case(world).state("mod", "considering", **more)
        assert read(same, 201)["stated_at"] == "2022-04-26T10:00:00.000000Z"
        both = open_case(world).state("mod", "considering", at=STATED_AT, **more)
        assert pointers(both) == ["/effective_at"]

    def test_an_acknowledgement_moves_nothing(self, world: World) -> None:
        case = given_proposed(world)
        for who in ("mod", "ukraine"):
            read(case.state(who, "in_principle", sources=[world.source()]), 201)
        assert case.read()["status"] == "proposed"


class TestAttesting:
    """POST …/positions/{position}/attestations."""

    def test_a_relayed_confirmation_counts_only_once_attested(self, world: World) -> None:
        case = given_case(world, "settled")
        relayed = read(case.relay("ocha", MOD), 201)
        assert (relayed["counts"], relayed["counts_as"]) == (False, "in_principle")
        assert [u["code"] for u in relayed["unmet"]] == ["position_not_attested"]
        attested = read(attest(case, relayed["id"], "icrc"), 201)
        assert attested["attested_by"]["holder"] == "icrc-desk"
        shown = case.read(f"/positions/{relayed['id']}")
        assert (shown["counts"], len(shown["attestations"])) == (True, 1)

    def test_it_takes_effect_with_the_statement_and_counts_since_its_recording(
        self, world: World
    ) -> None:
        case = given_case(world, "settled")
        relayed = read(case.relay("ocha", MOD), 201)
        attested = read(attest(case, relayed["id"], "icrc"), 201)
        assert attested["effective_at"] == relayed["stated_at"]
        path, at = f"/positions/{relayed['id']}", {"as_of": STATED_AT}
        assert case.read(path, **at)["counts"] is True
        then = case.read(path, **at, known_at=relayed["recorded_at"])
        assert (then["counts"], then["attestations"]) == (False, [])

    def test_whoever_recorded_it_cannot_attest_it(self, world: World) -> None:
        case, position = relayed_by_ocha(world)
        assert attest(case, position, "ocha").status_code == 403

    def test_two_tokens_of_one_holder_are_one_person(self, world: World) -> None:
        case, position = relayed_by_ocha(world)
        assert attest(case, position, "ocha-again").status_code == 403
        assert attest(case, position, "icrc-held-by-ocha").status_code == 403

    def test_a_second_person_of_the_same_organisation_is_not_enough(self, world: World) -> None:
        case, position = relayed_by_ocha(world)
        assert attest(case, position, "ocha-night").status_code == 403

    def test_an_organisation_with_a_common_parent_is_not_independent(self, world: World) -> None:
        case, position = relayed_by_ocha(world)
        assert attest(case, position, "unhcr").status_code == 403

    def test_a_belligerent_does_not_speak_for_another(self, world: World) -> None:
        case, position = relayed_by_ocha(world)
        assert attest(case, position, "ukraine").status_code == 403

    def test_one_below_a_belligerent_does_not_speak_for_another_side(self, world: World) -> None:
        case, position = relayed_by_ocha(world)
        refused = read(attest(case, position, "mariupol"), 403)
        assert "Mariupol City Council is a belligerent, or stands below one" in refused["detail"]

    def test_one_below_a_belligerent_does_not_record_for_another_side(self, world: World) -> None:
        case = given_case(world, "settled")
        more = {"organisation": MOD, "relayed_by": MARIUPOL, "sources": [world.source()]}
        position = read(case.confirm("mariupol", at=STATED_AT, **more), 201)["id"]
        assert attest(case, position, "icrc").status_code == 403

    def test_the_organisation_itself_may_attest_what_was_relayed_for_it(self, world: World) -> None:
        case, position = relayed_by_ocha(world)
        assert attest(case, position, "mod").status_code == 201

    def test_another_member_may_attest_what_a_facilitator_recorded(self, world: World) -> None:
        case, position = relayed_by_ocha(world)
        assert attest(case, position, "msf").status_code == 201

    def test_one_of_the_two_is_a_facilitator_guarantor_or_executor(self, world: World) -> None:
        case = given_case(world, "settled")
        more: dict[str, Any] = {"organisation": MOD, "relayed_by": MSF, "sources": [world.source()]}
        position = read(case.confirm("msf", at=STATED_AT, **more), 201)["id"]
        assert attest(case, position, "unhcr").status_code == 403
        assert attest(case, position, "icrc").status_code == 201

    def test_a_child_of_a_belligerent_is_one_with_its_parent(self, world: World) -> None:
        case = given_case(world, "settled")
        more: dict[str, Any] = {
            "organisation": UKRAINE,
            "relayed_by": MARIUPOL,
            "sources": [world.source()],
        }
        position = read(case.confirm("mariupol", at=STATED_AT, **more), 201)["id"]
        assert attest(case, position, "ukraine").status_code == 403

    def test_no_role_passes_these_rules(self, world: World) -> None:
        case, position = relayed_by_ocha(world)
        assert attest(case, position, "auditor").status_code == 403

    @pytest.mark.parametrize("who", ["nrc", "administrator", "map-client"])
    def test_to_strangers_there_is_nothing_to_attest(self, world: World, who: str) -> None:
        case, position = relayed_by_ocha(world)
        assert attest(case, position, who).status_code == 404

    def test_an_unknown_position_is_not_found(self, world: World) -> None:
        case, _ = relayed_by_ocha(world)
        assert attest(case, str(uuid4()), "icrc").status_code == 404

    def test_a_position_of_another_agreement_is_not_found(self, world: World) -> None:
        case, position = relayed_by_ocha(world)
        assert attest(given_proposed(world), position, "icrc").status_code == 404
        assert attest(case, position, "icrc").status_code == 201

    def test_it_gives_no_time_of_its_own(self, world: World) -> None:
        case, position = relayed_by_ocha(world)
        other = {"effective_at": SETTLED_AT}
        assert pointers(attest(case, position, "icrc", **other)) == ["/effective_at"]
        assert attest(case, position, "icrc", effective_at=STATED_AT).status_code == 201

    def test_an_inferred_position_counts_once_attested_and_shows_as_inferred(
        self, world: World
    ) -> None:
        case = given_case(world, "settled")
        more: dict[str, Any] = {"basis": "inferred", "form": "not_known"}
        own = read(case.confirm("icrc", at=STATED_AT, **more), 201)
        assert own["counts"] is False
        read(attest(case, own["id"], "ocha"), 201)
        word = word_in_readiness(case, ICRC)
        assert (word["counts"], word["basis"]) == (True, "inferred")

    def test_attestations_are_listed_and_read(self, world: World) -> None:
        case, position = relayed_by_ocha(world)
        made = attest(case, position, "icrc", note="Heard it on the same call")
        below = f"/positions/{position}/attestations"
        listed = case.read(below)["items"]
        assert [item["note"] for item in listed] == ["Heard it on the same call"]
        assert case.read(f"{below}/{listed[0]['id']}") == listed[0]
        assert made.headers["Location"].endswith(listed[0]["id"])


class TestReading:
    """GET …/positions and of one."""

    def test_positions_are_listed_by_when_they_were_stated(self, world: World) -> None:
        case = given_proposed(world)
        for at in ("2022-04-27T00:00:00Z", "2022-04-26T00:00:00Z"):
            read(case.state("mod", "considering", at=at), 201)
        stated = [item["stated_at"] for item in case.read("/positions")["items"]]
        assert stated == sorted(stated)

    def test_they_come_in_pages(self, world: World) -> None:
        case = given_case(world, "stated")
        whole = case.read("/positions")["items"]
        first = case.get("/positions", limit=2)
        page, found = first.json(), []
        assert first.headers["Link"] == f'<{page["next"]}>; rel="next"'
        while True:
            found += page["items"]
            if page["next"] is None:
                break
            page = case.by("ocha").read(page["next"])
        assert found == whole

    def test_before_it_was_stated_a_position_is_not_there(self, world: World) -> None:
        case = given_case(world, "agreed_in_principle")
        at = {"as_of": "2022-04-26T15:59:59Z"}
        assert case.read("/positions", **at)["items"] == []
        position = case.read("/positions")["items"][0]["id"]
        assert case.get(f"/positions/{position}", **at).status_code == 404

    def test_before_it_was_recorded_a_position_is_not_there(self, world: World) -> None:
        case = given_proposed(world)
        known = case.read()["recorded_at"]
        read(case.state("mod", "considering", at="2022-04-26T00:00:00Z"), 201)
        assert case.read("/positions", known_at=known)["items"] == []


class TestCorrecting:
    """A position that replaces another."""

    def test_it_takes_the_time_of_what_it_replaces(self, world: World) -> None:
        case, wrong = given_wrong(world)
        right = read(case.state("mod", "in_principle", corrects=wrong["id"]), 201)
        assert right["stated_at"] == wrong["stated_at"]
        assert right["corrects"] == [wrong["id"]]
        assert [p["id"] for p in case.read("/positions")["items"]] == [right["id"]]

    def test_what_was_known_before_still_shows_the_first(self, world: World) -> None:
        case, wrong = given_wrong(world)
        read(case.state("mod", "in_principle", corrects=[wrong["id"]]), 201)
        shown = case.read("/positions", known_at=wrong["recorded_at"])["items"]
        assert [p["position"] for p in shown] == ["considering"]

    def test_another_organisation_may_not(self, world: World) -> None:
        case, wrong = given_wrong(world)
        more: dict[str, Any] = {
            "organisation": MOD,
            "relayed_by": ICRC,
            "sources": [world.source()],
        }
        answer = case.state("icrc", "in_principle", corrects=[wrong["id"]], **more)
        assert answer.status_code == 403

    def test_the_organisation_whose_position_it_is_may(self, world: World) -> None:
        case = given_proposed(world)
        more: dict[str, Any] = {
            "organisation": MOD,
            "relayed_by": OCHA,
            "sources": [world.source()],
        }
        wrong = read(case.state("ocha", "considering", **more), 201)
        assert case.state("mod", "approached", corrects=[wrong["id"]]).status_code == 201

    def test_it_needs_an_attestation_of_its_own(self, world: World) -> None:
        case, position = relayed_by_ocha(world)
        read(attest(case, position, "icrc"), 201)
        again = read(case.relay("ocha", MOD, corrects=[position]), 201)
        assert again["counts"] is False

    @pytest.mark.parametrize("named", ["unknown", "another agreement's", "no position"])
    def test_only_a_position_of_this_agreement_that_stands_is_replaced(
        self, world: World, named: str
    ) -> None:
        case = given_proposed(world)
        ids = {
            "unknown": str(uuid4()),
            "another agreement's": given_wrong(world)[1]["id"],
            "no position": case.read("/status-changes")["items"][0]["id"],
        }
        more: dict[str, Any] = {"who": "ukraine"} if named == "no position" else {}
        answer = case.state(more.get("who", "mod"), "considering", corrects=[ids[named]])
        if named == "no position":
            assert answer.status_code in (403, 422)
        else:
            assert pointers(answer) == ["/corrects/0"]


def open_case(world: World) -> Case:
    """Lend an agreement that any position may be stated about."""
    return _kept(world, "proposed")


def settled(world: World) -> Case:
    """Lend an agreement whose terms are settled and hash stays."""
    return _kept(world, "settled")


def _kept(world: World, step: str) -> Case:
    if f"open {step}" not in world.kept:
        world.kept[f"open {step}"] = given_case(world, step)
    case: Case = world.kept[f"open {step}"]
    return case


def relayed_by_ocha(world: World) -> tuple[Case, str]:
    """Give a confirmation of the ministry that OCHA relayed and recorded."""
    case = settled(world)
    return case, read(case.relay("ocha", MOD), 201)["id"]


def given_wrong(world: World) -> tuple[Case, Any]:
    """Give a position of the ministry, recorded by itself."""
    case = given_proposed(world)
    return case, read(case.state("mod", "considering", at="2022-04-26T10:00:00Z"), 201)


def attest(case: Case, position: str, who: str, **body: Any) -> Any:
    """Attest a position as somebody."""
    return case.post(f"/positions/{position}/attestations", body, who=who)


def word_in_readiness(case: Case, name: str, **times: str) -> Any:
    """Give what readiness says of an organisation's word."""
    words = case.read("/readiness", **times)["positions"]
    return next(word for word in words if word["short_name"] == name)


def pointers(answer: Any) -> list[str]:
    """List where a 422 points."""
    return [error["pointer"] for error in read(answer, 422)["errors"]]


def test_unhcr_may_record_what_it_was_told(world: World) -> None:
    case = given_proposed(world)
    more: dict[str, Any] = {"organisation": MOD, "relayed_by": UNHCR, "sources": [world.source()]}
    assert case.state("unhcr", "approached", **more).status_code == 201
