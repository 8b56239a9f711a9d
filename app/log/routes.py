"""The log over HTTP: the checkpoint, entries and tiles (C2SP tlog-tiles), and proofs."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse
from pydantic import BeforeValidator

from app.access.caller import CurrentCaller, require_role
from app.db.session import reading
from app.http.deps import Db, Page
from app.http.found import found, refused
from app.http.paging import Listing, page_of
from app.http.problems import not_found
from app.http.route import StrictRoute
from app.http.schema import IdIn
from app.http.streamed import Streamed, in_threads
from app.log import export, service
from app.log.addresses import read_level, read_tile
from app.log.schemas import ConsistencyOut, EntryOut, InclusionOut

router = APIRouter(route_class=StrictRoute, tags=["ledger"])
PATH = "/v1/ledger"
_DIGITS = 15


def _read_size(value: object) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise refused(f"found {found(value)}, expected a whole number")
    return int(text)


SizeIn = Annotated[int, BeforeValidator(_read_size)]


@router.get(PATH + "/checkpoint", response_class=PlainTextResponse)
def read_checkpoint(request: Request, caller: CurrentCaller, db: Db) -> PlainTextResponse:
    """Give the last checkpoint: a signed note (C2SP tlog-checkpoint) with its cosignatures.

    For auditors and witnesses; it tells how many events there are.
    """
    require_role(caller)
    return PlainTextResponse(str(service.shown(db, request.app.state.log_files)))


@router.get(PATH + "/export", response_class=StreamingResponse)
def export_history(request: Request, caller: CurrentCaller, db: Db) -> Streamed:
    """Give the whole log in one file, as `docs/reference/export.md` describes it. For auditors.

    Of events of other operations it holds the leaf hashes, so that the root still verifies. It ends
    at the last checkpoint that a witness vouched for, or at the last one where none did. One that
    breaks off has no last line; verify it before you rely on it.
    """
    require_role(caller)
    state = request.app.state
    note = service.exportable(db, state.log_files)
    read = partial(reading, state.engine)
    make = partial(export.export, read, note, export.reads(caller), datetime.now(UTC))
    pieces = in_threads(make, partial(state.gates.turn, reads=True))
    headers = {"Content-Disposition": 'attachment; filename="history.jsonl"'}
    return Streamed(pieces, headers, "application/x-ndjson", reader=caller.principal)


@router.get(PATH + "/entries")
def list_entries(
    request: Request, response: Response, caller: CurrentCaller, db: Db, wish: Page
) -> Listing[EntryOut]:
    """List the entries of the log in their order. For auditors.

    Of events of other operations there is only the leaf hash, with which roots are computed.
    """
    rows = service.entries(db, caller, wish)
    return page_of(
        request,
        response,
        wish,
        rows,
        key=lambda row: (row.leaf_index,),
        show=lambda row: EntryOut(
            index=row.leaf_index,
            event=row.event_id,
            leaf_hash=row.leaf_hash.hex(),
            record=None if row.record is None else row.record.decode(),
        ),
    )


@router.get(PATH + "/proofs/inclusion")
def prove_inclusion(
    caller: CurrentCaller,
    db: Db,
    event: Annotated[IdIn, Query(description="the event's id")],
    size: Annotated[
        SizeIn | None, Query(description="of the tree; default: the last one signed")
    ] = None,
) -> InclusionOut:
    """Prove that an event is in the log under a checkpoint. For auditors who may read it."""
    proved = service.inclusion(db, caller, event, size)
    return InclusionOut(
        event=event,
        index=proved.index,
        size=proved.size,
        leaf_hash=proved.leaf_hash.hex(),
        proof=[each.hex() for each in proved.proof],
        root=proved.root.hex(),
    )


@router.get(PATH + "/proofs/consistency")
def prove_consistency(
    caller: CurrentCaller,
    db: Db,
    first: Annotated[SizeIn, Query(alias="from", description="the smaller size, from 1")],
    second: Annotated[
        SizeIn | None, Query(alias="to", description="the larger; default: the last one signed")
    ] = None,
) -> ConsistencyOut:
    """Prove that the log only grew between two sizes. For auditors and witnesses."""
    to, proof = service.consistency(db, first, second)
    return ConsistencyOut(from_=first, to=to, proof=[each.hex() for each in proof])


@router.get(PATH + "/tile/entries/{tile:path}", response_class=Response)
def read_entries_tile(tile: str, caller: CurrentCaller, db: Db) -> Response:
    """Give a bundle of records (C2SP tlog-tiles), each after its length in two bytes.

    For auditors who may read all of them.
    """
    require_role(caller)
    asked = read_tile(tile)
    if asked is None:
        raise not_found()
    records = service.bundle(db, caller, *asked)
    body = b"".join(len(each).to_bytes(2, "big") + each for each in records)
    return Response(body, media_type="application/octet-stream")


@router.get(PATH + "/tile/{level}/{tile:path}", response_class=Response)
def read_hash_tile(level: str, tile: str, caller: CurrentCaller, db: Db) -> Response:
    """Give a tile of hashes (C2SP tlog-tiles), 32 bytes each. For auditors."""
    require_role(caller)
    asked, on = read_tile(tile), read_level(level)
    if asked is None or on is None:
        raise not_found()
    body = b"".join(service.tile(db, on, *asked))
    return Response(body, media_type="application/octet-stream")
