"""Writes of which a reader may not know: each leaves all that this reader sees as it was."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from httpx2 import Response

from app.domain.disclosure import Precision
from app.domain.geometry.grid import Size, generalised
from app.domain.geometry.reading import read_line, read_point
from tests.http.agreements.case import KEYS, WINDOW, from_now
from tests.http.places import passages
from tests.http.places.given import Way, corridor, site
from tests.http.places.hand import NAMES, Hand, Wish
from tests.http.places.passage import PARTIES
from tests.http.places.twins import CLASSES
from tests.http.world import BEGAN, MARIUPOL, OCHA, UKRAINE

_CELL = (Precision.COARSE, Precision.FINE)
_SIZES = {Precision.COARSE: Size.COARSE, Precision.FINE: Size.FINE}


def _near(geometry: dict[str, Any], value: int) -> dict[str, Any]:
    """Move a geometry by some hundred metres."""
    step = (value % 19 - 9) * 0.0003
    points = geometry["coordinates"]
    if geometry["type"] == "Point":
        return {**geometry, "coordinates": [points[0] + step, points[1] - step]}
    moved = [[x + step, y - step / 2] for x, y in points]
    return {**geometry, "coordinates": moved}


def _in_its_cells(geometry: dict[str, Any], value: int, size: Size) -> dict[str, Any]:
    """Move a geometry within the cells by which it is shown; where it would leave them it stays."""
    moved = _near(geometry, value)
    read_it = read_point if geometry["type"] == "Point" else read_line
    was, will = (generalised(read_it(each).shape, size) for each in (geometry, moved))
    return moved if was == will else geometry


def _of_target(options: list[tuple[str, str]], wish: Wish) -> tuple[str, str]:
    return options[wish.target % len(options)]


def _new_site(hand: Hand, wish: Wish) -> Response:
    point = {"type": "Point", "coordinates": [36 + wish.value % 97 / 50, 47 + wish.value % 89 / 99]}
    body = site(geometry=point, sensitivity=wish.pick(hand.scope.hidden), name=wish.pick(NAMES))
    more = {"effective_at": wish.when or BEGAN}
    if wish.value % 3 == 0:
        more["release_at"] = from_now(hours=1)
    return hand.post("/v1/sites", body | more)


def _new_agreement(hand: Hand, wish: Wish) -> Response:
    laterality = wish.pick(("multilateral", "unilateral"))
    body = {
        "operation": "mariupol-2022",
        "title": wish.pick(NAMES),
        "kind": "evacuation",
        "laterality": laterality,
        "purpose": "Evacuation",
        "proposer": UKRAINE,
        "declared_by": UKRAINE if laterality == "unilateral" else None,
        "parties": PARTIES,
        "sensitivity": wish.pick(("moderate", "high", "severe")),
        "release_at": from_now(hours=1) if wish.value % 3 == 0 else None,
    }
    return hand.post("/v1/agreements", body)


def _new_corridor(hand: Hand, wish: Wish) -> Response:
    base = hand.twin.base
    case = hand.case(wish.pick(("standing", "talks", "outline")))
    body = corridor(case, sensitivity=wish.pick(hand.scope.hidden), name=wish.pick(NAMES))
    named = {
        "from_site": wish.pick([None, *base.sites.values()]),
        "waypoints": [wish.pick(base.sites.values())],
        "reciprocal_of": wish.pick([None, *base.corridors.values()]),
    }
    return hand.post("/v1/corridors", body | named)


def _only_for_operations(hand: Hand, wish: Wish) -> Response:
    """Change how to reach the duty desk of any site; nobody else sees that."""
    sites = list(hand.twin.base.sites.values())
    id = sites[wish.target % len(sites)]
    body = {"contact_channel": f"+380 62 {wish.value % 9}"}
    return hand.patch(f"/v1/sites/{id}", body | _at(wish))


def _at(wish: Wish) -> dict[str, Any]:
    return {} if wish.when is None else {"effective_at": wish.when}


def _site_seen_as_a_cell(hand: Hand, wish: Wish) -> Response:
    options = hand.of_scope(hand.twin.base.sites, *_CELL)
    name, id = _of_target(options, wish)
    path = f"/v1/sites/{id}"
    shown = hand.twin.world.by("ocha").read(path)
    size = _SIZES[hand.scope.sees(name) or Precision.COARSE]
    body: dict[str, Any] = wish.pick(
        (
            {"geometry": _in_its_cells(shown["geometry"], wish.value, size)},
            {"name": wish.pick(NAMES), "other_names": [wish.pick(NAMES)]},
            {"capacity": wish.value, "p_code": f"UA{wish.value}"},
            {"precision_m": wish.value, "controlled_by": wish.pick((UKRAINE, MARIUPOL))},
            {"area": _area(shown["geometry"])},
        )
    )
    return hand.patch(path, body | _at(wish))


def _area(point: dict[str, Any]) -> dict[str, Any]:
    x, y = point["coordinates"]
    ring = [[x, y], [x + 0.01, y], [x + 0.01, y + 0.01], [x, y]]
    return {"type": "Polygon", "coordinates": [ring]}


def _site_not_seen(hand: Hand, wish: Wish) -> Response:
    options = hand.of_scope(hand.twin.base.sites, None)
    _, id = _of_target(options, wish)
    body: dict[str, Any] = wish.pick(
        (
            {"status": "open", "kind": "transit"},
            {"geometry": {"type": "Point", "coordinates": [36.5, 47.2 + wish.value % 7 / 50]}},
            {"name": wish.pick(NAMES)},
        )
    )
    return hand.patch(f"/v1/sites/{id}", body | _at(wish))


def _corridor_seen_as_cells(hand: Hand, wish: Wish) -> Response:
    options = hand.of_scope(hand.twin.base.corridors, *_CELL)
    name, id = _of_target(options, wish)
    base, path = hand.twin.base, f"/v1/corridors/{id}"
    shown = hand.twin.world.by("ocha").read(path)
    size = _SIZES[hand.scope.sees(name) or Precision.COARSE]
    body: dict[str, Any] = wish.pick(
        (
            {"geometry": _in_its_cells(shown["geometry"], wish.value, size)},
            {"name": wish.pick(NAMES), "mine_clearance": wish.pick(("known", "unknown"))},
            {"width_m": 100 + wish.value},
            {
                "from_site": wish.pick(base.sites.values()),
                "to_site": wish.pick(base.sites.values()),
            },
            {"waypoints": [wish.pick(base.sites.values())]},
            {"reciprocal_of": wish.pick([x for x in base.corridors.values() if x != id])},
        )
    )
    return hand.patch(path, body | _at(wish))


def _corridor_not_seen(hand: Hand, wish: Wish) -> Response:
    options = hand.of_scope(hand.twin.base.corridors, None)
    _, id = _of_target(options, wish)
    body: dict[str, Any] = wish.pick(
        (
            {"direction": "both", "mode": "foot"},
            {"geometry": {"type": "LineString", "coordinates": [[36.1, 47.1], [36.2, 47.3]]}},
            {"from_site": None},
        )
    )
    return hand.patch(f"/v1/corridors/{id}", body | _at(wish))


def _names_what_is_not_seen(hand: Hand, wish: Wish) -> Response | None:
    """Let a corridor that is seen exactly name what is not: its readers see no name there."""
    base = hand.twin.base
    hidden = [id for _, id in hand.of_scope(base.corridors, None)]
    hidden += [base.corridors["hidden"], base.corridors["hidden back"]]
    sites = [id for _, id in hand.of_scope(base.sites, None)]
    reciprocal = {"reciprocal_of": wish.pick([None, *hidden])}
    waypoints: dict[str, Any] = {"waypoints": wish.pick(([], [wish.pick(sites)]))}
    name = wish.pick(("low", "released", "passed", "open"))
    # What the open one passes stands in the terms: with other waypoints it would be suspended.
    body = reciprocal if name == "open" else wish.pick((reciprocal, waypoints))
    since = _at(wish) if name == "low" else {}
    return hand.patch(f"/v1/corridors/{base.corridors[name]}", body | since)


def _class_among_hidden(hand: Hand, wish: Wish) -> Response:
    """Change the class of a place among those that look the same from here."""
    kind = wish.pick(("sites", "corridors"))
    same = hand.scope.hidden if len(hand.scope.hidden) > 1 else ("low", "moderate")
    places = getattr(hand.twin.base, kind)
    id = places[same[wish.target % len(same)]]
    return hand.patch(f"/v1/{kind}/{id}", {"sensitivity": wish.pick(same)})


def _release_ahead(hand: Hand, wish: Wish) -> Response:
    kind = ("sites", "corridors", "agreements")[wish.target % 3]
    places: Mapping[str, str] = getattr(hand.twin.base, kind)
    names = ("standing", "talks") if kind == "agreements" else CLASSES
    body = {"release_at": wish.pick((None, from_now(hours=1), from_now(days=30)))}
    return hand.patch(f"/v1/{kind}/{places[wish.pick(names)]}", body)


def _agreement_itself(hand: Hand, wish: Wish) -> Response:
    body: dict[str, Any] = wish.pick(({"title": wish.pick(NAMES)}, {"sensitivity": "severe"}))
    return hand.patch(hand.case(wish.pick(("standing", "talks"))).path, body)


def _position(hand: Hand, wish: Wish) -> Response:
    """State something about an agreement that is not in force anyway."""
    body = {
        "organisation": wish.pick((UKRAINE, MARIUPOL)),
        "position": wish.pick(("approached", "in_principle", "withdrawn", "rejected")),
        "relayed_by": OCHA,
        "sources": [hand.twin.world.source()],
        "stated_at": wish.when,
        "valid_until": from_now(hours=wish.value % 5 - 2),
    }
    given = {name: value for name, value in body.items() if value is not None}
    return hand.case().post("/positions", given)


def _corrected_position(hand: Hand, wish: Wish) -> Response:
    made = _position(hand, wish)
    if made.status_code != 201:
        return made
    body = {
        "organisation": made.json()["organisation"],
        "position": "considering",
        "relayed_by": OCHA,
        "sources": [hand.twin.world.source()],
        "corrects": [made.json()["id"]],
    }
    return hand.case().post("/positions", body)


def _window(hand: Hand, wish: Wish) -> Response:
    hours = wish.value % 7 - 3
    times = {"starts_at": from_now(hours=hours), "ends_at": from_now(hours=hours + 4)}
    named = {"corridor": wish.pick([None, *(hand.twin.base.corridors[name] for name in CLASSES)])}
    body = {name: value for name, value in (WINDOW | times | named | _at(wish)).items() if value}
    return hand.case().change("POST", "/windows", body)


def _far_window(hand: Hand, wish: Wish) -> Response:
    """Add a window that lies after the one that is open: nothing that is shown ends sooner."""
    days = 2 + wish.value % 5
    times = {"starts_at": from_now(days=days), "ends_at": from_now(days=days, hours=4)}
    return hand.case("standing").change("POST", "/windows", WINDOW | times)


def _term(hand: Hand, wish: Wish) -> Response:
    body = {"state": wish.pick(("open", "proposed", "agreed")), "text": wish.pick(NAMES)}
    return hand.case().change("PUT", f"/terms/{wish.pick(KEYS)}", body)


def _talks(hand: Hand, wish: Wish) -> Response:
    body = {
        "participants": [{"organisation": OCHA, "level": "senior_official"}],
        "channel": "meeting",
        "status": "planned",
        "summary": wish.pick(NAMES),
    }
    return hand.case(wish.pick(("standing", "talks"))).post("/contacts", body)


def _agreement_moves(hand: Hand, wish: Wish) -> Response:
    """Let the talks go on, or end them: no corridor of theirs was passable."""
    case, sources = hand.case(), [hand.twin.world.source()]
    for who in ("ukraine", "mariupol"):
        case.state(who, "in_principle", sources=sources)
    return case.to(wish.pick(("in_talks", "agreed_in_principle", "rejected")), sources=sources)


def _hidden_corridor_moves(hand: Hand, wish: Wish) -> Response:
    _, id = _of_target(hand.of_scope(hand.twin.base.corridors, None), wish)
    way = Way(world=hand.twin.world, case=hand.case(), id=id)
    hand.twin.touched.append(id)
    return way.to(wish.pick(("planned", "cancelled")), **_at(wish))


def _correction(hand: Hand, wish: Wish) -> Response | None:
    """Correct what was said last of a site's name or channel: late, and told differently."""
    base = hand.twin.base
    options = [*hand.of_scope(base.sites, *_CELL), *hand.of_scope(base.sites, None)]
    _, id = _of_target(options, wish)
    made = hand.patch(f"/v1/sites/{id}", {"name": "Corrected soon"} | _at(wish))
    if made.status_code != 200:
        return made
    events = hand.twin.world.by("auditor").read("/v1/history", subject=id)["items"]
    body = {"name": wish.pick(NAMES), "corrects": [events[-1]["id"]]}
    return hand.patch(f"/v1/sites/{id}", body)


WRITES: Mapping[str, Callable[[Hand, Wish], Response | None]] = {
    "a new site": _new_site,
    "a new agreement": _new_agreement,
    "a new corridor": _new_corridor,
    "how to reach a site": _only_for_operations,
    "a site seen as a cell": _site_seen_as_a_cell,
    "a site not seen": _site_not_seen,
    "a corridor seen as cells": _corridor_seen_as_cells,
    "a corridor not seen": _corridor_not_seen,
    "a name of what is not seen": _names_what_is_not_seen,
    "a class that looks the same": _class_among_hidden,
    "a release that lies ahead": _release_ahead,
    "the agreement itself": _agreement_itself,
    "a position": _position,
    "a position corrected": _corrected_position,
    "a window": _window,
    "a window far ahead": _far_window,
    "a term": _term,
    "talks": _talks,
    "a move of the agreement": _agreement_moves,
    "a move of a corridor not seen": _hidden_corridor_moves,
    "a correction": _correction,
    **passages.WRITES,
}


def write(hand: Hand, wish: Wish) -> None:
    """Do as wished; what the rules refuse changes nothing."""
    answer = WRITES[wish.what](hand, replace(wish))
    assert answer is None or answer.status_code in {200, 201, 409, 422}, answer.text
