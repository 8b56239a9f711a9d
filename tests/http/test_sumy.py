"""Sumy, 8 March 2022: the clean path, from the operation to completed, all by HTTP.

The ministry approves by letter to the ICRC, Ukraine says that it is ready, the window is 09:00 to
21:00 in Kyiv, and the public is told only once the ceasefire is real.
"""

from typing import Any

from tests.http.world import BEGAN, ICRC, MOD, UKRAINE, Voice, World, read

DAY = "2022-03-08"
TERMS: dict[str, dict[str, Any]] = {
    "purpose": {"text": "Evacuation of civilians from Sumy, aid into it"},
    "eligible_people": {"text": "Everybody who wishes to leave"},
    "origin_and_assembly": {"text": "Sumy"},
    "routes": {
        "text": "Out by Holubivka, Lokhvytsia and Lubny to Poltava; aid in by Lokhvytsia, Romny "
        "and Nedryhailiv"
    },
    "destinations_and_free_choice": {"text": "Poltava", "details": {"voluntary": True}},
    "windows": {"text": "One day, 09:00 to 21:00 in Kyiv"},
    "escort_and_execution": {"text": "Buses, led by the ICRC and the local authorities"},
    "checks": {"text": "None on the way out"},
    "monitoring_and_contact": {"text": "The ICRC is told of every departure"},
    "guarantees_and_violations": {"text": "Ceasefire along the route; a violation suspends"},
}


class Sumy:
    """The steps of the day, each a request of whoever takes it."""

    def __init__(self, world: World) -> None:
        """Set up the operation and the tokens that name it."""
        self.world = world
        body = {
            "slug": "sumy-2022",
            "name": "Sumy 2022",
            "countries": ["UKR"],
            "started_on": "2022-02-24",
            "tz": "Europe/Kyiv",
            "members": [ICRC, MOD, UKRAINE],
            "effective_at": BEGAN,
        }
        read(world.by("administrator").post("/v1/operations", body), 201)
        for name, whose in (("icrc", ICRC), ("mod", MOD), ("ukraine", UKRAINE)):
            self.issue(name, whose, "coordinator")
        self.issue("auditor", ICRC, "auditor")
        self.path = ""

    def issue(self, name: str, organisation: str, role: str) -> None:
        """Issue a token for the operation."""
        there = ["sumy-2022"]
        self.world.token(f"sumy-{name}", organisation, role, f"sumy-{name}", operations=there)

    def by(self, name: str) -> Voice:
        """Speak as a coordinator of one of the three, the auditor, or nobody."""
        return self.world.by(name if name == "anonymous" else f"sumy-{name}")

    def source(self, publisher: str, title: str, at: str) -> str:
        """Record evidence."""
        body = {
            "operation": "sumy-2022",
            "publisher": publisher,
            "title": title,
            "kind": "party_statement",
            "published_at": at,
            "effective_at": at,
        }
        return str(read(self.by("icrc").post("/v1/sources", body), 201)["id"])

    def change(self, method: str, below: str, body: Any, *, who: str = "icrc") -> Any:
        """Change something on the version that was just read."""
        tag = self.by(who).get(self.path).headers["ETag"]
        answer = self.by(who).call(method, self.path + below, body, if_match=tag)
        return read(answer, 201 if method == "POST" else 200)

    def to(self, status: str, at: str, *, reason: str, **more: Any) -> Any:
        """Move the agreement."""
        body = {"to": status, "effective_at": at, "reason": reason} | more
        return self.change("POST", "/status-changes", body)

    def status(self, **times: str) -> str:
        """Read the status."""
        return str(self.by("icrc").read(self.path, **times)["status"])


