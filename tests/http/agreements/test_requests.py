"""What all requests about agreements share: repetition, the order of checks, lists, times."""

from typing import Any
from uuid import uuid4

import pytest

from tests.http.agreements.case import (
    WINDOW,
    Case,
    given_case,
    given_proposed,
    proposal,
)
from tests.http.world import MOD, OCHA, UKRAINE, World, read


class TestRepeating:
    """`Idempotency-Key`: one key, one effect, one answer."""

    def test_the_same_request_has_one_effect_and_the_same_answer(self, world: World) -> None:
        key, before = {"idempotency_key": uuid4().hex}, world.events()
        first = world.by("ocha").post("/v1/agreements", proposal(), **key)
        again = world.by("ocha").post("/v1/agreements", proposal(), **key)
        assert (first.status_code, first.content) == (201, again.content)
        for header in ("ETag", "Location"):
            assert first.headers[header] == again.headers[header]
        assert world.events() == before + 1

    def test_it_answers_for_its_own_time_after_later_changes(self, world: World) -> None:
        case = given_case(world, "confirmed")
        key = {"idempotency_key": uuid4().hex}
        body = {"to": "suspended", "reason": "shelling"}
        case = given_case(world)
        first = case.post("/status-changes", body, **key)
        read(case.state("mod", "withdrawn"), 201)
        read(case.stop("collapsed"), 201)
        again = case.post("/status-changes", body, **key)
        assert (first.status_code, first.content) == (201, again.content)

    def test_the_version_may_be_old_by_then(self, world: World) -> None:
        case = given_proposed(world)
        headers = {"idempotency_key": uuid4().hex, "if_match": case.tag()}
        first = case.by("ocha").call("PATCH", case.path, {"title": "Other"}, **headers)
        again = case.by("ocha").call("PATCH", case.path, {"title": "Other"}, **headers)
        assert (first.status_code, first.content) == (200, again.content)
        assert case.tag() == '"2"'

    @pytest.mark.parametrize("below", ["/positions", "/windows", "/contacts", "/terms"])
    def test_every_way_of_writing_takes_a_key(self, world: World, below: str) -> None:
        case = given_proposed(world)
        method = "PUT" if below == "/terms" else "POST"
        bodies: dict[str, dict[str, Any]] = {
            "/positions": {"organisation": OCHA, "position": "considering"},
            "/windows": WINDOW,
            "/contacts": {"participants": [{"organisation": OCHA}], "channel": "call"},
            "/terms": {"terms": {"checks": {"state": "agreed"}}},
        }
        body = bodies[below]
        headers = {"idempotency_key": uuid4().hex, "if_match": case.tag()}
        before = world.events()
        first = case.by("ocha").call(method, case.path + below, body, **headers)
        again = case.by("ocha").call(method, case.path + below, body, **headers)
        assert first.is_success
        assert first.content == again.content
        assert world.events() == before + 1

    def test_another_body_under_the_key_is_a_conflict(self, world: World) -> None:
        key = {"idempotency_key": uuid4().hex}
        read(world.by("ocha").post("/v1/agreements", proposal(), **key), 201)
        other = world.by("ocha").post("/v1/agreements", proposal(title="Other"), **key)
        assert read(other, 409)["type"] == "/problems/idempotency-conflict"

    def test_the_key_is_the_principals_own(self, world: World) -> None:
        key = {"idempotency_key": uuid4().hex}
        first = read(world.by("ocha").post("/v1/agreements", proposal(), **key), 201)
        second = read(world.by("icrc").post("/v1/agreements", proposal(), **key), 201)
        assert first["id"] != second["id"]

    def test_a_refused_request_leaves_the_key_free(self, world: World) -> None:
        case = given_case(world, "agreed_in_principle")
        headers = {"idempotency_key": uuid4().hex, "if_match": case.tag()}
        assert case.post("/status-changes", {"to": "confirmed"}, **headers).status_code == 422
        headers["if_match"] = case.tag()
        body = {"to": "superseded", "successor": given_proposed(world).id}
        assert case.post("/status-changes", body, **headers).status_code == 201

    def test_a_revoked_token_is_told_nothing_again(self, world: World) -> None:
        id = world.token("short-lived", OCHA, "coordinator", "x", operations=["mariupol-2022"])
        key = {"idempotency_key": uuid4().hex}
        voice, admin = world.by("short-lived"), world.by("administrator")
        read(voice.post("/v1/agreements", proposal(), **key), 201)
        tag = admin.get(f"/v1/tokens/{id}").headers["ETag"]
        assert admin.call("DELETE", f"/v1/tokens/{id}", if_match=tag).is_success
        assert voice.post("/v1/agreements", proposal(), **key).status_code == 401

    def test_who_no_longer_takes_part_is_told_nothing_again(self, world: World) -> None:
        case = given_proposed(world)
        headers = {"idempotency_key": uuid4().hex, "if_match": case.tag()}
        body = {"title": "Other"}
        first = case.by("icrc").call("PATCH", case.path, body, **headers)
        assert first.status_code == 200
        parties = [p for p in proposal()["parties"] if p["organisation"] != "ICRC"]
        read(case.change("PATCH", "", {"parties": parties}), 200)
        again = case.by("icrc").call("PATCH", case.path, body, **headers)
        assert again.status_code == 403


