"""What becomes of passages of which a reader may not know, from a proposal to its end."""

from collections.abc import Callable, Mapping
from typing import Any

from httpx2 import Response

from tests.http.agreements.case import KEYS, WINDOW, Case, from_now
from tests.http.places import passage as steps
from tests.http.places.given import Way
from tests.http.places.hand import NAMES, Hand, Scope, Wish
from tests.http.places.passage import Passage
from tests.http.places.twins import line
from tests.http.world import BEGAN, OCHA, UKRAINE, read

_STOPS = ("suspended", "blocked", "closed")


def passage(hand: Hand, wish: Wish) -> Passage:
    """Give a passage that is hidden from everybody here: that of the base, or one made since."""
    base, world = hand.twin.base, hand.twin.world
    case = Case(world=world, id=base.agreements["hidden"])
    ids = (base.corridors["hidden"], base.corridors["hidden back"])
    ways = [Way(world=world, case=case, id=id) for id in ids]
    known = [Passage(case=case, ways=ways, source=world.source()), *hand.twin.passages]
    chosen = known[wish.target % len(known)]
    hand.twin.touched += [*(way.id for way in chosen.ways), chosen.case.id]
    return chosen


def _new_passage(hand: Hand, wish: Wish) -> Response:
    """Take a passage of its own along, to any of the steps."""
    made = _draw(hand, wish)
    for step in steps.STEPS[: wish.value % (len(steps.STEPS) + 1)]:
        step(made)
    return _remember(hand, made)


def _new_declared_passage(hand: Hand, wish: Wish) -> Response:
    """Record what one side announced by itself, with a corridor that it may have opened."""
    alone = {"laterality": "unilateral", "declared_by": UKRAINE}
    made = _draw(hand, wish, **alone)
    evidence: dict[str, Any] = {"sources": [made.source]}
    made.case.window(at=None, starts_at=from_now(hours=-1), ends_at=from_now(hours=6))
    read(made.ways[0].to("planned", **evidence), 201)
    read(made.case.to("declared", **evidence), 201)
    read(made.ways[0].to("declared", **evidence), 201)
    if wish.value % 2:
        read(made.case.to("in_force", **made.told), 201)
        read(made.ways[0].to("open", **evidence), 201)
    return _remember(hand, made)


def _draw(hand: Hand, wish: Wish, **more: Any) -> Passage:
    world = hand.twin.world
    hidden = [id for _, id in hand.of_scope(hand.twin.base.sites, None)]
    about = [
        {
            "geometry": line(wish.pick(("low", "high", "severe"))),
            "sensitivity": wish.pick(hand.scope.hidden),
            "direction": direction,
            "from_site": wish.pick(hidden),
            "to_site": wish.pick(hidden),
        }
        for direction in ("out", "in")
    ]
    classes = ("moderate", "high", "severe")
    named = {"title": wish.pick(NAMES), "sensitivity": wish.pick(classes)}
    now = {"effective_at": from_now()}
    return steps.draw(world, about, **named, **now, **more, sources=[_source(hand)])


def _source(hand: Hand) -> str:
    """Give a source that only this passage names, where the reader may know of no source."""
    if hand.scope is Scope.PARTNER:
        return hand.twin.world.source()
    body = {
        "operation": "mariupol-2022",
        "publisher": "ICRC",
        "title": "Report of a convoy",
        "kind": "icrc",
        "effective_at": BEGAN,
    }
    return str(read(hand.post("/v1/sources", body), 201)["id"])


def _remember(hand: Hand, made: Passage) -> Response:
    hand.twin.passages.append(made)
    hand.twin.touched += [*(way.id for way in made.ways), made.case.id]
    return made.case.get()


def _stops(hand: Hand, wish: Wish) -> Response:
    chosen = passage(hand, wish)
    way = wish.pick(chosen.ways)
    past = {"effective_at": from_now(seconds=-1)} if wish.value % 3 == 0 else {}
    return wish.one_of(
        lambda: way.stop(wish.pick(_STOPS), **past),
        lambda: way.to("restricted"),
        lambda: chosen.case.stop("suspended", who="ukraine", **past),
        lambda: chosen.case.state("mariupol", wish.pick(("withdrawn", "rejected"))),
    )


def _goes_on(hand: Hand, wish: Wish) -> Response:
    """Let all consent anew, after a stop of the agreement, or open what was suspended alone."""
    chosen = passage(hand, wish)
    if wish.value % 2:
        chosen.case.stop("suspended", who="ukraine")
        return steps.renew(chosen)[-1]
    answers = [(way.stop("suspended"), way.to("open"))[-1] for way in chosen.ways]
    return answers[-1]


