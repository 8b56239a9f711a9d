"""Contacts: talks about an agreement, held and planned, for the operational audience only."""

from typing import Any
from uuid import uuid4

import pytest

from tests.http.agreements.case import Case, given_proposed
from tests.http.world import ICRC, MOD, OCHA, World, read

TALKS = {
    "participants": [
        {"organisation": OCHA, "level": "senior_official"},
        {"organisation": MOD, "level": "military_command"},
    ],
    "channel": "meeting",
    "status": "planned",
    "summary": "Further discussions between OCHA and the Ministry of Defence",
    "follow_ups": [{"what": "Name the assembly point", "by": OCHA}],
    "effective_at": "2022-04-26T16:00:00Z",
}


class TestRecording:
    """POST …/contacts."""

    def test_talks_are_put_on_record_without_any_version(self, world: World) -> None:
        case = common(world)
        made = case.post("/contacts", TALKS)
        shown = read(made, 201)
        assert (shown["status"], shown["agreement"]) == ("planned", case.id)
        assert shown["follow_ups"][0]["by"] == world.organisations[OCHA]
        assert made.headers["ETag"] == '"1"'
        assert made.headers["Location"] == f"{case.path}/contacts/{shown['id']}"

    def test_they_are_a_resource_of_their_own(self, world: World) -> None:
        case = given_proposed(world)
        before = case.tag()
        read(case.post("/contacts", TALKS), 201)
        assert case.tag() == before

    @pytest.mark.parametrize(
        ("who", "status"),
        [("anonymous", 401), ("revoked", 401), ("nrc", 404), ("auditor", 403), ("map-client", 404),
         ("msf", 201), ("mod", 201), ("mariupol", 201)],
    )  # fmt: skip
    def test_any_coordinator_of_the_operation_records_them(
        self, world: World, who: str, status: int
    ) -> None:
        assert common(world).post("/contacts", TALKS, who=who).status_code == status

    @pytest.mark.parametrize(
        ("wrong", "pointer"),
        [
            ({"participants": []}, "/participants"),
            ({"participants": [{"organisation": "Nobody"}]}, "/participants/0/organisation"),
            ({"channel": "pigeon"}, "/channel"),
            ({"status": "done"}, "/status"),
            ({"status": "held"}, "/at"),
            ({"at": "tomorrow"}, "/at"),
            ({"summary": "Ring +380 50 123 45 67"}, "/summary"),
            ({"follow_ups": [{"what": "mail ivan.petrenko@example.org"}]}, "/follow_ups/0/what"),
            ({"follow_ups": [{"what": "x", "by": "Nobody"}]}, "/follow_ups/0/by"),
        ],
    )
    def test_what_is_wrong_is_pointed_at(
        self, world: World, wrong: dict[str, Any], pointer: str
    ) -> None:
        problem = read(common(world).post("/contacts", TALKS | wrong), 422)
        assert [error["pointer"] for error in problem["errors"]] == [pointer]


