"""One agreement, and the steps that take it along, each a request of somebody."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from httpx2 import Response

from tests.http.world import ICRC, MARIUPOL, MOD, OCHA, UKRAINE, Voice, World, read

PROPOSED_AT = "2022-04-25T10:00:00Z"
IN_PRINCIPLE_AT = "2022-04-26T16:00:00Z"
SETTLED_AT = "2022-04-29T06:00:00Z"
STATED_AT = "2022-04-29T08:00:00Z"
CONFIRMED_AT = "2022-04-29T09:00:00Z"
IN_FORCE_AT = "2022-04-30T08:00:00Z"

KEYS = (
    "purpose",
    "eligible_people",
    "origin_and_assembly",
    "routes",
    "destinations_and_free_choice",
    "windows",
    "escort_and_execution",
    "checks",
    "monitoring_and_contact",
    "guarantees_and_violations",
)
SAYS = {"mod": MOD, "ukraine": UKRAINE, "ocha": OCHA, "icrc": ICRC, "mariupol": MARIUPOL}
STEPS = ("proposed", "agreed_in_principle", "settled", "stated", "confirmed", "in_force")

WINDOW = {
    "starts_at": "2022-04-30T03:00:00Z",
    "ends_at": "2022-04-30T17:00:00Z",
    "tz": "Europe/Kyiv",
    "as_announced": "06:00 local time",
    "direction": "out",
}


def proposal(**changes: Any) -> dict[str, Any]:
    """Give the body that proposes the evacuation of Azovstal."""
    return {
        "operation": "mariupol-2022",
        "title": "Evacuation of civilians from the Azovstal steelworks",
        "kind": "evacuation",
        "laterality": "multilateral",
        "purpose": "Evacuation of civilians by the UN and the ICRC",
        "proposer": UKRAINE,
        "parties": [
            {"organisation": MOD, "role": "required_party"},
            {"organisation": UKRAINE, "role": "required_party"},
            {"organisation": OCHA, "role": "facilitator"},
            {"organisation": ICRC, "role": "executor"},
            {"organisation": MARIUPOL, "role": "observer"},
        ],
        "effective_at": PROPOSED_AT,
    } | changes


def declaration(**changes: Any) -> dict[str, Any]:
    """Give the body that records what the ministry announced by itself."""
    return proposal(
        title="Ceasefire around Azovstal announced for 25 April",
        kind="humanitarian_pause",
        laterality="unilateral",
        proposer=MOD,
        declared_by=MOD,
        parties=[{"organisation": MOD, "role": "required_party"}],
        **changes,
    )


def all_agreed(**changes: Any) -> dict[str, Any]:
    """Give ten agreed terms, leaving said to be voluntary."""
    terms: dict[str, Any] = {key: {"state": "agreed", "text": f"As to {key}"} for key in KEYS}
    terms["destinations_and_free_choice"]["details"] = {"voluntary": True}
    return terms | changes


def from_now(**delta: float) -> str:
    """Give a time so much later than now."""
    return (datetime.now(UTC) + timedelta(**delta)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(kw_only=True)
class Case:
    """One agreement; `at` dates are given by each step, None stands for now."""

    world: World
    id: str

    @property
    def path(self) -> str:
        """The address of the agreement."""
        return f"/v1/agreements/{self.id}"

    def by(self, who: str) -> Voice:
        """Speak as somebody."""
        return self.world.by(who)

    def read(self, below: str = "", *, who: str = "ocha", **params: Any) -> Any:
        """Read the agreement, or what is below it."""
        return self.by(who).read(self.path + below, **params)

    def get(self, below: str = "", *, who: str = "ocha", **params: Any) -> Response:
        """Ask for the agreement, or what is below it."""
        return self.by(who).get(self.path + below, **params)

    def tag(self) -> str:
        """Give the ETag of the present version."""
        return str(self.get().headers["ETag"])

    def post(self, below: str, body: Any, *, who: str = "ocha", **headers: str) -> Response:
        """Add something below the agreement, on no version."""
        return self.by(who).post(self.path + below, body, **headers)

    def change(
        self, method: str, below: str, body: Any, *, who: str = "ocha", **headers: str
    ) -> Response:
        """Change something on the present version."""
        wanted = {"if_match": self.tag()} | headers
        return self.by(who).call(method, self.path + below, body, **wanted)

    def state(self, who: str, position: str, *, at: str | None = None, **more: Any) -> Response:
        """State a position, one's own unless `organisation` names another."""
        body = {"organisation": SAYS.get(who), "position": position, "stated_at": at} | more
        return self.post("/positions", _given(body), who=who)

    def confirm(self, who: str, *, at: str | None = None, **more: Any) -> Response:
        """Confirm the terms as they are now."""
        present = self.read()
        terms = {"revision": present["revision"], "terms_hash": present["terms_hash"]}
        return self.state(who, "confirmed", at=at, **({**terms, "form": "letter"} | more))

    def relay(
        self, who: str, organisation: str, *, at: str | None = STATED_AT, **more: Any
    ) -> Response:
        """Record another organisation's confirmation that `who` relayed."""
        relayed: dict[str, Any] = {
            "organisation": organisation,
            "relayed_by": SAYS[who],
            "sources": [self.world.source()],
        }
        return self.confirm(who, at=at, **(relayed | more))

    def settle(self, *, at: str | None = SETTLED_AT, **changes: Any) -> Any:
        """Agree all ten terms, or those that `changes` does not say otherwise of."""
        body = _given({"terms": all_agreed(**changes), "effective_at": at})
        return read(self.change("PUT", "/terms", body), 200)

    def window(self, *, at: str | None = SETTLED_AT, **changes: Any) -> Any:
        """Add a window."""
        body = _given(WINDOW | {"effective_at": at} | changes)
        return read(self.change("POST", "/windows", body), 201)

    def to(
        self, status: str | None, *, at: str | None = None, who: str = "ocha", **more: Any
    ) -> Response:
        """Ask for a status on the present version."""
        body = {"to": status, "reason": "as_the_record_shows"} | more
        if at is not None:
            body["effective_at"] = at
        return self.change("POST", "/status-changes", body, who=who)

    def stop(self, status: str = "suspended", *, who: str = "ocha", **more: Any) -> Response:
        """Stop, without looking at any version."""
        return self.post("/status-changes", {"to": status} | more, who=who)

    def statuses(self, **params: Any) -> list[str]:
        """Give the statuses that the agreement had, in the order of their effect."""
        items = self.read("/status-changes", **params)["items"]
        return [item["to"] for item in items if item["changes_status"]]