class TestOrderOfChecks:
    """401, 404, 403, the key, the version, the rule: whoever may know less is told less."""

    ORDER: tuple[tuple[str, dict[str, str], int], ...] = (
        ("anonymous", {}, 401),
        ("revoked", {"if_match": '"1"'}, 401),
        ("nrc", {}, 404),
        ("nrc", {"if_match": '"99"'}, 404),
        ("auditor", {}, 403),
        ("msf", {}, 403),
        ("msf", {"if_match": '"99"'}, 403),
        ("ocha", {}, 428),
        ("ocha", {"if_match": '"99"'}, 412),
    )

    @pytest.mark.parametrize(("who", "headers", "status"), ORDER)
    @pytest.mark.parametrize(
        ("method", "below", "body"),
        [
            ("PATCH", "", {"parties": [{"organisation": MOD, "role": "observer"}]}),
            ("PUT", "/terms", {"terms": {"checks": {"state": "open"}},
                               "effective_at": "2022-04-01T00:00:00Z"}),
            ("POST", "/windows", WINDOW | {"ends_at": WINDOW["starts_at"]}),
            ("POST", "/status-changes", {"to": "in_force"}),
            ("POST", "/status-changes", {"to": "agreed_in_principle"}),
        ],
        ids=["parties", "terms", "window", "no such move", "unmet"],
    )  # fmt: skip
    def test_what_no_rule_would_take_is_told_last(
        self,
        world: World,
        method: str,
        below: str,
        body: Any,
        who: str,
        headers: dict[str, str],
        status: int,
    ) -> None:
        case = common(world)
        answer = case.by(who).call(method, case.path + below, body, **headers)
        assert answer.status_code == status

    def test_a_body_that_is_wrong_tells_strangers_nothing(self, world: World) -> None:
        case = common(world)
        for who, status in (("anonymous", 401), ("nrc", 404), ("auditor", 403), ("ocha", 422)):
            answer = case.by(who).call("PATCH", case.path, {"unheard_of": 1}, if_match='"1"')
            assert answer.status_code == status