class TestReading:
    """GET …/contacts and of one."""

    @pytest.mark.parametrize("who", ["ocha", "icrc", "msf", "auditor"])
    def test_the_operational_audience_reads_them(self, world: World, who: str) -> None:
        case, contact = given_talks(world)
        assert case.read(f"/contacts/{contact}", who=who)["summary"] == TALKS["summary"]
        assert [c["id"] for c in case.read("/contacts", who=who)["items"]] == [contact]

    @pytest.mark.parametrize("who", ["mod", "ukraine", "mariupol", "map-client"])
    def test_to_partners_there_are_none(self, world: World, who: str) -> None:
        case, contact = given_talks(world)
        hidden = case.get(f"/contacts/{contact}", who=who)
        unknown = case.get(f"/contacts/{uuid4()}", who=who)
        assert hidden.status_code == 404
        assert hidden.content == unknown.content
        empty = given_proposed(world).get("/contacts", who=who)
        assert case.get("/contacts", who=who).content == empty.content

    def test_partners_are_not_told_of_overdue_follow_ups(self, world: World) -> None:
        case = given_proposed(world)
        due = [{"what": "Name the place", "by": OCHA, "due_at": "2022-04-28T09:00:00Z"}]
        read(case.post("/contacts", TALKS | {"follow_ups": due}), 201)
        assert [o["what"] for o in case.read("/readiness")["overdue"]] == ["Name the place"]
        assert case.read("/readiness", who="mod")["overdue"] == []

    def test_what_is_overdue_blocks_nothing(self, world: World) -> None:
        case = given_proposed(world)
        due = [{"what": "Name the place", "due_at": "2022-04-28T09:00:00Z"}]
        read(case.post("/contacts", TALKS | {"follow_ups": due}), 201)
        at = {"as_of": "2022-04-28T09:00:01Z"}
        shown = case.read("/readiness", **at)
        assert shown["overdue"]
        assert "overdue" not in {u["code"] for u in shown["unmet"]}
        before = case.read("/readiness", as_of="2022-04-28T08:59:59Z")
        assert before["overdue"] == []

    def test_they_are_shown_as_they_were(self, world: World) -> None:
        case, contact = given_talks(world)
        held = {"status": "held", "at": "2022-04-27T08:00:00Z", "effective_at":
                "2022-04-27T10:00:00Z"}  # fmt: skip
        read(change(case, contact, held), 200)
        path = f"/contacts/{contact}"
        assert case.read(path, as_of="2022-04-27T09:00:00Z")["status"] == "planned"
        assert case.read(path, as_of="2022-04-27T10:00:00Z")["status"] == "held"
        assert case.get(path, as_of="2022-04-26T15:59:59Z").status_code == 404
        assert case.read("/contacts", as_of="2022-04-26T15:59:59Z")["items"] == []

    @pytest.mark.parametrize(
        ("filters", "count"),
        [({"status": "planned"}, 1), ({"status": "held"}, 0), ({"channel": "meeting"}, 1),
         ({"channel": "call"}, 0), ({"participant": OCHA}, 1), ({"participant": ICRC}, 0),
         ({"participant": MOD, "as_of": "2022-04-26T17:00:00Z"}, 1),
         ({"participant": ICRC, "as_of": "2022-04-26T17:00:00Z"}, 0),
         ({"at": "2022-04-27T08:00:00Z"}, 0)],
    )  # fmt: skip
    def test_they_are_filtered_by_their_fields(
        self, world: World, filters: dict[str, str], count: int
    ) -> None:
        case, _ = given_talks(world)
        assert len(case.read("/contacts", **filters)["items"]) == count


class TestEditing:
    """PATCH …/contacts/{contact}."""

    def test_planned_talks_are_reported_as_held(self, world: World) -> None:
        case, contact = given_talks(world)
        held = {"status": "held", "at": "2022-04-27T08:00:00Z", "outcome": "Routes were discussed"}
        shown = read(change(case, contact, held), 200)
        assert (shown["status"], shown["version"]) == ("held", 2)

    def test_it_needs_its_own_version(self, world: World) -> None:
        case, contact = given_talks(world)
        path = f"{case.path}/contacts/{contact}"
        body = {"outcome": "None"}
        assert case.by("ocha").call("PATCH", path, body).status_code == 428
        assert case.by("ocha").call("PATCH", path, body, if_match='"9"').status_code == 412

    @pytest.mark.parametrize(("who", "status"), [("mod", 404), ("auditor", 403), ("nrc", 404)])
    def test_who_may_not_know_of_them_finds_nothing(
        self, world: World, who: str, status: int
    ) -> None:
        case, contact = given_talks(world)
        assert change(case, contact, {"outcome": "None"}, who=who).status_code == status

    def test_a_contact_of_another_agreement_is_not_found(self, world: World) -> None:
        _, contact = given_talks(world)
        other = given_proposed(world)
        assert other.get(f"/contacts/{contact}").status_code == 404
        assert change(other, contact, {"outcome": "None"}).status_code == 404


def common(world: World) -> Case:
    """Lend an agreement that talks are recorded about."""
    if "talks" not in world.kept:
        world.kept["talks"] = given_proposed(world)
    case: Case = world.kept["talks"]
    return case


def given_talks(world: World) -> tuple[Case, str]:
    """Give an agreement with talks planned."""
    case = given_proposed(world)
    return case, read(case.post("/contacts", TALKS), 201)["id"]


def change(case: Case, contact: str, body: dict[str, Any], *, who: str = "ocha") -> Any:
    """Edit talks on version one."""
    path = f"{case.path}/contacts/{contact}"
    return case.by(who).call("PATCH", path, body, if_match='"1"')


def test_participants_need_be_no_party(world: World) -> None:
    case = common(world)
    body = TALKS | {"participants": [{"organisation": ICRC}, {"organisation": "MSF"}]}
    assert case.post("/contacts", body).status_code == 201