def given_proposed(world: World, *, by: str = "ocha", **changes: Any) -> Case:
    """Propose the evacuation, or what `changes` makes of it."""
    made = read(world.by(by).post("/v1/agreements", proposal(**changes)), 201)
    return Case(world=world, id=made["id"])


def given_declared(world: World, **changes: Any) -> Case:
    """Record what the ministry announced by itself, with its window, as `declared`."""
    made = read(world.by("mod").post("/v1/agreements", declaration(**changes)), 201)
    case = Case(world=world, id=made["id"])
    window = WINDOW | {"effective_at": PROPOSED_AT}
    read(case.change("POST", "/windows", window, who="mod"), 201)
    stated: dict[str, Any] = {
        "sources": [world.source()],
        "who": "mod",
        "at": "2022-04-25T10:00:00Z",
    }
    read(case.to("declared", **stated), 201)
    return case


def given_case(world: World, step: str = "in_force", **changes: Any) -> Case:
    """Take the evacuation along to `step` as of its dates: see `STEPS`."""
    case = given_proposed(world, **changes)
    upto = STEPS.index(step)
    if upto >= STEPS.index("agreed_in_principle"):
        bring_in_principle(case, at=IN_PRINCIPLE_AT)
    if upto >= STEPS.index("settled"):
        case.settle()
        case.window()
    if upto >= STEPS.index("stated"):
        confirm_all(case, at=STATED_AT)
    if upto >= STEPS.index("confirmed"):
        read(case.to("confirmed", at=CONFIRMED_AT), 201)
    if upto >= STEPS.index("in_force"):
        report: dict[str, Any] = {
            "ceasefire_effective_at": IN_FORCE_AT,
            "sources": [world.source()],
        }
        read(case.to("in_force", at=IN_FORCE_AT, **report), 201)
    return case


def given_live(world: World, step: str = "in_force") -> Case:
    """Take the evacuation along to `step` today, with a window that is open now."""
    case = given_proposed(world)
    bring_in_principle(case)
    case.settle(at=None)
    case.window(at=None, starts_at=from_now(hours=-1), ends_at=from_now(hours=6))
    confirm_all(case)
    if step in ("confirmed", "in_force"):
        read(case.to("confirmed"), 201)
    if step == "in_force":
        report: dict[str, Any] = {
            "ceasefire_effective_at": from_now(hours=-1),
            "sources": [world.source()],
        }
        read(case.to("in_force", **report), 201)
    return case


def bring_in_principle(case: Case, *, at: str | None = None) -> None:
    """Let both sides agree in principle, and record that they do."""
    for who in ("mod", "ukraine"):
        read(case.state(who, "in_principle", at=at, sources=[case.world.source()]), 201)
    read(case.to("agreed_in_principle", at=at), 201)


def confirm_all(case: Case, *, at: str | None = None) -> None:
    """Let every required party and executor confirm by itself."""
    for who in ("mod", "ukraine", "icrc"):
        read(case.confirm(who, at=at), 201)


def _given(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}