class TestListing:
    """GET /v1/agreements."""

    def test_strangers_see_none_of_it(self, world: World) -> None:
        slug, cases = given_three(world)
        for who in ("nrc", "anonymous"):
            assert world.by(who).read("/v1/agreements", operation=slug)["items"] == []
        hidden = world.by("nrc").get("/v1/agreements", operation=slug)
        unknown = world.by("nrc").get("/v1/agreements", operation="nothing-2022")
        assert hidden.content == unknown.content
        assert len(cases) == 3

    def test_pages_follow_one_another_without_gap_or_repeat(self, world: World) -> None:
        slug, cases = given_three(world)
        voice = world.by(f"ocha {slug}")
        page, found = voice.get("/v1/agreements", operation=slug, limit=1), []
        while True:
            body = page.json()
            found += [item["id"] for item in body["items"]]
            if body["next"] is None:
                break
            assert page.headers["Link"] == f'<{body["next"]}>; rel="next"'
            page = voice.get(body["next"])
        assert found == [case.id for case in cases]

    @pytest.mark.parametrize(
        ("filters", "which"),
        [
            ({"status": "proposed"}, [0, 2]),
            ({"status": "withdrawn"}, [1]),
            ({"laterality": "bilateral"}, [2]),
            ({"kind": "evacuation", "status": "withdrawn"}, [1]),
            ({"kind": "corridor"}, []),
            ({"proposer": UKRAINE}, [0, 1, 2]),
            ({"proposer": MOD}, []),
            ({"sensitivity": "severe"}, [2]),
            ({"title": "Evacuation of civilians from the Azovstal steelworks"}, [0, 1, 2]),
            ({"title": "Evacuation"}, []),
            ({"consent_basis": "mutual", "status": "withdrawn"}, [1]),
            ({"consent_basis": "imposed"}, []),
            ({"revision": "1"}, [0, 1, 2]),
            ({"revision": "2"}, []),
            ({"party": MOD}, [0, 1, 2]),
            ({"party": "nobody"}, []),
            ({"laterality": "bilateral", "as_of": "2022-04-26T00:00:00Z"}, [2]),
            ({"status": "proposed", "as_of": "2022-04-26T00:00:00Z"}, [0, 1, 2]),
            ({"as_of": "2022-04-25T09:00:00Z"}, []),
            ({"known_at": "2022-05-01T00:00:00Z"}, []),
        ],
    )
    def test_it_is_filtered_by_the_fields(
        self, world: World, filters: dict[str, str], which: list[int]
    ) -> None:
        slug, cases = given_three(world)
        found = world.by(f"ocha {slug}").read("/v1/agreements", operation=slug, **filters)
        assert [item["id"] for item in found["items"]] == [cases[index].id for index in which]

    @pytest.mark.parametrize(
        "query",
        ["status=done", "laterality=both", "kind=x", "sensitivity=x", "revision=x", "purpose=x"],
    )
    def test_a_filter_that_is_not_understood_is_refused(self, world: World, query: str) -> None:
        assert world.by("ocha").get(f"/v1/agreements?{query}").status_code == 400

    def test_those_who_know_the_outline_filter_by_what_it_shows(self, world: World) -> None:
        slug = world.operation(OCHA, MOD, UKRAINE)
        world.token(f"ocha {slug}", OCHA, "coordinator", "ocha-desk", operations=[slug])
        case = given_proposed(world, by=f"ocha {slug}", operation=slug, sensitivity="low")
        voice = world.by("anonymous")
        shown = voice.read("/v1/agreements", operation=slug, status="proposed")["items"]
        assert [item["id"] for item in shown] == [case.id]
        basis = voice.read("/v1/agreements", operation=slug, consent_basis="mutual")["items"]
        assert [item["id"] for item in basis] == [case.id]
        for hidden in ({"proposer": UKRAINE}, {"party": MOD}, {"revision": "1"}):
            assert voice.read("/v1/agreements", operation=slug, **hidden)["items"] == []


def common(world: World) -> Case:
    """Lend a proposal for what is refused."""
    if "refused" not in world.kept:
        world.kept["refused"] = given_proposed(world)
    case: Case = world.kept["refused"]
    return case


def given_three(world: World) -> tuple[str, list[Case]]:
    """Give an operation of its own with three agreements, the second withdrawn."""
    if "three" not in world.kept:
        slug = world.operation(OCHA, MOD, UKRAINE)
        me = f"ocha {slug}"
        world.token(me, OCHA, "coordinator", "ocha-desk", operations=[slug])
        world.token(f"ukraine {slug}", UKRAINE, "coordinator", "desk", operations=[slug])
        more: list[dict[str, Any]] = [{}, {}, {"laterality": "bilateral", "sensitivity": "severe"}]
        cases = [given_proposed(world, by=me, operation=slug, **changes) for changes in more]
        tag = world.by(me).get(cases[1].path).headers["ETag"]
        withdrawn = cases[1].post(
            "/status-changes", {"to": "withdrawn"}, who=f"ukraine {slug}", if_match=tag
        )
        read(withdrawn, 201)
        world.kept["three"] = (slug, cases)
    kept: tuple[str, list[Case]] = world.kept["three"]
    return kept