def _way_back_stops(hand: Hand, wish: Wish) -> Response:
    """Let a way that more may know of have a hidden one as its way back, and stop that."""
    base, chosen = hand.twin.base, passage(hand, wish)
    way = wish.pick(chosen.ways)
    there = base.corridors[wish.pick(("shared", "released", "passed", "open"))]
    hand.patch(f"/v1/corridors/{there}", {"reciprocal_of": way.id})
    return way.stop(wish.pick(_STOPS))


def _is_corrected(hand: Hand, wish: Wish) -> Response:
    """Take a change of status out, tell it for a later time, or tell a position otherwise."""
    chosen = passage(hand, wish)
    if wish.value % 3 == 0:
        said = read(chosen.case.state("ukraine", "considering"), 201)["id"]
        return chosen.case.state("ukraine", "in_principle", corrects=[said])
    subjects: tuple[Case | Way, ...] = (chosen.case, *chosen.ways)
    about = wish.pick(subjects)
    own = hand.twin.world.organisations[OCHA]  # others correct what others recorded
    items = [i for i in about.read("/status-changes")["items"] if i["organisation"] == own]
    if not items:
        return about.get()
    last: dict[str, Any] = {"corrects": [items[-1]["id"]], "sources": [chosen.source]}
    if wish.value % 3 == 1:
        return about.to(None, **last)
    return about.to(items[-1]["to"], effective_at=from_now(), **last)


def _is_revised(hand: Hand, wish: Wish) -> Response:
    chosen = passage(hand, wish)
    case, way = chosen.case, wish.pick(chosen.ways)
    times = {"starts_at": from_now(hours=-2), "ends_at": from_now(hours=wish.value % 5 + 1)}
    window = WINDOW | times | {"corridor": wish.pick((None, way.id))}
    return wish.one_of(
        lambda: case.change("PUT", f"/terms/{wish.pick(KEYS)}", {"state": "open"}),
        lambda: case.change("POST", "/windows", window),
        lambda: way.edit(geometry=line(wish.pick(("low", "moderate", "high")))),
        lambda: way.edit(width_m=100 + wish.value, direction="both"),
        lambda: way.edit(reciprocal_of=wish.pick((None, chosen.ways[-1].id))),
        lambda: _closed_early(case),
    )


def _closed_early(case: Case) -> Response:
    items = case.read("/windows")["items"]
    below = f"/windows/{items[0]['id']}" if items else "/windows/none"
    return case.change("PATCH", below, {"status": "closed_early", "outcome": "partly"})


def _is_spoken_of(hand: Hand, wish: Wish) -> Response:
    chosen = passage(hand, wish)
    return wish.one_of(
        lambda: steps.talk(chosen),
        lambda: steps.attest(chosen),
        lambda: chosen.case.state("icrc", "conditional", conditions="Daylight"),
        lambda: chosen.case.confirm("ukraine", valid_until=from_now(hours=wish.value % 5 + 1)),
    )


def _ends(hand: Hand, wish: Wish) -> Response:
    chosen = passage(hand, wish)
    said: dict[str, Any] = {
        "movements_statement": "unknown",
        "counts_statement": "unknown",
        "purpose_met": True,
    }
    return wish.one_of(
        lambda: chosen.case.to("completed", **said),
        lambda: chosen.case.stop("collapsed"),
        lambda: chosen.case.to("superseded", successor=hand.twin.base.agreements["talks"]),
        lambda: chosen.case.to("rejected"),
        lambda: chosen.case.to("expired"),
    )


def _changes_class(hand: Hand, wish: Wish) -> Response:
    """Change a class among those that look the same from here, or set a release that lies ahead."""
    chosen = passage(hand, wish)
    way = wish.pick(chosen.ways)
    ahead = {"release_at": from_now(hours=1)}
    return wish.one_of(
        lambda: way.edit(sensitivity=wish.pick(hand.scope.hidden)),
        lambda: way.edit(**ahead),
        lambda: chosen.case.change("PATCH", "", ahead),
        lambda: chosen.case.change("PATCH", "", {"sensitivity": wish.pick(("high", "severe"))}),
    )


WRITES: Mapping[str, Callable[[Hand, Wish], Response]] = {
    "a passage": _new_passage,
    "a declared passage": _new_declared_passage,
    "a passage stops": _stops,
    "a passage goes on": _goes_on,
    "a way back that stops": _way_back_stops,
    "a passage is corrected": _is_corrected,
    "a passage is revised": _is_revised,
    "a passage is spoken of": _is_spoken_of,
    "a passage ends": _ends,
    "a passage changes class": _changes_class,
}
