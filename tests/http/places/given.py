"""Sites and corridors of the Azovstal case, and the steps that take a corridor along."""

from dataclasses import dataclass
from typing import Any

from httpx2 import Response

from tests.http.agreements.case import (
    Case,
    bring_in_principle,
    confirm_all,
    from_now,
    given_proposed,
)
from tests.http.world import BEGAN, Voice, World, read

GEOJSON = "application/geo+json"
AZOVSTAL = {"type": "Point", "coordinates": [37.608, 47.097]}
ZAPORIZHZHIA = {"type": "Point", "coordinates": [35.1171, 47.8517]}
TOWNS = [
    [37.5413, 47.0951],
    [37.3119, 47.0563],
    [35.7084, 47.2555],
    [35.2821, 47.4422],
    [35.3737, 47.5392],
    [35.1171, 47.8517],
]
ROUTE = {"type": "LineString", "coordinates": TOWNS}


def site(**changes: Any) -> dict[str, Any]:
    """Give the body of the steelworks, or what `changes` makes of it."""
    return {
        "operation": "mariupol-2022",
        "name": "Azovstal steelworks",
        "kind": "besieged_site",
        "geometry": AZOVSTAL,
        "effective_at": BEGAN,
    } | changes


def given_site(world: World, *, by: str = "ocha", **changes: Any) -> str:
    """Put a site on record and give its id."""
    return str(read(world.by(by).post("/v1/sites", site(**changes)), 201)["id"])


@dataclass(kw_only=True)
class Way:
    """One corridor, with the agreement that it belongs to."""

    world: World
    case: Case
    id: str

    @property
    def path(self) -> str:
        """The address of the corridor."""
        return f"/v1/corridors/{self.id}"

    def by(self, who: str) -> Voice:
        """Speak as somebody."""
        return self.world.by(who)

    def read(self, below: str = "", *, who: str = "ocha", **params: Any) -> Any:
        """Read the corridor, or what is below it."""
        return self.by(who).read(self.path + below, **params)

    def get(self, below: str = "", *, who: str = "ocha", **params: Any) -> Response:
        """Ask for the corridor, or what is below it."""
        return self.by(who).get(self.path + below, **params)

    def tag(self, who: str = "ocha") -> str:
        """Give the ETag of the present version as somebody sees it."""
        return str(self.get(who=who).headers["ETag"])

    def edit(self, *, who: str = "ocha", **body: Any) -> Response:
        """Change something on the present version."""
        return self.by(who).call("PATCH", self.path, body, if_match=self.tag(who))

    def to(self, status: str | None, *, who: str = "ocha", **more: Any) -> Response:
        """Ask for a status on the present version."""
        body = {"to": status, "reason": "as_the_record_shows"} | more
        path = f"{self.path}/status-changes"
        return self.by(who).call("POST", path, body, if_match=self.tag())

    def stop(self, status: str = "suspended", *, who: str = "ocha", **more: Any) -> Response:
        """Stop, without looking at any version."""
        return self.by(who).post(f"{self.path}/status-changes", {"to": status} | more)

    def reasons(self, *, who: str = "ocha", **params: Any) -> list[str]:
        """Give the codes of why nobody may move."""
        return [r["code"] for r in self.read(who=who, **params)["do_not_move"]["reasons"]]

    def statuses(self) -> list[str]:
        """Give the statuses that the corridor had, in the order of their effect."""
        return [item["to"] for item in self.read("/status-changes")["items"]]


def lead_elsewhere(way: Way) -> None:
    """Let a corridor take another way, to which all consent anew, and open it again."""
    case = way.case
    elsewhere = [TOWNS[0], [36.7882, 46.7558], TOWNS[-1]]
    read(way.edit(geometry={"type": "LineString", "coordinates": elsewhere}), 200)
    read(case.to("in_talks"), 201)
    for who in ("mod", "ukraine", "icrc"):
        read(case.state(who, "in_principle", sources=[way.world.source()]), 201)
    read(case.to("agreed_in_principle"), 201)
    confirm_all(case)
    read(case.to("confirmed"), 201)
    began, sources = from_now(hours=-1), [way.world.source()]
    read(case.to("in_force", ceasefire_effective_at=began, sources=sources), 201)
    read(way.to("open"), 201)


def corridor(case: Case, **changes: Any) -> dict[str, Any]:
    """Give the body of the corridor to Zaporizhzhia, or what `changes` makes of it."""
    return {
        "agreement": case.id,
        "name": "Mariupol to Zaporizhzhia",
        "mode": "bus",
        "geometry": ROUTE,
        "width_m": 500,
    } | changes


def given_way(case: Case, *, ends: bool = True, **changes: Any) -> Way:
    """Draw a corridor of an agreement."""
    world = case.world
    if ends:
        changes = {"from_site": given_site(world), "to_site": given_site(world)} | changes
    made = read(world.by("ocha").post("/v1/corridors", corridor(case, **changes)), 201)
    return Way(world=world, case=case, id=made["id"])


def given_open(world: World, **changes: Any) -> Way:
    """Take an agreement into force with one corridor in its terms, and open that."""
    case = given_proposed(world)
    bring_in_principle(case)
    case.settle(at=None)
    case.window(at=None, starts_at=from_now(hours=-1), ends_at=from_now(hours=6))
    way = given_way(case, **changes)
    read(way.to("planned"), 201)
    confirm_all(case)
    read(case.to("confirmed"), 201)
    read(way.to("agreed"), 201)
    report: dict[str, Any] = {
        "ceasefire_effective_at": from_now(hours=-1),
        "sources": [world.source()],
    }
    read(case.to("in_force", **report), 201)
    read(way.to("open"), 201)
    return way
