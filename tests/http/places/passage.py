"""An agreement between two Ukrainian sides with corridors of its own, taken along step by step.

The ministry is no party of it, and may not know of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from httpx2 import Response

from tests.http.agreements.case import Case, all_agreed, from_now, given_proposed
from tests.http.places.given import Way, given_way
from tests.http.world import ICRC, MARIUPOL, OCHA, UKRAINE, World, read

PARTIES = [
    {"organisation": UKRAINE, "role": "required_party"},
    {"organisation": MARIUPOL, "role": "required_party"},
    {"organisation": OCHA, "role": "facilitator"},
    {"organisation": ICRC, "role": "executor"},
]


@dataclass(frozen=True, kw_only=True)
class Passage:
    """An agreement with its corridors, and the source that its statements name."""

    case: Case
    ways: Sequence[Way]
    source: str

    @property
    def told(self) -> dict[str, Any]:
        """What a status that is reported from outside needs."""
        return {"ceasefire_effective_at": from_now(hours=-1), "sources": [self.source]}


def draw(world: World, lines: Sequence[Mapping[str, Any]], **agreement: Any) -> Passage:
    """Propose an agreement and draw its corridors, each the way back of the one before.

    Args:
        lines: what is said of each corridor.
        agreement: what is said of the agreement, `sources` of one at least.
    """
    case = given_proposed(world, parties=PARTIES, **agreement)
    ways: list[Way] = []
    for line in lines:
        back = {"reciprocal_of": ways[-1].id} if ways else {}
        ways.append(given_way(case, **({"ends": False} | back | dict(line))))
    return Passage(case=case, ways=ways, source=agreement["sources"][0])


def approach(passage: Passage) -> None:
    """Let the talks begin, of which more are planned."""
    read(passage.case.state("mariupol", "approached"), 201)
    read(passage.case.to("in_talks"), 201)
    read(talk(passage), 201)


def agree_in_principle(passage: Passage) -> None:
    """Let both sides agree in principle."""
    for who in ("ukraine", "mariupol"):
        read(passage.case.state(who, "in_principle", sources=[passage.source]), 201)
    read(passage.case.to("agreed_in_principle"), 201)


def settle(passage: Passage) -> None:
    """Agree all terms, with a window that is open now, and one for each corridor."""
    times = {"starts_at": from_now(hours=-1), "ends_at": from_now(hours=6)}
    passage.case.settle(at=None)
    passage.case.window(at=None, **times)
    for way in passage.ways:
        passage.case.window(at=None, **times, corridor=way.id, direction="both")


def plan(passage: Passage) -> None:
    """Bring the routes into the terms."""
    for way in passage.ways:
        read(way.to("planned"), 201)


def confirm(passage: Passage) -> None:
    """Let all confirm: the city's word is relayed by one and attested by another."""
    attest(passage)
    for who in ("ukraine", "icrc"):
        read(passage.case.confirm(who), 201)
    read(passage.case.to("confirmed"), 201)
    for way in passage.ways:
        read(way.to("agreed"), 201)


def enforce(passage: Passage) -> None:
    """Put it into force, and open its corridors, all but the first with restrictions."""
    read(passage.case.to("in_force", **passage.told), 201)
    for at, way in enumerate(passage.ways):
        read(way.to("open"), 201)
        if at:
            read(way.to("restricted"), 201)


STEPS: tuple[Callable[[Passage], None], ...] = (
    approach,
    agree_in_principle,
    settle,
    plan,
    confirm,
    enforce,
)
"""From a proposal to open corridors."""


def attest(passage: Passage) -> Response:
    """Relay the city's confirmation of the present terms, and let another attest it."""
    case = passage.case
    said = read(case.relay("ocha", MARIUPOL, at=None, sources=[passage.source]), 201)
    return case.post(f"/positions/{said['id']}/attestations", {}, who="icrc")


def talk(passage: Passage) -> Response:
    """Plan talks, with what is to follow."""
    body = {
        "participants": [{"organisation": OCHA, "level": "senior_official"}],
        "channel": "meeting",
        "status": "planned",
        "summary": "Gate of the north",
        "follow_ups": [{"what": "Lists of buses", "by": OCHA, "due_at": from_now(hours=-1)}],
    }
    return passage.case.post("/contacts", body)


def renew(passage: Passage) -> list[Response]:
    """Let all consent anew to terms that changed, and open what was suspended; as far as it goes."""
    case, ways = passage.case, passage.ways
    answers = [case.change("PUT", "/terms", {"terms": all_agreed()}), case.to("in_talks")]
    sides, sources = ("ukraine", "mariupol"), [passage.source]
    answers += [case.state(who, "in_principle", sources=sources) for who in sides]
    answers.append(case.to("agreed_in_principle"))
    answers += [case.confirm("ukraine"), attest(passage), case.confirm("icrc")]
    answers += [case.to("confirmed"), case.to("in_force", **passage.told)]
    return [*answers, *(way.to("open") for way in ways)]
