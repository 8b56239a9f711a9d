"""Sixteen writers who never give up, and a journal of what they were told."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from app.demo.organisations import ICRC, MOD, UKRAINE
from tests.faults.passage import SPEAKERS, Passage
from tests.faults.wire import Answer, Lost, Wire
from tests.faults.world import World

WRITERS = 16
_DESKS = (("coordinator-ocha", "UN OCHA"), ("coordinator-icrc", "ICRC"))
_PATIENCE_S = 90.0
_RECENT = 6
"""How many agreements are written to at a time: few, so that writers meet."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """One request; `mark` is a text that its event holds, and no other event."""

    method: str
    path: str
    body: dict[str, Any]
    mark: str
    token: str
    if_match: int | None = None
    key: str = field(default_factory=lambda: str(uuid4()))


@dataclass(frozen=True, kw_only=True)
class Acknowledged:
    """A wish that was answered with a status below 300."""

    wish: Wish
    subject: UUID
    version: int
    id: UUID | None


@dataclass(kw_only=True)
class Journal:
    """What the writers were told.

    Attributes:
        refused: wishes that were answered with 4xx; they must have had no effect.
        wrong: answers that must never be given, in sentences.
        unknown: how often an answer was lost or the service said that it does not know.
        away: how often the service said that nothing was stored.
    """

    acknowledged: list[Acknowledged] = field(default_factory=list)
    refused: list[Wish] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    unknown: int = 0
    away: int = 0


@dataclass(kw_only=True)
class Writers:
    """Sixteen at work on the same few agreements, and on those with open corridors."""

    port: int
    world: World
    passages: Sequence[Passage]
    journal: Journal = field(default_factory=Journal)
    _agreements: list[str] = field(default_factory=list)

    async def write_while(self, something: Callable[[], None]) -> None:
        """Write until `something` (in a thread) has happened and every wish has its answer."""
        over = asyncio.Event()
        tasks = [asyncio.create_task(self._write(number, over)) for number in range(WRITERS)]
        try:
            await asyncio.to_thread(something)
        finally:
            over.set()
            await asyncio.gather(*tasks)

    async def _write(self, number: int, over: asyncio.Event) -> None:
        chance = random.Random(number + len(self.journal.acknowledged))
        name, desk = _DESKS[number % len(_DESKS)]
        wire = Wire(port=self.port, token=self.world.tokens[name])
        while not over.is_set():
            wish = await self._choose(wire, desk, chance)
            if wish is not None:
                await self._fulfil(wire, wish)
        wire.close()

    async def _choose(self, wire: Wire, desk: str, chance: random.Random) -> Wish | None:
        mark = f"mark-{uuid4()}"
        kind = chance.choices(
            ("propose", "state", "settle", "move", "stop", "go on"), (2, 3, 2, 2, 1, 9)
        )[0]
        if kind in ("stop", "go on"):
            passage = chance.choice(self.passages)
            if kind == "stop":
                return self._stop(wire, desk, chance, passage, mark)
            return await self._go_on(wire, chance, passage, mark)
        if kind == "propose" or not self._agreements:
            body = self.world.proposal(mark)
            return Wish(
                method="POST", path="/v1/agreements", body=body, mark=mark, token=wire.token
            )
        agreement = chance.choice(self._agreements[-_RECENT:])
        path = f"/v1/agreements/{agreement}"
        if kind == "state":
            body = self.world.position(mark) | {"relayed_by": desk}
            path += "/positions"
            return Wish(method="POST", path=path, body=body, mark=mark, token=wire.token)
        return await self._on_version(wire, path, kind, mark)

    async def _on_version(self, wire: Wire, path: str, kind: str, mark: str) -> Wish | None:
        """Choose what needs the present version: read it first, as clients do."""
        try:
            seen = await wire.ask("GET", path)
        except Lost:
            await asyncio.sleep(0.05)
            return None
        if seen.status != 200:
            return None
        if kind == "settle":
            body = {"state": "proposed", "text": mark}
            method, path = "PUT", f"{path}/terms/purpose"
        else:
            body = {"reason": "talks_held", "note": mark, **self._move(seen.json)}
            method, path = "POST", f"{path}/status-changes"
        return Wish(
            method=method,
            path=path,
            body=body,
            mark=mark,
            token=wire.token,
            if_match=seen.version,
        )

    def _stop(
        self, wire: Wire, desk: str, chance: random.Random, passage: Passage, mark: str
    ) -> Wish:
        """Choose a stop: of an agreement, of one corridor, or by a party that withdraws."""
        body: dict[str, Any] = {"to": "suspended", "note": mark}
        path = f"/v1/agreements/{passage.agreement}/status-changes"
        token = wire.token
        kind = chance.choice(("agreement", "corridor", "position"))
        if kind == "agreement":
            token = self.world.tokens[SPEAKERS[MOD]]  # which then must confirm again
        elif kind == "corridor":
            path = f"/v1/corridors/{chance.choice(passage.corridors)}/status-changes"
        elif kind == "position":
            path = f"/v1/agreements/{passage.agreement}/positions"
            withdrawn = {"position": "withdrawn", "relayed_by": desk}
            body = self.world.position(mark, organisation=chance.choice((MOD, UKRAINE))) | withdrawn
        return Wish(method="POST", path=path, body=body, mark=mark, token=token)

    async def _go_on(
        self, wire: Wire, chance: random.Random, passage: Passage, mark: str
    ) -> Wish | None:
        """Choose what is needed next so that all corridors of an agreement are open again."""
        path = f"/v1/agreements/{passage.agreement}"
        corridor = f"/v1/corridors/{chance.choice(passage.corridors)}"
        try:
            seen = await wire.ask("GET", path)
            ready = await wire.ask("GET", f"{path}/readiness")
            way = await wire.ask("GET", corridor)
        except Lost:
            await asyncio.sleep(0.05)
            return None
        if {seen.status, ready.status, way.status} != {200}:
            return None
        missing = [p["organisation"] for p in ready.json["positions"] if not p["counts"]]
        silent = [o for o in (MOD, UKRAINE, ICRC) if self.world.organisations[o] in missing]
        if silent:
            return self._confirm(path, silent[0], seen.json, mark)
        to, where, version = "open", corridor, way.version
        if seen.json["status"] != "in_force":
            if chance.random() < 0.5:
                return self._confirm(path, MOD, seen.json, mark)
            to, where, version = "in_force", path, seen.version
        elif way.json["status"] in ("open", "restricted"):
            return None
        return Wish(
            method="POST",
            path=f"{where}/status-changes",
            body={"to": to, "reason": "as_agreed", "note": mark},
            mark=mark,
            token=wire.token,
            if_match=version,
        )

    def _confirm(self, path: str, organisation: str, seen: dict[str, Any], mark: str) -> Wish:
        said = {
            "organisation": organisation,
            "position": "confirmed",
            "revision": seen["revision"],
            "terms_hash": seen["terms_hash"],
            "form": "letter",
            "note": mark,
        }
        token = self.world.tokens[SPEAKERS[organisation]]
        return Wish(method="POST", path=f"{path}/positions", body=said, mark=mark, token=token)

    def _move(self, agreement: dict[str, Any]) -> dict[str, Any]:
        if agreement["status"] == "proposed":
            return {"to": "in_talks"}
        return {"to": "superseded", "successor": self._agreements[-1]}

    async def _fulfil(self, wire: Wire, wish: Wish) -> None:
        """Send a wish until its answer is certain, always under the same key."""
        until = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until:
            try:
                answer = await wire.ask(
                    wish.method,
                    wish.path,
                    wish.body,
                    key=wish.key,
                    if_match=wish.if_match,
                    token=wish.token,
                )
            except Lost:
                self.journal.unknown += 1
            else:
                if self._certain(wish, answer):
                    return
            await asyncio.sleep(0.05)
        self.journal.wrong.append(f"{wish.path} had no certain answer for {_PATIENCE_S} s")

    def _certain(self, wish: Wish, answer: Answer) -> bool:
        if answer.status < 300:
            self._note(wish, answer)
        elif answer.status == 503:
            unknown = answer.json["type"] == "/problems/outcome-unknown"
            self.journal.unknown += unknown
            self.journal.away += not unknown
            return False
        elif answer.status in {409, 412, 422}:
            self.journal.refused.append(wish)
            if answer.json["type"] == "/problems/idempotency-conflict":
                self.journal.wrong.append("a key was not known again")
        else:
            self.journal.wrong.append(f"{wish.path} was answered {answer.status}: {answer.body!r}")
        return True

    def _note(self, wish: Wish, answer: Answer) -> None:
        told = answer.json
        new = wish.path == "/v1/agreements"
        if new:
            self._agreements.append(told["id"])
        self.journal.acknowledged.append(
            Acknowledged(
                wish=wish,
                subject=UUID(told["id"] if new else wish.path.split("/")[3]),
                version=answer.version,
                id=UUID(told["id"]) if "id" in told else None,
            )
        )
