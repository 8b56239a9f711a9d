"""What an agreement takes the place of, on both axes of time and as far as a reader may know it."""

from tests.http.agreements.case import Case, given_proposed
from tests.http.world import MOD, OCHA, UKRAINE, World, read

SUPERSEDED_AT = "2022-04-27T08:00:00Z"


def given_successor(world: World) -> tuple[Case, Case, str]:
    """Give an agreement, the one that superseded it in April, and the id of that change."""
    old, new = given_proposed(world), given_proposed(world)
    made = read(old.to("superseded", at=SUPERSEDED_AT, successor=new.id), 201)
    return old, new, made["id"]


class TestSupersedes:
    """The member `supersedes` of an agreement."""

    def test_the_successor_shows_what_it_supersedes(self, world: World) -> None:
        old, new, _ = given_successor(world)
        assert new.read()["supersedes"] == [old.id]
        assert old.read()["supersedes"] == []

    def test_one_may_take_the_place_of_several(self, world: World) -> None:
        old, new, _ = given_successor(world)
        another = given_proposed(world)
        read(another.to("superseded", successor=new.id), 201)
        assert new.read()["supersedes"] == [old.id, another.id]

    def test_a_list_shows_it_too(self, world: World) -> None:
        old, new, _ = given_successor(world)
        items = new.by("ocha").read("/v1/agreements", operation="mariupol-2022", limit=1000)
        told = {item["id"]: item["supersedes"] for item in items["items"]}
        assert (told[new.id], told[old.id]) == ([old.id], [])

    def test_it_is_told_as_of_a_day_and_as_known_then(self, world: World) -> None:
        old, new, _ = given_successor(world)
        assert new.read(as_of="2022-04-27T07:59:59Z")["supersedes"] == []
        assert new.read(as_of=SUPERSEDED_AT)["supersedes"] == [old.id]
        [change] = old.read("/status-changes", to="superseded")["items"]
        first = old.read("/status-changes")["items"][0]["recorded_at"]
        assert new.get(known_at=first).status_code == 404
        assert new.read(known_at=change["recorded_at"])["supersedes"] == [old.id]

    def test_a_change_that_was_not_known_yet_is_not_told(self, world: World) -> None:
        old, new = given_proposed(world), given_proposed(world)
        before = new.read()["recorded_at"]
        read(old.to("superseded", successor=new.id), 201)
        assert new.read(known_at=before)["supersedes"] == []

    def test_what_is_taken_out_is_told_no_more(self, world: World) -> None:
        old, new, change = given_successor(world)
        read(old.to(None, corrects=[change], reason="recorded_by_mistake"), 201)
        assert new.read()["supersedes"] == []

    def test_a_corrected_successor_is_the_one_that_is_told(self, world: World) -> None:
        old, new, change = given_successor(world)
        right = given_proposed(world)
        read(old.to("superseded", successor=right.id, corrects=[change]), 201)
        assert new.read()["supersedes"] == []
        assert right.read()["supersedes"] == [old.id]

    def test_an_edit_answers_with_it(self, world: World) -> None:
        old, new, _ = given_successor(world)
        edited = read(new.change("PATCH", "", {"title": "With the other side"}), 200)
        assert edited["supersedes"] == [old.id]

    def test_who_may_not_know_the_one_before_is_not_told_of_it(self, world: World) -> None:
        slug = world.operation(OCHA, MOD, UKRAINE)
        me, party = f"ocha {slug}", f"ukraine {slug}"
        world.token(me, OCHA, "coordinator", "ocha-desk", operations=[slug])
        world.token(party, UKRAINE, "coordinator", "desk", operations=[slug], audience="partner")
        roles = ((MOD, "required_party"), (OCHA, "required_party"), (OCHA, "facilitator"))
        others = [{"organisation": name, "role": role} for name, role in roles]
        old = given_proposed(world, by=me, operation=slug, parties=others)
        new = given_proposed(world, by=me, operation=slug)
        tag = world.by(me).get(old.path).headers["ETag"]
        move = {"to": "superseded", "successor": new.id, "reason": "others_joined"}
        read(old.post("/status-changes", move, who=me, if_match=tag), 201)
        assert world.by(me).read(new.path)["supersedes"] == [old.id]
        assert world.by(party).get(old.path).status_code == 404
        assert world.by(party).read(new.path)["supersedes"] == []
