"""Cosignatures over HTTP: a witness hands in what it vouches for."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from app.access.caller import CurrentCaller
from app.domain.note import LARGEST_NOTE
from app.http.deps import Db, Now
from app.http.route import StrictRoute
from app.http.schema import Body, InstantOut
from app.log import cosignatures

router = APIRouter(route_class=StrictRoute, tags=["ledger"])
PATH = "/v1/ledger/cosignatures"
_VKEY = "icrc.example/witness+f2c1a1f7+BCEjJ1LpvwKQCx3jLTHBYgHMrM1zyG6gVbyh5IVqzRBI"
_LINE = "— icrc.example/witness 8sGh9wAAAABiaBDg…"
_EXAMPLE: dict[str, Any] = {
    "checkpoint": "ocha.example/safe-passage\n97\nrqXzlG…\n\n— ocha.example/safe-passage 5Iyk…\n",
    "vkey": _VKEY,
    "cosignature": _LINE,
}
_KEPT: dict[str, Any] = {
    "size": 97,
    "vkey": _VKEY,
    "cosignature": _LINE,
    "time": "2022-04-26T15:00:00.000000Z",
    "received_at": "2022-04-26T15:00:01.250000Z",
}

Text = Annotated[str, Field(max_length=LARGEST_NOTE)]


class NewCosignature(Body):
    """A cosignature (C2SP tlog-cosignature), with all that proves it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    checkpoint: Text = Field(description="the note, as /v1/ledger/checkpoint gave it")
    vkey: Text = Field(description="the public key that cosigned, as C2SP signed-note has it")
    cosignature: Text = Field(description="the line that stands below the note")


class CosignatureOut(BaseModel):
    """A cosignature that is kept."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [_KEPT]})

    size: int = Field(description="how many entries the checkpoint covers")
    vkey: str
    cosignature: str
    time: InstantOut = Field(description="as the witness said")
    received_at: InstantOut


@router.post(PATH, status_code=201)
def add_cosignature(
    response: Response, body: NewCosignature, caller: CurrentCaller, db: Db, now: Now
) -> CosignatureOut:
    """Vouch for a checkpoint that the witness found consistent with all that it saw before.

    Of each key the first cosignature of a checkpoint is kept, and shown below the checkpoint; one
    that is handed in again is answered 200. Its time is within five minutes of the present, and a
    token has at most 20 keys. It needs no `Idempotency-Key`. For witnesses.
    """
    offered = cosignatures.read_offered(body.checkpoint, body.vkey, body.cosignature)
    kept, is_new = cosignatures.take(db, offered, by=caller.actor, now=now)
    if not is_new:
        response.status_code = 200
    return CosignatureOut(
        size=kept.size,
        vkey=kept.vkey,
        cosignature=kept.line,
        time=kept.time,
        received_at=kept.received_at,
    )
