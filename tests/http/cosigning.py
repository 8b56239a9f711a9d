"""A witness of the log that a test's service keeps: its token, its key, what it hands in."""

import time
from typing import Any
from uuid import uuid4

from httpx2 import Response

from app.domain.note import COSIGNATURE, Note, Signer, new_signer, read_checkpoint, read_note
from tests.http.world import ICRC, World, read

PATH = "/v1/ledger/cosignatures"
CHECKPOINT = "/v1/ledger/checkpoint"


def given_witness(world: World, organisation: str = ICRC) -> str:
    """Issue a token of the role witness, and give the name of its voice."""
    name = f"witness-{uuid4().hex[:8]}"
    world.token(name, organisation, "witness", name)
    return name


def given_key(name: str = "icrc.example/witness") -> Signer:
    """Make the key of a witness."""
    return new_signer(name, COSIGNATURE)


def checkpoint(world: World, who: str) -> Note:
    """Give the last checkpoint as a witness or auditor gets it."""
    answer = world.by(who).get(CHECKPOINT)
    assert answer.status_code == 200, answer.text
    return read_note(answer.text)


def settled_checkpoint(world: World, who: str) -> Note:
    """Give the checkpoint that covers all events, once it is signed."""
    deadline = time.monotonic() + 30
    while read_checkpoint(note := checkpoint(world, who)).size < world.events():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return note


def offer(note: Note, key: Signer, *, ahead: int = 0) -> dict[str, Any]:
    """Cosign a checkpoint with a clock that is so many seconds ahead."""
    line = key.sign(note.text, time=int(time.time()) + ahead).line().removesuffix("\n")
    return {"checkpoint": str(note), "vkey": key.verifier.vkey, "cosignature": line}


def hand_in(world: World, who: str, body: dict[str, Any]) -> Response:
    """Hand in a cosignature."""
    return world.by(who).post(PATH, body)


def published_event(world: World) -> None:
    """Let the log grow by one event."""
    read(world.by("ocha").post("/v1/sources", _SOURCE), 201)


_SOURCE = {
    "operation": "mariupol-2022",
    "publisher": "United Nations",
    "title": "Readout",
    "kind": "un",
}