def propose(sumy: Sumy) -> None:
    body = {
        "operation": "sumy-2022",
        "title": "Safe passage from Sumy to Poltava on 8 March",
        "kind": "corridor",
        "laterality": "multilateral",
        "purpose": "Evacuation of civilians from Sumy to Poltava, aid into Sumy",
        "proposer": UKRAINE,
        "parties": [
            {"organisation": MOD, "role": "required_party"},
            {"organisation": UKRAINE, "role": "required_party"},
            {"organisation": ICRC, "role": "facilitator"},
            {"organisation": ICRC, "role": "executor"},
        ],
        "effective_at": "2022-03-07T08:00:00Z",
    }
    sumy.path = read(sumy.by("icrc").post("/v1/agreements", body), 201)["id"]
    sumy.path = f"/v1/agreements/{sumy.path}"


def talk(sumy: Sumy) -> None:
    """Both sides are approached, and agree in principle."""
    letter = sumy.source(MOD, "Letter to the ICRC on a route from Sumy", "2022-03-07T15:00:00Z")
    ready = sumy.source(UKRAINE, "Ukraine is ready for a route from Sumy", "2022-03-07T14:00:00Z")
    for who, whose, at, source in (
        ("mod", MOD, "2022-03-07T12:00:00Z", letter),
        ("ukraine", UKRAINE, "2022-03-07T12:00:00Z", ready),
    ):
        body = {"organisation": whose, "position": "approached", "stated_at": at}
        read(sumy.by(who).post(f"{sumy.path}/positions", body), 201)
        body |= {"position": "in_principle", "stated_at": "2022-03-07T15:00:00Z"}
        read(sumy.by(who).post(f"{sumy.path}/positions", body | {"sources": [source]}), 201)
    sumy.to("in_talks", "2022-03-07T12:30:00Z", reason="talks_held")
    sumy.to("agreed_in_principle", "2022-03-07T16:00:00Z", reason="all_in_principle")


def settle(sumy: Sumy) -> None:
    """Ten terms and one window."""
    terms = {key: {"state": "agreed", **term} for key, term in TERMS.items()}
    body: dict[str, Any] = {"terms": terms, "effective_at": "2022-03-07T18:00:00Z"}
    sumy.change("PUT", "/terms", body)
    window = {
        "starts_at": f"{DAY}T07:00:00Z",
        "ends_at": f"{DAY}T19:00:00Z",
        "tz": "Europe/Kyiv",
        "as_announced": "09:00-21:00 Kyiv",
        "direction": "both",
        "effective_at": "2022-03-07T18:00:00Z",
    }
    sumy.change("POST", "/windows", window)


def confirm(sumy: Sumy) -> None:
    """The ministry by letter to the ICRC, which relays it and Ukraine's word; both are attested."""
    letter = sumy.source(MOD, "Letter that approves the route", "2022-03-07T19:00:00Z")
    present = sumy.by("icrc").read(sumy.path)
    terms = {"revision": present["revision"], "terms_hash": present["terms_hash"]}
    relayed = {
        "organisation": MOD,
        "position": "confirmed",
        "form": "letter",
        "authority_level": "minister",
        "relayed_by": ICRC,
        "sources": [letter],
        "stated_at": "2022-03-07T19:00:00Z",
    }
    made = read(sumy.by("icrc").post(f"{sumy.path}/positions", relayed | terms), 201)
    assert made["counts"] is False
    attestations = f"{sumy.path}/positions/{made['id']}/attestations"
    read(sumy.by("mod").post(attestations, {"note": "Our letter"}), 201)
    for who, whose in (("ukraine", UKRAINE), ("icrc", ICRC)):
        own = {
            "organisation": whose,
            "position": "confirmed",
            "form": "signed",
            "stated_at": "2022-03-07T20:00:00Z",
        }
        read(sumy.by(who).post(f"{sumy.path}/positions", own | terms), 201)
    readiness = sumy.by("icrc").read(f"{sumy.path}/readiness", as_of="2022-03-07T20:00:00Z")
    assert (readiness["ready"], readiness["unmet"]) == (True, [])
    sumy.to("confirmed", "2022-03-07T20:30:00Z", reason="all_confirmed", sources=[letter])


