"""Wishes of every sort about one agreement and its two corridors, for Hypothesis, over HTTP."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from httpx2 import Response
from hypothesis import strategies as st

from app.domain.agreement.model import Stance
from app.domain.agreement.status import Status
from app.domain.agreement.terms import TermKey, TermState
from app.domain.corridor.status import CorridorStatus
from app.domain.window import WindowStatus
from tests.http.agreements.case import (
    SAYS,
    Case,
    all_agreed,
    confirm_all,
    from_now,
    given_proposed,
)
from tests.http.places.given import Way, corridor, given_site
from tests.http.world import ICRC, MOD, UKRAINE, World, read

CONSENTING = (MOD, UKRAINE, ICRC)
DESKS = ("ocha", "icrc", "mod", "ukraine", "unhcr")
REFUSALS = (Stance.WITHDRAWN, Stance.REJECTED)


@dataclass(kw_only=True)
class Stage:
    """An agreement in force with two open corridors, as it was taken along over ten hours.

    Attributes:
        moments: between any two changes, one.
    """

    world: World
    case: Case
    ways: tuple[Way, Way]
    moments: list[datetime] = field(default_factory=list)

    def ago(self, hours: float | None) -> dict[str, str]:
        """Give since when it is so, for a body; None stands for now."""
        return {} if hours is None else {"effective_at": from_now(hours=-hours)}


@dataclass(frozen=True, kw_only=True)
class Taken:
    """An answer, and whether after it nobody may be on any corridor of the agreement."""

    answer: Response
    stops: bool = False


Step = Callable[[Stage], Taken]


def given_stage(world: World) -> Stage:
    """Take an agreement into force and open two corridors, each step at an hour of its own."""
    case = given_proposed(world, effective_at=from_now(hours=-10))
    for who in ("mod", "ukraine"):
        said = case.state(who, "in_principle", at=from_now(hours=-9.5), sources=[world.source()])
        read(said, 201)
    read(case.to("agreed_in_principle", at=from_now(hours=-9)), 201)
    case.settle(at=from_now(hours=-8))
    case.window(at=from_now(hours=-8), starts_at=from_now(hours=-5.25), ends_at=from_now(hours=6))
    ends = {"from_site": given_site(world), "to_site": given_site(world)}
    ways = _drawn(case, **ends), _drawn(case, **ends)
    for way in ways:
        read(way.to("planned", effective_at=from_now(hours=-7)), 201)
    confirm_all(case, at=from_now(hours=-6))
    read(case.to("confirmed", at=from_now(hours=-5.5)), 201)
    for way in ways:
        read(way.to("agreed", effective_at=from_now(hours=-5)), 201)
    report: dict[str, Any] = {
        "ceasefire_effective_at": from_now(hours=-4.5),
        "sources": [world.source()],
    }
    read(case.to("in_force", at=from_now(hours=-4), **report), 201)
    for way in ways:
        read(way.to("open", effective_at=from_now(hours=-3.5)), 201)
    return Stage(world=world, case=case, ways=ways, moments=[datetime.now(UTC)])


def _drawn(case: Case, **ends: str) -> Way:
    world = case.world
    body = corridor(case, effective_at=from_now(hours=-7.5), **ends)
    made = read(world.by("ocha").post("/v1/corridors", body), 201)
    return Way(world=world, case=case, id=made["id"])


@dataclass(frozen=True, kw_only=True)
class Say:
    """Somebody states a position, perhaps late, relayed, limited or about old terms."""

    organisation: str
    stance: Stance
    by: str
    hours: float | None
    is_stale: bool
    holds_hours: float | None

    def __call__(self, stage: Stage) -> Taken:
        """State it."""
        case = stage.case
        present = case.read()
        body: dict[str, Any] = {
            "organisation": self.organisation,
            "position": self.stance.value,
            "revision": present["revision"],
            "terms_hash": "ab" * 32 if self.is_stale else present["terms_hash"],
            "form": "letter",
            "conditions": "once the mines are cleared",
            "sources": [stage.world.source()],
            **_without_none(
                stated_at=from_now(hours=-self.hours) if self.hours else None,
                valid_until=from_now(hours=self.holds_hours) if self.holds_hours else None,
                relayed_by=SAYS.get(self.by, "UNHCR")
                if SAYS.get(self.by) != self.organisation
                else None,
            ),
        }
        if self.stance is not Stance.CONDITIONAL:
            del body["conditions"]
        answer = case.post("/positions", body, who=self.by)
        stops = self.stance in REFUSALS and self.organisation in CONSENTING
        return Taken(answer=answer, stops=stops)


@dataclass(frozen=True, kw_only=True)
class Attest:
    """Somebody stands behind one of the statements."""

    which: int
    by: str

    def __call__(self, stage: Stage) -> Taken:
        """Attest it."""
        items = stage.case.read("/positions", limit=1000)["items"]
        below = f"/positions/{items[self.which % len(items)]['id']}/attestations"
        return Taken(answer=stage.case.post(below, {}, who=self.by))


@dataclass(frozen=True, kw_only=True)
class AllConfirm:
    """Everyone whose consent is needed confirms the terms as they are."""

    def __call__(self, stage: Stage) -> Taken:
        """Confirm them."""
        answers = [stage.case.confirm(who) for who in ("mod", "ukraine", "icrc")]
        return Taken(answer=answers[-1])


@dataclass(frozen=True, kw_only=True)
class AllAgree:
    """Everybody agrees all terms anew, as they were."""

    def __call__(self, stage: Stage) -> Taken:
        """Settle them."""
        return Taken(answer=stage.case.change("PUT", "/terms", {"terms": all_agreed()}))


@dataclass(frozen=True, kw_only=True)
class GoOn:
    """Whatever stopped, everybody confirms again and all is opened again, as far as it may be."""

    def __call__(self, stage: Stage) -> Taken:
        """Open it."""
        AllConfirm()(stage)
        stage.case.to("in_force")
        return Taken(answer=[way.to("open") for way in stage.ways][-1])


@dataclass(frozen=True, kw_only=True)
class Settle:
    """A term is settled or opened again."""

    key: TermKey
    state: TermState
    hours: float | None

    def __call__(self, stage: Stage) -> Taken:
        """Put it."""
        body = {"state": self.state.value, "text": "As told", **stage.ago(self.hours)}
        return Taken(answer=stage.case.change("PUT", f"/terms/{self.key.value}", body))


@dataclass(frozen=True, kw_only=True)
class AddWindow:
    """A window is added, for all or for one corridor."""

    begins: float
    lasts: float
    way: int | None

    def __call__(self, stage: Stage) -> Taken:
        """Add it."""
        body = {
            "starts_at": from_now(hours=self.begins),
            "ends_at": from_now(hours=self.begins + self.lasts),
        }
        if self.way is not None:
            body["corridor"] = stage.ways[self.way].id
        return Taken(answer=stage.case.change("POST", "/windows", body))


@dataclass(frozen=True, kw_only=True)
class TellWindow:
    """It is told what became of a window, or it is given to a corridor."""

    which: int
    change: WindowStatus | int

    def __call__(self, stage: Stage) -> Taken:
        """Tell it."""
        items = stage.case.read("/windows")["items"]
        below = f"/windows/{items[self.which % len(items)]['id']}"
        if isinstance(self.change, WindowStatus):
            body = {"status": self.change.value}
        else:
            body = {"corridor": stage.ways[self.change].id}
        return Taken(answer=stage.case.change("PATCH", below, body))


@dataclass(frozen=True, kw_only=True)
class Move:
    """A status of the agreement is wished for, perhaps late or in place of another."""

    to: Status | None
    by: str
    hours: float | None
    corrects: int | None = None

    def __call__(self, stage: Stage) -> Taken:
        """Ask for it."""
        case = stage.case
        body: dict[str, Any] = {
            "to": self.to,
            "reason": "as_told",
            "ceasefire_effective_at": from_now(hours=-4.5),
            "sources": [stage.world.source()],
            "movements_statement": "unknown",
            "counts_statement": "unknown",
            "purpose_met": True,
            **stage.ago(self.hours),
            **_corrected(case.read("/status-changes", limit=1000)["items"], self.corrects),
        }
        answer = case.change("POST", "/status-changes", body, who=self.by)
        stopping = {Status.SUSPENDED, Status.COLLAPSED, Status.WITHDRAWN, Status.REJECTED}
        taken = answer.status_code == 201 and answer.json()["changes_status"]
        return Taken(answer=answer, stops=taken and self.to in stopping)


@dataclass(frozen=True, kw_only=True)
class MoveWay:
    """A status of a corridor is wished for, perhaps late or in place of another."""

    way: int
    to: CorridorStatus | None
    by: str
    hours: float | None
    corrects: int | None = None

    def __call__(self, stage: Stage) -> Taken:
        """Ask for it."""
        way = stage.ways[self.way]
        body = {
            **stage.ago(self.hours),
            **_corrected(way.read("/status-changes", limit=1000)["items"], self.corrects),
        }
        return Taken(answer=_to(way, self.to, self.by, body))


@dataclass(frozen=True, kw_only=True)
class EditWay:
    """Something of a corridor changes: of its route, or of who may see it."""

    way: int
    change: tuple[tuple[str, Any], ...]
    hours: float | None

    def __call__(self, stage: Stage) -> Taken:
        """Change it."""
        body = dict(self.change) | stage.ago(self.hours)
        return Taken(answer=stage.ways[self.way].edit(**body))


@dataclass(frozen=True, kw_only=True)
class MoveSite:
    """The place from which a corridor leads, or where it ends, lies elsewhere."""

    way: int
    by_degrees: float
    hours: float | None

    def __call__(self, stage: Stage) -> Taken:
        """Move it."""
        voice = stage.world.by("ocha")
        way = stage.ways[self.way].read()
        path = f"/v1/sites/{way['from_site'] or way['to_site']}"
        point = {"type": "Point", "coordinates": [37.608 + self.by_degrees, 47.097]}
        body = {"geometry": point, **stage.ago(self.hours)}
        tag = voice.get(path).headers["ETag"]
        return Taken(answer=voice.call("PATCH", path, body, if_match=tag))


def _to(way: Way, to: CorridorStatus | None, by: str, body: dict[str, Any]) -> Response:
    body = {"to": to, "reason": "as_told", **body}
    return way.by(by).call("POST", f"{way.path}/status-changes", body, if_match=way.tag(by))


def _corrected(items: list[Any], which: int | None) -> dict[str, Any]:
    if which is None:
        return {}
    return {"corrects": [items[which % len(items)]["id"]]}


def _without_none(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


hours = st.sampled_from([None, None, None, 0.5, 1.5, 3, 3.75, 5])
desks = st.sampled_from([*DESKS, "ocha", "ocha"])
either = st.sampled_from([0, 1])
which = st.integers(-3, 6)
maybe = st.none() | st.none() | which

says = st.builds(
    Say,
    organisation=st.sampled_from(CONSENTING),
    stance=st.sampled_from([*Stance, Stance.CONFIRMED, Stance.CONFIRMED]),
    by=desks,
    hours=hours,
    is_stale=st.sampled_from([False, False, False, True]),
    holds_hours=st.sampled_from([None, None, -1.0, 2.0]),
)
refusals = st.builds(
    Say,
    organisation=st.sampled_from(CONSENTING),
    stance=st.sampled_from(REFUSALS),
    by=desks,
    hours=hours,
    is_stale=st.booleans(),
    holds_hours=st.none(),
)
moves = st.builds(
    Move,
    to=st.sampled_from([*Status, None, *[Status.IN_FORCE] * 3]),
    by=desks,
    hours=hours,
    corrects=maybe,
)
stops = st.builds(
    Move,
    to=st.sampled_from([Status.SUSPENDED, Status.SUSPENDED, Status.COLLAPSED]),
    by=desks,
    hours=hours,
)
openings = st.builds(
    MoveWay,
    way=either,
    to=st.sampled_from([CorridorStatus.OPEN, CorridorStatus.RESTRICTED]),
    by=st.sampled_from(["ocha", "icrc"]),
    hours=hours,
)
ways = st.builds(
    MoveWay,
    way=either,
    to=st.sampled_from([*CorridorStatus, None, CorridorStatus.SUSPENDED]),
    by=desks,
    hours=hours,
    corrects=maybe,
)
edits = st.builds(
    EditWay,
    way=either,
    change=st.sampled_from(
        [
            (("width_m", 300),),
            (("from_site", None),),
            (("geometry", None),),
            (("name", "Another name"),),
            (("sensitivity", "severe"),),
            (("sensitivity", "low"),),
            (("mine_clearance", "known"),),
        ]
    ),
    hours=hours,
)
windows = st.one_of(
    st.builds(
        AddWindow,
        begins=st.sampled_from([-2, -0.5, 7, 30]),
        lasts=st.sampled_from([1, 5]),
        way=st.none() | either,
    ),
    st.builds(TellWindow, which=which, change=st.sampled_from([*WindowStatus, 0, 1])),
)
terms = st.one_of(
    st.builds(AllAgree),
    st.builds(
        Settle,
        key=st.sampled_from(TermKey),
        state=st.sampled_from([TermState.AGREED, TermState.OPEN]),
        hours=hours,
    ),
    st.builds(MoveSite, way=either, by_degrees=st.sampled_from([0.001, 0.2]), hours=hours),
)
support = st.builds(AllConfirm) | st.builds(Attest, which=which, by=desks)
_kinds: list[st.SearchStrategy[Step]] = [
    says, refusals, stops, moves, openings, ways, edits, windows, terms, support,
    *[st.builds(GoOn)] * 3,
]  # fmt: skip
steps: st.SearchStrategy[Step] = st.one_of(_kinds)