def open_and_close(sumy: Sumy) -> None:
    """The ceasefire holds; the public is told; 22 buses, then 39; about 5,000 people."""
    held = sumy.source("Sumy region", "The ceasefire holds along the route", f"{DAY}T07:30:00Z")
    report = {"ceasefire_effective_at": f"{DAY}T07:00:00Z", "sources": [held]}
    sumy.to("in_force", f"{DAY}T07:30:00Z", reason="ceasefire_reported", **report)
    sumy.change("PATCH", "", {"sensitivity": "low"})
    window = sumy.by("icrc").read(f"{sumy.path}/windows")["items"][0]["id"]
    for status, at, more in (
        ("opened", f"{DAY}T07:30:00Z", {}),
        ("closed_as_planned", f"{DAY}T19:00:00Z", {"outcome": "worked"}),
    ):
        body = {"status": status, "effective_at": at} | more
        sumy.change("PATCH", f"/windows/{window}", body)
    end = {
        "movements_statement": "22 buses, then 39, to Poltava",
        "counts_statement": "About 5,000 people, according to the regional authorities",
        "sources": [held],
    }
    sumy.to("completed", f"{DAY}T20:00:00Z", reason="window_over", **end)


def test_sumy_from_the_operation_to_completed(world: World) -> None:
    sumy = given_sumy(world)
    statuses = [
        ("2022-03-07T08:00:00Z", "proposed"),
        ("2022-03-07T13:00:00Z", "in_talks"),
        ("2022-03-07T17:00:00Z", "agreed_in_principle"),
        ("2022-03-07T21:00:00Z", "confirmed"),
        (f"{DAY}T07:00:00Z", "confirmed"),
        (f"{DAY}T08:00:00Z", "in_force"),
        (f"{DAY}T20:00:00Z", "completed"),
    ]
    assert [(at, sumy.status(as_of=at)) for at, _ in statuses] == statuses


def test_during_its_window_it_bars_nobody(world: World) -> None:
    sumy = given_sumy(world)
    shown = sumy.by("icrc").read(sumy.path, as_of=f"{DAY}T08:00:00Z")
    assert shown["do_not_move"] == {"reasons": [], "until": f"{DAY}T19:00:00.000000Z"}
    assert shown["consent_basis"] == "mutual"


def test_the_hours_are_those_of_kyiv_as_announced(world: World) -> None:
    sumy = given_sumy(world)
    window = sumy.by("icrc").read(f"{sumy.path}/windows")["items"][0]
    assert (window["tz"], window["as_announced"]) == ("Europe/Kyiv", "09:00-21:00 Kyiv")
    assert window["starts_at"] == f"{DAY}T07:00:00.000000Z"
    assert window["outcome"] == "worked"


def test_once_released_the_public_sees_the_outline_and_no_more(world: World) -> None:
    sumy = given_sumy(world)
    shown = sumy.by("anonymous").read(sumy.path)
    assert (shown["status"], shown["consent_basis"]) == ("completed", "mutual")
    assert set(shown) == {"id", "operation", "title", "status", "consent_basis", "do_not_move"}
    assert sumy.by("anonymous").get(f"{sumy.path}/positions").status_code == 401


def test_the_auditor_finds_every_step_with_who_took_it(world: World) -> None:
    sumy = given_sumy(world)
    changes = sumy.by("auditor").read(f"{sumy.path}/status-changes")["items"]
    assert {c["actor"]["holder"] for c in changes} == {"sumy-icrc"}
    subject = sumy.path.rpartition("/")[2]
    events = sumy.by("auditor").read("/v1/history", subject=subject, limit=1000)["items"]
    sequences = sorted(event["sequence"] for event in events)
    assert sequences == list(range(1, len(sequences) + 1))
    assert sequences[-1] == sumy.by("icrc").read(sumy.path)["version"]


def given_sumy(world: World) -> Sumy:
    """Play the day, once for each database."""
    if "sumy" not in world.kept:
        sumy = Sumy(world)
        for step in (propose, talk, settle, confirm, open_and_close):
            step(sumy)
        world.kept["sumy"] = sumy
    kept: Sumy = world.kept["sumy"]
    return kept
